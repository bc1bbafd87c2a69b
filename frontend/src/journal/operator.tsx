import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Page } from '../ui/page.tsx';
import { eventsAsked, EventsPage, Journal } from './events.tsx';
import { texts } from './texts.ts';

const OperatorJournalQuery = graphql(`
  query OperatorJournal($first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
    auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ...EventsPage }
  }
`, [EventsPage]);

/** The whole journal, for operators. */
export default function OperatorJournal() {
  const { params } = useAddress();
  const answer = useAnswer(OperatorJournalQuery, eventsAsked(params));
  return (
    <Page title={texts.operator.title} className="page-wide">
      <p class="lead">{texts.operator.lead}</p>
      <Journal answer={answer} list={answer.data?.auditEvents} withEstablishment />
    </Page>
  );
}
