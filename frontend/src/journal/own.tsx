import { Link } from 'wouter-preact';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { EventFields, Events } from './events.tsx';
import { texts } from './texts.ts';

const LatestQuery = graphql(`
  query OwnLatestActivity { viewer { user { id auditEvents(first: 10) { edges { node { ...EventFields } } } } } }
`, [EventFields]);

/** One's latest events, in « Mes informations » (R-ACC-17). */
export default function OwnLatestActivity() {
  const { data, error, again } = useAnswer(LatestQuery, {});
  const list = data?.viewer?.user?.auditEvents;
  if (!list) return error ? <Failure error={error} again={again} /> : <Waiting />;
  return (
    <>
      <p class="soft">{texts.own.latest}</p>
      <Events events={list.edges.map((edge) => edge.node)} />
      <p class="actions"><Link class="button" href="/mon-activite">{texts.all}</Link></p>
    </>
  );
}
