import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { BulkBar, BulkOutcome, TickAll, tickColumn, useSelection } from './selection.tsx';
import { StatusTag } from './status.tsx';
import { texts } from './texts.ts';
import './user.css';

const AccountsQuery = graphql(`
  query Accounts($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter, $orderBy: UserOrder) {
    services { code label }
    viewer {
      actingFor {
        id name
        users(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { id firstName lastName identifier email emailBounces profile status lastLoginAt expiresOn expiresSoon rightsToReviewSince } }
        }
      }
    }
  }
`);

const AdministratorsQuery = graphql(`
  query WhoManagesAccounts { viewer { actingFor { id administrators { id firstName lastName } } } }
`);

type Row = NonNullable<NonNullable<ResultOf<typeof AccountsQuery>['viewer']>['actingFor']>['users']['edges'][number]['node'];
type Filter = NonNullable<VariablesOf<typeof AccountsQuery>['filter']>;
const words = texts.accounts;
const STATUSES = ['INVITED', 'ACTIVE', 'LOCKED', 'EXPIRED'] as const;
const PROFILES = ['ADMINISTRATOR', 'USER'] as const;
const ORDERS = ['NAME_ASC', 'EXPIRES_ASC', 'LAST_LOGIN_DESC', 'CREATED_DESC'] as const;

/** « Gestion des comptes », for administrators; for others, who they are. */
export function Accounts() {
  const access = useViewer().actingFor?.viewerAccess;
  return access?.canManageAccounts ? <List /> : <Reserved isThrough={!!access?.through} />;
}

function List() {
  const address = useAddress();
  const { params } = address;
  const orderBy = ORDERS.find((order) => order === params.get('tri')) ?? 'NAME_ASC';
  const answer = useAnswer(AccountsQuery, { ...pagingOf(params), filter: filterOf(params), orderBy });
  const { data, error, again, isWaiting } = answer;
  const establishment = data?.viewer?.actingFor;
  const users = establishment?.users;
  usePageRepair(address, answer, users?.pageInfo);
  const controls = controlsOf(data?.services ?? []);
  const chips = chipsOf(params, texts.accounts.search, controls, (control, value) => (control.kind === 'date' && inFigures(value)) || (control.kind === 'choice' && control.options.find((option) => option.value === value)?.label) || value);
  const rows = users?.edges.map((edge) => edge.node) ?? [];
  return (
    <Page title={words.title} className="page-wide" beside={<Link class="button button-strong" href="/etablissement/comptes/nouveau">{texts.creation.title}</Link>}>
      <nav aria-label={words.more}>
        <ul class="plain accounts-more">
          <li><Link href="/etablissement/comptes/a-renouveler">{texts.renewal.title}</Link></li>
          <li><Link href="/etablissement/comptes/tableau">{texts.matrix.title}</Link></li>
          <li><Link href="/etablissement/comptes/import">{texts.importing.title}</Link></li>
        </ul>
      </nav>
      {establishment && <p class="lead">{words.lead(establishment.name)}</p>}
      <Filters address={address} searchLabel={words.search} controls={controls} chips={chips} />
      {error && !users && <Failure error={error} again={again} />}
      {!users && !error && <Waiting lines={8} />}
      {users && (
        <>
          <Selectable rows={rows} address={address.full} total={users.totalCount} isWaiting={isWaiting} />
          <Pager pageInfo={users.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

const columns = [
  {
    header: words.name, isRowHeader: true, className: 'col-name',
    cell: (row: Row) => <><Link class="row-link" href={`/etablissement/comptes/${encodeURIComponent(row.id)}`} state={{ from: location.pathname + location.search }}>{row.lastName.toUpperCase()} {row.firstName}</Link>{row.email && <span class="line soft">{row.email}{row.emailBounces && <> <span class="tag tag-warn">{words.bounces}</span></>}</span>}</>,
  },
  { header: words.identifier, className: 'col-identifier', cell: (row: Row) => row.identifier },
  { header: words.profile, cell: (row: Row) => row.profile && texts.profile[row.profile] },
  { header: words.status, cell: (row: Row) => <><StatusTag status={row.status} />{row.rightsToReviewSince && <> <span class="tag tag-warn">{words.toReview}</span></>}</> },
  { header: words.lastLogin, cell: (row: Row) => (row.lastLoginAt ? inFigures(row.lastLoginAt) : words.never) },
  { header: words.expires, cell: (row: Row) => row.expiresOn && <>{inFigures(row.expiresOn)}{row.expiresSoon && row.status !== 'EXPIRED' && <> <span class="tag tag-warn">{words.soon}</span></>}</> },
];

/** The accounts, with boxes to tick and what can be done with those ticked. */
function Selectable({ rows, address, total, isWaiting }: { rows: Row[]; address: string; total: number; isWaiting: boolean }) {
  const selection = useSelection(rows, address);
  return (
    <>
      <BulkOutcome selection={selection} />
      <div class="list-head">
        {rows.length > 0 && <TickAll selection={selection} />}
        <ResultCount>{total ? words.found(total) : words.empty}</ResultCount>
      </div>
      {rows.length > 0 && (
        <Table caption={words.caption} className="accounts" columns={[tickColumn(selection), ...columns]} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting}
          rowClass={(row) => (selection.isTicked(row.id) ? 'is-selected' : '')} />
      )}
      <BulkBar selection={selection} />
    </>
  );
}

function filterOf(params: URLSearchParams): Filter {
  const status = STATUSES.find((each) => each === params.get('statut'));
  const profile = PROFILES.find((each) => each === params.get('profil'));
  const days = /^\d{1,3}$/.exec(params.get('expire') ?? '')?.[0];
  const [expiresFrom, expiresUntil] = ['depuis', 'jusque'].map((name) => /^\d{4}-\d{2}-\d{2}$/.exec(params.get(name) ?? '')?.[0]);
  const service = params.get('service');
  const search = params.get('q');
  return {
    ...(search && { search }), ...(status && { status: [status] }), ...(profile && { profile }),
    ...(service && { service }), ...(days && { expiresWithin: Number(days) }),
    ...(params.get('droits') === 'a-revoir' && { rightsToReview: true }),
    ...(expiresFrom && { expiresFrom }), ...(expiresUntil && { expiresUntil }),
  };
}

function controlsOf(services: readonly { code: string; label: string }[]): Control[] {
  const named = texts.filter;
  return [
    { kind: 'choice', name: 'statut', label: named.status, options: STATUSES.map((value) => ({ value, label: texts.status[value] })) },
    { kind: 'choice', name: 'profil', label: named.profile, options: PROFILES.map((value) => ({ value, label: texts.profile[value] })) },
    { kind: 'choice', name: 'service', label: named.service, options: services.map(({ code, label }) => ({ value: code, label })) },
    { kind: 'choice', name: 'droits', label: named.rights, options: [{ value: 'a-revoir', label: named.toReview }] },
    { kind: 'choice', name: 'expire', label: named.expires, options: [30, 60, 90, 180].map((n) => ({ value: String(n), label: named.days(n) })) },
    { kind: 'date', name: 'depuis', label: named.expiresFrom },
    { kind: 'date', name: 'jusque', label: named.expiresUntil },
    { kind: 'choice', name: 'tri', label: named.sort, all: named.sorts.NAME_ASC, options: ORDERS.slice(1).map((value) => ({ value, label: named.sorts[value] })) },
  ];
}

function Reserved({ isThrough }: { isThrough: boolean }) {
  const { data } = useAnswer(AdministratorsQuery, {}, { pause: isThrough });
  return (
    <Page title={words.title}>
      <div class="notice">
        <Info />
        <div>
          <h2>{words.reserved}</h2>
          <p>{isThrough ? words.reservedThrough : words.reservedHelp}</p>
          <ul>{data?.viewer?.actingFor?.administrators.map((each) => <li key={each.id}>{each.firstName} {each.lastName}</li>)}</ul>
        </div>
      </div>
    </Page>
  );
}
