import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { courrierChips, courrierControls, courrierFilter, courrierOrder, FilterChoicesQuery } from '../courrier/filters.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Filters } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { firstPage, Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { FollowedCourrier, followedColumns } from './rows.tsx';
import { texts } from './texts.ts';
import '../courrier/courrier.css';

const OperatorCourriersQuery = graphql(`
  query OperatorCourriers($first: Int, $after: String, $last: Int, $before: String, $filter: CourrierFilter, $orderBy: CourrierOrder) {
    courriers(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { ...FollowedCourrier } }
    }
  }
`, [FollowedCourrier]);

const words = texts.courriers;
const VIEWS = ['', 'a-suivre'] as const;

/** Every letter, with its state. */
export function OperatorCourriers() {
  const address = useAddress();
  const { params } = address;
  const shown = VIEWS.find((view) => view === params.get('vue')) ?? '';
  const { data: choices } = useAnswer(FilterChoicesQuery, {});
  const answer = useAnswer(OperatorCourriersQuery, { ...pagingOf(params), filter: courrierFilter(params), orderBy: courrierOrder(params) });
  const { data, error, again, isWaiting } = answer;
  const list = data?.courriers;
  usePageRepair(address, answer, list?.pageInfo);
  const controls = courrierControls(params, choices);
  const rows = list?.edges.map((edge) => edge.node) ?? [];
  return (
    <Page title={words.title} className="page-wide" beside={<div class="actions"><Link class="button" href="/operateur/lots">{words.batches}</Link><Link class="button" href="/operateur/modeles">{words.catalogue}</Link><Link class="button" href="/operateur/messages">{words.messages}</Link><Link class="button" href="/operateur/clients">{words.clients}</Link></div>}>
      <p class="lead">{words.lead}</p>
      <nav class="views" aria-label={words.views}>
        <ul>{VIEWS.map((view) => <li key={view}><Link href={address.hrefWith({ ...firstPage, vue: view || null })} aria-current={view === shown ? 'page' : undefined}>{words.view[view]}</Link></li>)}</ul>
      </nav>
      {shown === 'a-suivre' && <p>{words.followUpHelp}</p>}
      <Filters address={address} searchLabel={words.search} controls={controls} chips={courrierChips(params, controls, words.search)} />
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <div class="list-head"><ResultCount>{list.totalCount ? words.found(list.totalCount) : words.empty}</ResultCount></div>
          {rows.length > 0 && <Table caption={words.caption} className="courriers" columns={followedColumns(address.full, { withEstablishment: true })} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} />}
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}
