import { Link } from 'wouter-preact';
import { useAddress } from '../address.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { Info } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { eventsAsked, EventsPage, Journal } from './events.tsx';
import { texts } from './texts.ts';

const EstablishmentActivityQuery = graphql(`
  query EstablishmentActivity($first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
    viewer {
      actingFor { id name auditEvents(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ...EventsPage } }
    }
  }
`, [EventsPage]);

const words = texts.establishment;

/** « Activité » of the establishment, for its administrators (R-JRN-02). */
export default function EstablishmentActivity() {
  return useViewer().actingFor?.viewerAccess.canManageAccounts ? <List /> : <Reserved />;
}

function List() {
  const { params } = useAddress();
  const answer = useAnswer(EstablishmentActivityQuery, eventsAsked(params));
  const establishment = answer.data?.viewer?.actingFor;
  return (
    <Page title={texts.title} className="page-wide">
      {establishment && <p class="lead">{words.lead(establishment.name)}</p>}
      <Journal answer={answer} list={establishment?.auditEvents} of={establishment ? { etablissement: establishment.id } : {}} />
    </Page>
  );
}

function Reserved() {
  return (
    <Page title={texts.title}>
      <div class="notice"><Info /><div><h2>{words.reserved}</h2><p><Link href="/mon-activite">{words.reservedHelp}</Link></p></div></div>
    </Page>
  );
}
