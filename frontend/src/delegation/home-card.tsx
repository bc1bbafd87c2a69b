import { Link } from 'wouter-preact';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { ArrowRight } from '../ui/icons.tsx';
import { EndingsFields, EndingList, ENDINGS, endingsUntil } from './endings.tsx';
import { ASK, REQUESTED } from './paths.ts';
import { texts } from './texts.ts';
import './delegation.css';

const FollowedQuery = graphql(`
  query FollowedDelegations($until: Date!) {
    viewer {
      actingFor {
        id
        pending: delegationsRequested(first: 0, filter: { status: [PENDING] }) { totalCount }
        nobody: delegationsRequested(first: 0, filter: { status: [ACCEPTED], hasMembers: false }) { totalCount }
        ending: delegationsRequested(first: 4, filter: { status: [ACCEPTED], endsUntil: $until }, orderBy: ENDS_ASC) { ...EndingsFields }
      }
    }
  }
`, [EndingsFields]);

const words = texts.home;

/** On the home of a centralisateur's administrators: what waits for an answer, for people, or for an end. */
export default function DelegationsCard() {
  const { data } = useAnswer(FollowedQuery, { until: endingsUntil() });
  const followed = data?.viewer?.actingFor;
  if (!followed) return null;
  const { pending, nobody, ending } = followed;
  const lines = [
    { n: pending.totalCount, said: words.pending, href: `${REQUESTED}?vue=en-attente` },
    { n: nobody.totalCount, said: words.nobody, href: `${REQUESTED}?personnes=sans` },
    { n: ending.totalCount, said: words.ending, href: ENDINGS },
  ].filter(({ n }) => n > 0);
  return (
    <section aria-labelledby="home-delegations">
      <h2 id="home-delegations">{words.title}</h2>
      {lines.length === 0 ? <p class="soft">{words.calm}</p> : <ul class="tasks">{lines.map(({ n, said, href }) => <li key={href}><Link href={href}><span>{said(n)}</span><ArrowRight /></Link></li>)}</ul>}
      {ending.totalCount > 0 && <EndingList list={ending} />}
      <p class="actions">
        <Link class="button" href={REQUESTED}>{words.all}</Link>
        <Link class="button" href={ASK}>{words.ask}</Link>
      </p>
    </section>
  );
}
