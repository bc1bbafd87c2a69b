import { useClient, type Client } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { inFigures } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { chipsOf, Filters, type Control } from '../ui/filters.tsx';
import { ArrowLeft, Check } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { RenewUsers, type Payload } from './changes.ts';
import { BulkBar, BulkOutcome, TickAll, tickColumn, useSelection, type Selected, type Sent } from './selection.tsx';
import { StatusTag } from './status.tsx';
import { texts } from './texts.ts';
import './user.css';

const ToRenewQuery = graphql(`
  query AccountsToRenew($first: Int, $after: String, $last: Int, $before: String, $within: Int) {
    viewer {
      accountsToRenew(first: $first, after: $after, last: $last, before: $before, within: $within) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { node { id firstName lastName email status lastLoginAt expiresOn establishment { id name } } }
      }
    }
  }
`);

type ToRenew = NonNullable<ResultOf<typeof ToRenewQuery>['viewer']>['accountsToRenew'];
type Row = ToRenew['edges'][number]['node'];
const words = texts.renewal;
const DAYS = [30, 60, 90, 180];

/** « Comptes à renouveler », of all the establishments one administers. */
export function Renewal() {
  const address = useAddress();
  const { params } = address;
  const within = DAYS.find((days) => String(days) === params.get('expire')) ?? 60;
  const answer = useAnswer(ToRenewQuery, { ...pagingOf(params), within });
  const { data, error, again, isWaiting } = answer;
  const accounts = data?.viewer?.accountsToRenew;
  usePageRepair(address, answer, accounts?.pageInfo);
  const controls: Control[] = [{ kind: 'choice', name: 'expire', label: texts.filter.expires, all: texts.filter.days(60), options: DAYS.filter((days) => days !== 60).map((days) => ({ value: String(days), label: texts.filter.days(days) })) }];
  const chips = chipsOf(params, '', controls, (_, value) => texts.filter.days(Number(value))).filter(({ name }) => name !== 'q');
  return (
    <Page title={words.title} className="page-wide" above={<p class="above"><Link href="/etablissement/comptes"><ArrowLeft /> {texts.account.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      <Filters address={address} controls={controls} chips={chips} />
      {error && !accounts && <Failure error={error} again={again} />}
      {!accounts && !error && <Waiting lines={8} />}
      {accounts && (
        <>
          <Renewable rows={accounts.edges.map(({ node }) => node)} address={address.full} total={accounts.totalCount} within={within} isWaiting={isWaiting} />
          <Pager pageInfo={accounts.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

interface RenewableProps { rows: Row[]; address: string; total: number; within: number; isWaiting: boolean }

function Renewable({ rows, address, total, within, isWaiting }: RenewableProps) {
  const selection = useSelection(rows, address);
  const client = useClient();
  const [isAsking, ask] = useState(false);
  const { actingFor } = useViewer();
  const columns = [
    {
      header: texts.accounts.name, isRowHeader: true, className: 'col-name',
      cell: (row: Row) => {
        const name = `${row.lastName.toUpperCase()} ${row.firstName}`;
        const isHere = row.establishment.id === actingFor?.id;
        return <>{isHere ? <Link class="row-link" href={`/etablissement/comptes/${encodeURIComponent(row.id)}`} state={{ from: location.pathname + location.search }}>{name}</Link> : name}{row.email && <span class="line soft">{row.email}</span>}</>;
      },
    },
    { header: words.establishment, cell: (row: Row) => row.establishment.name },
    { header: texts.accounts.status, cell: (row: Row) => <StatusTag status={row.status} /> },
    { header: texts.accounts.lastLogin, cell: (row: Row) => (row.lastLoginAt ? inFigures(row.lastLoginAt) : texts.accounts.never) },
    { header: texts.accounts.expires, cell: (row: Row) => row.expiresOn && inFigures(row.expiresOn) },
  ];
  return (
    <>
      <BulkOutcome selection={selection} />
      <div class="list-head">
        {rows.length > 0 && <TickAll selection={selection} />}
        <ResultCount>{total ? words.found(total) : ''}</ResultCount>
        {total > 0 && <button type="button" class="button button-strong" aria-disabled={selection.isBusy || undefined} onClick={() => ask(true)}>{words.all(total)}</button>}
      </div>
      {rows.length > 0
        ? <Table caption={words.title} className="accounts" columns={[tickColumn(selection), ...columns]} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} rowClass={(row) => (selection.isTicked(row.id) ? 'is-selected' : '')} />
        : <p class="all-done"><Check /> {words.none}</p>}
      <BulkBar selection={selection} canOnlyRenew />
      {isAsking && (
        <Confirmation title={words.ask(total)} action={words.all(total)} onConfirm={() => void selection.run(() => renewAll(client, within), texts.selection.renewed)} onClose={() => ask(false)}>
          <p>{words.what}</p>
        </Confirmation>
      )}
    </>
  );
}

/** Renews everything the list holds, page after page: a page leaves the list once it is renewed, its cursor still stands. */
async function renewAll(client: Client, within: number): Promise<Sent> {
  const people: Selected[] = [];
  const results: NonNullable<Payload['results']>[number][] = [];
  let after: string | null = null;
  for (;;) {
    const page = await client.query(ToRenewQuery, { first: 100, after, within }, { requestPolicy: 'network-only' }).toPromise();
    const accounts: ToRenew | undefined = page.data?.viewer?.accountsToRenew;
    if (!accounts) return { people, payload: undefined, error: page.error };
    const rows = accounts.edges.map(({ node }) => node);
    if (rows.length) {
      const { data, error } = await change(client, RenewUsers, { input: { ids: rows.map(({ id }) => id) } });
      if (!data) return { people, payload: undefined, error };
      people.push(...rows);
      results.push(...data.renewUsers.results);
    }
    if (!accounts.pageInfo.hasNextPage) return { people, payload: { errors: [], results }, error: undefined };
    after = accounts.pageInfo.endCursor;
  }
}
