import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { count, inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ArrowLeft } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';
import './deposit.css';

const BatchesQuery = graphql(`
  query DepositBatches($first: Int, $after: String, $last: Int, $before: String) {
    depositBatches(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { node { id label status openedAt counts { loaded rejected published } } }
    }
  }
`);

type Row = ResultOf<typeof BatchesQuery>['depositBatches']['edges'][number]['node'];
const words = texts.list;

/** Every campaign, with how far it has come. */
export default function Batches() {
  const address = useAddress();
  const answer = useAnswer(BatchesQuery, pagingOf(address.params));
  const { data, error, again, isWaiting } = answer;
  const list = data?.depositBatches;
  usePageRepair(address, answer, list?.pageInfo);
  const rows = list?.edges.map((edge) => edge.node) ?? [];
  return (
    <Page title={words.title} className="page-wide" above={<p class="above"><Link href="/operateur/courriers"><ArrowLeft /> {words.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <div class="list-head"><ResultCount>{list.totalCount ? words.found(list.totalCount) : words.empty}</ResultCount></div>
          {rows.length > 0 && <Table caption={words.caption} columns={columns} rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} />}
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}

const columns: Column<Row>[] = [
  { header: words.label, isRowHeader: true, className: 'col-name', cell: (row) => <Link class="row-link batch-label" href={`/operateur/lots/${encodeURIComponent(row.id)}`}>{row.label}</Link> },
  { header: words.status, cell: (row) => <BatchStatus status={row.status} /> },
  { header: words.openedAt, cell: (row) => inFigures(row.openedAt) },
  { header: words.loaded, className: 'col-number', cell: (row) => count(row.counts.loaded) },
  { header: words.rejected, className: 'col-number', cell: (row) => count(row.counts.rejected) },
  { header: words.published, className: 'col-number', cell: (row) => count(row.counts.published) },
];

const tags: Partial<Record<Row['status'], string>> = { PUBLISHED: 'tag-good', PUBLISHING: 'tag-warn', CHECKED: 'tag-warn' };

/** Where a batch stands. */
export const BatchStatus = ({ status }: { status: Row['status'] }) => <span class={`tag ${tags[status] ?? ''}`.trim()}>{texts.status[status]}</span>;
