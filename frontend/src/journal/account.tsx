import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { eventsAsked, EventsPage, Journal } from './events.tsx';
import { texts } from './texts.ts';

const AccountActivityQuery = graphql(`
  query AccountActivity($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
    node(id: $id) {
      __typename
      ... on User { id auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ...EventsPage } }
    }
  }
`, [EventsPage]);

/** The tab « Activité » of an account. */
export default function AccountActivity({ id, name }: { id: string; name: string }) {
  const { params } = useAddress();
  const answer = useAnswer(AccountActivityQuery, { id, ...eventsAsked(params) });
  const node = answer.data?.node;
  return (
    <>
      <p class="lead">{texts.account(name)}</p>
      <Journal answer={answer} list={node?.__typename === 'User' ? node.auditEvents : null} of={{ compte: id }} />
    </>
  );
}
