import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { ArrowLeft } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { eventsAsked, EventsPage, Journal } from './events.tsx';
import { texts } from './texts.ts';

const OwnActivityQuery = graphql(`
  query OwnActivity($first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
    viewer { user { id auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ...EventsPage } } }
  }
`, [EventsPage]);

/** « Mon activité », whole (R-ACC-17). */
export default function OwnActivity() {
  const { params } = useAddress();
  const answer = useAnswer(OwnActivityQuery, eventsAsked(params));
  const user = answer.data?.viewer?.user;
  return (
    <Page title={texts.own.title} className="page-wide" above={<p class="above"><Link href="/mes-informations#activite"><ArrowLeft /> {texts.own.back}</Link></p>}>
      <p class="lead">{texts.own.lead}</p>
      <Journal answer={answer} list={user?.auditEvents} of={user ? { compte: user.id } : {}} />
    </Page>
  );
}
