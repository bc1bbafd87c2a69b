import { Link } from 'wouter-preact';
import { inWords, withTime } from '../dates.ts';
import { PEOPLE } from '../delegation/paths.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure, Refusal } from '../ui/failure.tsx';
import { AdministratorBadge, ArrowLeft, Check, Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { lazily } from '../ui/lazy.tsx';
import { AccountActions, ActionsFields } from './actions.tsx';
import { Details, DetailsFields } from './details.tsx';
import { Rights, RightsFields } from './rights.tsx';
import { StatusTag } from './status.tsx';
import { texts } from './texts.ts';
import './user.css';

const AccountQuery = graphql(`
  query Account($id: ID!) {
    node(id: $id) {
      __typename
      ... on User {
        id identifier firstName lastName profile status createdAt lastLoginAt expiresOn expiresSoon hasSecondFactor rightsToReviewSince
        delegatedAccess { id delegataire { id name } }
        establishment { id }
        ...DetailsFields
        ...RightsFields
        ...ActionsFields
      }
    }
  }
`, [DetailsFields, RightsFields, ActionsFields]);

const AccountActivity = lazily(async () => (await import('../journal/account.tsx')).default, 'section');

type User = Extract<NonNullable<ResultOf<typeof AccountQuery>['node']>, { __typename: 'User' }>;
/** Establishments named on an account's screen, of two or two thousand. */
const NAMED = 10;
const words = texts.account;

/** Where one came from: the list with its filters. */
function listPath(list: string): string {
  const from = (history.state as { from?: unknown } | null)?.from;
  return typeof from === 'string' ? from : list;
}

interface AccountProps {
  id: string;
  tab: string | undefined;
  /** Where accounts are, the list one comes back to, and its words: operators have theirs. */
  base?: string;
  list?: string;
  back?: string;
}

/** One account, in three tabs that are links: « Coordonnées », « Ses Droits » and « Activité ». */
export function Account({ id, tab, base = '/etablissement/comptes', list = base, back: backTo = words.back }: AccountProps) {
  const { actingFor } = useViewer();
  const { data, error, again } = useAnswer(AccountQuery, { id });
  const user = data?.node?.__typename === 'User' ? data.node : undefined;
  const back = <p class="above"><Link href={listPath(list)}><ArrowLeft /> {backTo}</Link></p>;
  if (tab && tab !== 'droits' && tab !== 'activite') return <NotFound />;
  if (!user) {
    return <Page title={words.section} above={back}>{error && !data ? <Failure error={error} again={again} /> : data ? <Refusal kind="missing" /> : <Waiting />}</Page>;
  }
  const name = `${user.firstName} ${user.lastName}`;
  const path = `${base}/${encodeURIComponent(id)}`;
  const state: unknown = history.state;
  const isManager = !!actingFor?.viewerAccess.canManageAccounts && actingFor.id === user.establishment.id && user.status !== 'DELETED';
  return (
    <Page key={user.id} title={name} above={back} documentTitle={tab ? `${tab === 'droits' ? words.rights : words.activity}, ${name}` : name}
      beside={<span class="title-tags">{user.profile === 'ADMINISTRATOR' && <AdministratorBadge label={texts.profile.ADMINISTRATOR.toLowerCase()} />} <StatusTag status={user.status} /></span>}>
      {user.status && texts.statusHelp[user.status] && <p class="notice"><Info /> <span>{texts.statusHelp[user.status]}</span></p>}
      <nav class="views" aria-label={words.tabs}>
        <ul>
          <li><Link href={path} state={state} aria-current={tab ? undefined : 'page'}>{words.details}</Link></li>
          <li><Link href={`${path}/droits`} state={state} aria-current={tab === 'droits' ? 'page' : undefined}>{words.rights}</Link></li>
          <li><Link href={`${path}/activite`} state={state} aria-current={tab === 'activite' ? 'page' : undefined}>{words.activity}</Link></li>
        </ul>
      </nav>
      {tab !== 'droits' && isManager && user.rightsToReviewSince && (
        <p class="notice"><Info /> <span>{texts.rights.toReview(inWords(user.rightsToReviewSince))} <Link href={`${path}/droits`} state={state}>{texts.rights.review}</Link></span></p>
      )}
      {tab === 'droits' && (state as { reopened?: unknown } | null)?.reopened === true && <p class="notice notice-good"><Check /> <span>{texts.actions.reopened(name)}</span></p>}
      {tab === 'droits' ? <Rights user={user} /> : tab === 'activite' ? <AccountActivity id={user.id} name={name} /> : <Coordinates user={user} isManager={isManager} />}
    </Page>
  );
}

function Coordinates({ user, isManager }: { user: User; isManager: boolean }) {
  return (
    <>
      <Details user={user} isManager={isManager} />
      <section class="card" aria-labelledby="account-account">
        <h2 id="account-account">{words.account}</h2>
        <dl class="facts facts-wide">
          <div><dt>{words.identifier}</dt><dd>{user.identifier}</dd></div>
          <div><dt>{words.profile}</dt><dd>{user.profile && texts.profile[user.profile]}</dd></div>
          <div><dt>{words.createdAt}</dt><dd>{user.createdAt && inWords(user.createdAt)}</dd></div>
          <div><dt>{words.lastLogin}</dt><dd>{user.lastLoginAt ? withTime(user.lastLoginAt) : words.never}</dd></div>
          <div><dt>{words.expires}</dt><dd>{user.expiresOn && inWords(user.expiresOn)} {user.expiresSoon && <span class="tag tag-warn">{texts.accounts.soon}</span>}</dd></div>
          <div><dt>{words.secondFactor}</dt><dd>{user.hasSecondFactor ? words.hasSecondFactor : words.noSecondFactor}</dd></div>
          {!!user.delegatedAccess?.length && (
            <div><dt>{words.delegated}</dt><dd><ActsFor user={user} isManager={isManager} /></dd></div>
          )}
        </dl>
      </section>
      {isManager && <AccountActions user={user} listPath={listPath('/etablissement/comptes')} />}
    </>
  );
}

/** The first establishments they act for by delegation; all of them are on a screen of their own. */
function ActsFor({ user: { id, delegatedAccess }, isManager }: { user: User; isManager: boolean }) {
  const all = delegatedAccess ?? [];
  const left = all.length - NAMED;
  return (
    <>
      <ul class="plain">
        {all.slice(0, NAMED).map((each) => <li key={each.id}>{each.delegataire.name}</li>)}
        {left > 0 && <li>{words.others(left)}</li>}
      </ul>
      {isManager && <p><Link href={`${PEOPLE}/${encodeURIComponent(id)}`}>{words.allDelegated}</Link></p>}
    </>
  );
}
