import { Route, Switch } from 'wouter-preact';
import { lazily } from '../ui/lazy.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { Edition } from './edition.tsx';
import { OperatorCourriers } from './courriers.tsx';
import { OperatorEstablishment } from './establishment.tsx';
import { OperatorEstablishments } from './establishments.tsx';
import { Find } from './find.tsx';
import { Nomination } from './nomination.tsx';
import { Account } from '../user/account.tsx';
import { Registration } from './registration.tsx';
import { texts } from './texts.ts';

const OperatorJournal = lazily(async () => (await import('../journal/operator.tsx')).default);
const Publication = lazily(async () => (await import('../terms/publication.tsx')).default);

/** The screens of operators, besides their home. */
export default function Operator() {
  return (
    <Switch>
      <Route path="/operateur/recherche"><Find /></Route>
      <Route path="/operateur/comptes/:id/:tab?">{({ id, tab }) => <Account key={id} id={decodeURIComponent(id)} tab={tab} base="/operateur/comptes" list="/operateur/recherche" back={texts.find.back} />}</Route>
      <Route path="/operateur/courriers"><OperatorCourriers /></Route>
      <Route path="/operateur/etablissements"><OperatorEstablishments /></Route>
      <Route path="/operateur/etablissements/nouveau"><Registration /></Route>
      <Route path="/operateur/etablissements/:id/modifier">{({ id }) => <Edition key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements/:id/administrateur">{({ id }) => <Nomination key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/etablissements/:id">{({ id }) => <OperatorEstablishment key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/operateur/journal"><OperatorJournal /></Route>
      <Route path="/operateur/cgu"><Publication /></Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}
