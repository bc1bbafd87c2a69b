import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Events, EventsPage } from '../journal/events.tsx';
import { texts as journal } from '../journal/texts.ts';
import { Failure } from '../ui/failure.tsx';
import { Pager, pagingOf, usePageRepair } from '../ui/pager.tsx';
import { ResultCount } from '../ui/results.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const DelegationActivityQuery = graphql(`
  query DelegationActivity($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) { __typename ... on Delegation { id activity(first: $first, after: $after, last: $last, before: $before) { ...EventsPage } } }
  }
`, [EventsPage]);

/** What was done through a delegation, the same for both parties (R-DEL-07). */
export default function Activity({ id, asker, asked }: { id: string; asker: string; asked: string }) {
  const address = useAddress();
  const answer = useAnswer(DelegationActivityQuery, { id, ...pagingOf(address.params) });
  const { data, error, again, isWaiting } = answer;
  const list = data?.node?.__typename === 'Delegation' ? data.node.activity : undefined;
  usePageRepair(address, answer, list?.pageInfo);
  return (
    <>
      <p>{texts.one.activityLead(asker, asked)}</p>
      {error && !list && <Failure error={error} again={again} />}
      {!list && !error && <Waiting lines={8} />}
      {list && (
        <>
          <ResultCount>{list.totalCount ? journal.found(list.totalCount) : texts.one.activityNone}</ResultCount>
          <Events events={list.edges.map(({ node }) => node)} isWaiting={isWaiting} />
          <Pager pageInfo={list.pageInfo} address={address} />
        </>
      )}
    </>
  );
}
