import { Link } from 'wouter-preact';
import { daysFromToday, daysUntil, inWords } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Clock } from '../ui/icons.tsx';
import { pathOf, REQUESTED } from './paths.ts';
import { texts } from './texts.ts';

export const EndingsFields = graphql(`
  fragment EndingsFields on DelegationConnection @_unmask {
    totalCount
    edges { node { id endsOn delegataire { id name } } }
  }
`);

const EndingsQuery = graphql(`
  query EndingDelegations($until: Date!) {
    viewer { actingFor { id delegationsRequested(first: 4, filter: { status: [ACCEPTED], endsUntil: $until }, orderBy: ENDS_ASC) { ...EndingsFields } } }
  }
`, [EndingsFields]);

const words = texts.endings;
const DAYS = 60;
export const endingsUntil = () => daysFromToday(DAYS);
export const ENDINGS = `${REQUESTED}?fin=${DAYS}`;

/** What finishes in the days ahead, the nearest first; nothing to show where nothing does. */
export function Endings() {
  const { data } = useAnswer(EndingsQuery, { until: endingsUntil() });
  const list = data?.viewer?.actingFor?.delegationsRequested;
  if (!list?.totalCount) return null;
  return (
    <section class="card" aria-labelledby="endings">
      <h2 id="endings">{words.title}</h2>
      <p class="soft">{words.lead}</p>
      <EndingList list={list} />
      <p><Link href={ENDINGS}>{words.see(list.totalCount)}</Link></p>
    </section>
  );
}

export function EndingList({ list }: { list: ResultOf<typeof EndingsFields> }) {
  return (
    <ul class="endings">
      {list.edges.map(({ node: { id, endsOn, delegataire } }) => endsOn && (
        <li key={id}>
          <Clock /> <span><Link href={pathOf(id)}>{delegataire.name}</Link> <span class="soft">{words.on(inWords(endsOn))}</span> <span class="tag tag-warn">{texts.cell.inDays(daysUntil(endsOn))}</span></span>
        </li>
      ))}
    </ul>
  );
}
