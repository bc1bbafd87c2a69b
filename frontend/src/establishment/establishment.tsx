import type { ComponentChildren } from 'preact';
import { Link, Route, Switch, useLocation } from 'wouter-preact';
import { lazily } from '../ui/lazy.tsx';
import { useViewer } from '../session/session.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { Account } from '../user/account.tsx';
import { Accounts } from '../user/accounts.tsx';
import { BulkRights } from '../user/bulk-rights.tsx';
import { Creation } from '../user/creation.tsx';
import { Import } from '../user/import.tsx';
import { Matrix } from '../user/matrix.tsx';
import { Renewal } from '../user/renewal.tsx';
import { Information } from './information.tsx';
import { Services } from './services.tsx';
import { texts } from './texts.ts';
import './establishment.css';

const TermsHistory = lazily(async () => (await import('../terms/history.tsx')).default);
const ServicesToReview = lazily(async () => (await import('../service/review.tsx')).default);
const Delegations = lazily(async () => (await import('../delegation/delegations.tsx')).Delegations);
const RequestedDelegations = lazily(async () => (await import('../delegation/requested.tsx')).default);
const DelegationRequest = lazily(async () => (await import('../delegation/request/screen.tsx')).default);
const DelegationMembers = lazily(async () => (await import('../delegation/members/choosing.tsx')).default);
const DelegationPeople = lazily(async () => (await import('../delegation/members/people.tsx')).default);
const DelegationPerson = lazily(async () => (await import('../delegation/members/person.tsx')).default);
const Delegation = lazily(async () => (await import('../delegation/delegation.tsx')).Delegation);
const EstablishmentActivity = lazily(async () => (await import('../journal/establishment.tsx')).default);

/** « Mon établissement »: its menu on the left, one of its screens beside. */
export default function Establishment() {
  const { actingFor } = useViewer();
  const access = actingFor?.viewerAccess;
  return (
    <div class="with-menu">
      <nav class="side-menu" aria-label={texts.menu}>
        <p class="side-menu-title">{texts.section}</p>
        <ul>
          <Entry href="/etablissement" isExact>{texts.information.title}</Entry>
          {access?.canManageAccounts && <Entry href="/etablissement/comptes">{texts.accounts}</Entry>}
          {access?.canManageAccounts && <Entry href="/etablissement/activite">{texts.activity}</Entry>}
          <Entry href="/etablissement/services">{texts.services.title}</Entry>
          {!access?.through && <Entry href="/etablissement/conditions">{texts.terms}</Entry>}
          {!access?.through && <Entry href="/etablissement/delegations">{texts.delegations}</Entry>}
        </ul>
      </nav>
      <Switch>
        <Route path="/etablissement"><Information /></Route>
        <Route path="/etablissement/comptes"><Accounts /></Route>
        <Route path="/etablissement/comptes/nouveau"><Creation /></Route>
        <Route path="/etablissement/comptes/import"><Import /></Route>
        <Route path="/etablissement/comptes/a-renouveler"><Renewal /></Route>
        <Route path="/etablissement/comptes/tableau"><Matrix /></Route>
        <Route path="/etablissement/comptes/droits"><BulkRights /></Route>
        <Route path="/etablissement/comptes/:id/:tab?">{({ id, tab }) => <Account key={id} id={decodeURIComponent(id)} tab={tab} />}</Route>
        <Route path="/etablissement/activite"><EstablishmentActivity /></Route>
        <Route path="/etablissement/services"><Services /></Route>
        <Route path="/etablissement/services/a-revoir"><ServicesToReview /></Route>
        <Route path="/etablissement/conditions"><TermsHistory /></Route>
        <Route path="/etablissement/delegations">{actingFor?.isCentralisateur ? <RequestedDelegations /> : <Delegations />}</Route>
        <Route path="/etablissement/delegations/recues"><Delegations /></Route>
        <Route path="/etablissement/delegations/demander"><DelegationRequest /></Route>
        <Route path="/etablissement/delegations/membres"><DelegationMembers /></Route>
        <Route path="/etablissement/delegations/personnes"><DelegationPeople /></Route>
        <Route path="/etablissement/delegations/personnes/:id">{({ id }) => <DelegationPerson key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/etablissement/delegations/:id/:tab?">{({ id, tab }) => <Delegation key={id} id={decodeURIComponent(id)} tab={tab} />}</Route>
        <Route><NotFound /></Route>
      </Switch>
    </div>
  );
}

function Entry({ href, isExact, children }: { href: string; isExact?: boolean; children: ComponentChildren }) {
  const [path] = useLocation();
  const current = path === href ? 'page' : !isExact && path.startsWith(`${href}/`) ? 'true' : undefined;
  return <li><Link href={href} aria-current={current}>{children}</Link></li>;
}
