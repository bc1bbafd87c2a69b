import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { inFigures } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Failure } from '../ui/failure.tsx';
import { ArrowLeft, EnvelopeOpen } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { courrierPath } from './rows.tsx';
import { fundName, texts } from './texts.ts';
import './courrier.css';

const WithdrawnQuery = graphql(`
  query WithdrawnCourriers($first: Int, $after: String, $last: Int, $before: String) {
    viewer {
      courriers(first: $first, after: $after, last: $last, before: $before, filter: { withdrawn: true, archived: null }) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { node { id reference withdrawnAt withdrawalReason removedAt type { id label } fund { code } establishment { id name } } }
      }
    }
  }
`);

const words = texts.withdrawn;

/** The letters that one could read and that are read no more, the last ones withdrawn first (R-COU-13). */
export default function Withdrawn() {
  const address = useAddress();
  const { establishments } = useViewer();
  const answer = useAnswer(WithdrawnQuery, pagingOf(address.params));
  const { data, error, again, isWaiting } = answer;
  const list = data?.viewer?.courriers;
  usePageRepair(address, answer, list?.pageInfo);
  const rows = list?.edges.map(({ node }) => node) ?? [];
  type Row = (typeof rows)[number];
  return (
    <Page title={words.title} className="page-wide" above={<p class="above"><Link href="/courriers"><ArrowLeft /> {texts.one.back}</Link></p>}>
      <p class="lead">{words.lead}</p>
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && list.totalCount === 0 && <div class="empty"><EnvelopeOpen /><p><strong>{words.none}</strong></p></div>}
      {list && list.totalCount > 0 && (
        <>
          <ResultCount>{words.found(list.totalCount)}</ResultCount>
          <Table<Row> caption={words.title} className="courriers" rows={rows} keyOf={(row) => row.id} isWaiting={isWaiting} columns={[
            { header: words.when, className: 'col-when', cell: (row) => inFigures(row.withdrawnAt ?? row.removedAt ?? '') },
            { header: texts.column.fund, className: 'col-fund', cell: (row) => <span class="fund">{fundName(row.fund.code)}</span> },
            { header: texts.column.reference, isRowHeader: true, className: 'col-name', cell: (row) => <Link href={courrierPath(row.id)} state={{ from: address.full }}>{row.reference}</Link> },
            { header: texts.column.type, className: 'col-type', cell: (row) => row.type.label },
            ...(establishments.totalCount > 1 ? [{ header: texts.column.establishment, className: 'col-establishment', cell: (row: Row) => row.establishment.name }] : []),
            { header: words.reason, className: 'col-reason', cell: (row) => row.withdrawalReason ?? words.removed },
          ]} />
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </Page>
  );
}
