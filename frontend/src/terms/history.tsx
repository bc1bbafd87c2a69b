import { Link } from 'wouter-preact';
import { withTime } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { ReceiptFields, ReceiptLink, type Receipt } from './receipts.tsx';
import { texts } from './texts.ts';
import './terms.css';

const HistoryQuery = graphql(`
  query TermsHistory {
    viewer { actingFor { id name viewerAccess { isAdministrator } termsAcceptances { ...ReceiptFields } } }
  }
`, [ReceiptFields]);

const words = texts.history;

/** What was accepted for one's establishment, by whom, when, with the receipts. */
export default function History() {
  const { data, error, again } = useAnswer(HistoryQuery, {});
  const acceptances = data?.viewer?.actingFor?.termsAcceptances;
  return (
    <Page title={words.title}>
      <p class="lead">{words.lead}</p>
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Waiting lines={4} />}
      {acceptances && (acceptances.length === 0 ? <p class="empty">{words.empty}</p> : (
        <Table caption={words.caption} rows={acceptances} keyOf={(row) => row.receiptUrl} columns={[
          { header: words.version, isRowHeader: true, cell: ({ terms }) => <Link href={`/conditions/version/${encodeURIComponent(terms.version)}`}>{terms.version}</Link> },
          { header: words.by, cell: ({ user }) => `${user.firstName} ${user.lastName}` },
          { header: words.on, cell: ({ acceptedAt }) => withTime(acceptedAt) },
          ...(data.viewer?.actingFor?.viewerAccess?.isAdministrator ? [{ header: words.receipt, cell: (row: Receipt) => <ReceiptLink receipt={row} /> }] : []),
        ]} />
      ))}
      <p><Link href="/conditions">{words.current}</Link></p>
    </Page>
  );
}
