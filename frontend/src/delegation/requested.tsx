import { useClient, type Client } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Filters } from '../ui/filters.tsx';
import { Envelope, Warning } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { firstPage, Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { focusResults, ResultCount } from '../ui/results.tsx';
import { BulkOutcome, TickAll, tickColumn, useSelection } from '../ui/selection.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { DelegationsBar } from './bulk.tsx';
import { Endings } from './endings.tsx';
import { controls, filterOf, orderOf, requestedChips, viewOf, VIEWS, type View } from './filters.ts';
import { ASK, MEMBERS, PEOPLE } from './paths.ts';
import { Reserved, useIsAdministrator } from './reserved.tsx';
import { RequestedFields, requestedColumns, rowOf, type RequestedRow } from './rows.tsx';
import { Sides } from './sides.tsx';
import { texts } from './texts.ts';
import './delegation.css';

export const RequestedQuery = graphql(`
  query RequestedDelegations($first: Int, $after: String, $last: Int, $before: String, $filter: DelegationFilter, $orderBy: DelegationOrder) {
    viewer {
      actingFor {
        id name
        delegationsRequested(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { node { ...RequestedFields } }
        }
        pending: delegationsRequested(first: 0, filter: { status: [PENDING] }) { totalCount }
      }
    }
  }
`, [RequestedFields]);

type List = NonNullable<NonNullable<ResultOf<typeof RequestedQuery>['viewer']>['actingFor']>['delegationsRequested'];

const words = texts.list;

/** The delegations a centralisateur asked for: where each one is, who acts, what ends; many at once. */
export default function RequestedDelegations() {
  return useIsAdministrator() ? <Delegations /> : <Reserved title={texts.title} />;
}

function Delegations() {
  const address = useAddress();
  const { params } = address;
  const variables = { ...pagingOf(params), filter: filterOf(params), orderBy: orderOf(params) } as const;
  const answer = useAnswer(RequestedQuery, variables);
  const { data, error, again, isWaiting } = answer;
  const establishment = data?.viewer?.actingFor;
  const list = establishment?.delegationsRequested;
  usePageRepair(address, answer, list?.pageInfo);
  const isPlain = ![...params.keys()].some((name) => name !== 'vue');
  return (
    <Page title={texts.title} className="page-wide" beside={<Link class="button button-strong" href={ASK}>{texts.request.title}</Link>}>
      <Sides current="requested" />
      {establishment && <p class="lead">{words.lead(establishment.name)}</p>}
      <nav aria-label={words.more}>
        <ul class="plain accounts-more">
          <li><Link href={PEOPLE}>{words.byPerson}</Link></li>
          <li><Link href={`${MEMBERS}?pour=toutes`}>{words.forAll}</Link></li>
        </ul>
      </nav>
      {isPlain && !viewOf(params) && <Endings />}
      <Views address={address} pending={establishment?.pending.totalCount ?? 0} />
      <Filters address={address} searchLabel={words.search} controls={controls} chips={requestedChips(params)} />
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <Selectable rows={list.edges.map(({ node }) => rowOf(node))} total={list.totalCount} address={address.full} isWaiting={isWaiting} variables={variables} isPlain={isPlain && !viewOf(params)} />
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

function Views({ address: { params, hrefWith }, pending }: { address: ReturnType<typeof useAddress>; pending: number }) {
  const current = viewOf(params);
  return (
    <nav class="views views-small" aria-label={words.views}>
      <ul>
        {VIEWS.map((view: View) => (
          <li key={view}>
            <Link href={hrefWith({ ...firstPage, vue: view })} onClick={focusResults} aria-current={current === view ? 'page' : undefined}>
              {words.view[view]}{view === 'en-attente' && pending > 0 && <span class="count"> {pending.toLocaleString('fr-FR')}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface SelectableProps { rows: RequestedRow[]; total: number; address: string; isWaiting: boolean; variables: VariablesOf<typeof RequestedQuery>; isPlain: boolean }

/** The delegations, with boxes to tick and what can be done with those ticked, on this page or on all. */
function Selectable({ rows, total, address, isWaiting, variables, isPlain }: SelectableProps) {
  const client = useClient();
  const selection = useSelection(rows, address);
  const [isGathering, setGathering] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const { name, state, services, people, requested, ends } = requestedColumns(address);
  const gather = async () => {
    if (isGathering) return;
    setGathering(true);
    const all = await everyRow(client, variables);
    setGathering(false);
    setFailed(!all);
    if (all) selection.choose(all);
  };
  return (
    <>
      <BulkOutcome selection={selection} words={texts.selection} />
      <div class="list-head">
        {rows.length > 0 && <TickAll selection={selection} rows={rows} words={texts.selection} />}
        <ResultCount>{total > 0 && words.found(total)}</ResultCount>
        {selection.isAll && selection.selected.length < total && total <= MOST && (
          <button type="button" class="link" aria-disabled={isGathering || undefined} onClick={() => void gather()}>{words.all(total)}</button>
        )}
      </div>
      {hasFailed && <p class="notice notice-bad" role="alert"><Warning /> <span>{words.allFailed}</span></p>}
      {rows.length > 0
        ? <Table caption={words.caption} className="delegations" columns={[tickColumn(selection, texts.selection), name, state, services, people, requested, ends]} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting}
            rowClass={(row) => (selection.isTicked(row.id) ? 'is-selected' : '')} />
        : <div class="empty"><Envelope /><p><strong>{isPlain ? words.empty : words.emptyFiltered}</strong></p>{isPlain && <p>{words.emptyHelp}</p>}</div>}
      <DelegationsBar selection={selection} from={address} />
    </>
  );
}

const MOST = 2000;

/** Everything the list holds with its filters, page after page; null if it cannot all be had. */
async function everyRow(client: Client, { filter, orderBy }: VariablesOf<typeof RequestedQuery>): Promise<RequestedRow[] | null> {
  const rows: RequestedRow[] = [];
  for (let after: string | null = null; ;) {
    const page = await client.query(RequestedQuery, { first: 100, after, filter: filter ?? null, orderBy: orderBy ?? null }, { requestPolicy: 'network-only' }).toPromise();
    const list: List | undefined = page.data?.viewer?.actingFor?.delegationsRequested;
    if (!list) return null;
    rows.push(...list.edges.map(({ node }) => rowOf(node)));
    if (!list.pageInfo.hasNextPage || rows.length >= MOST) return rows;
    after = list.pageInfo.endCursor;
  }
}
