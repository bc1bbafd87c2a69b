import { withTime } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { texts } from './texts.ts';

export const FollowFields = graphql(`
  fragment FollowFields on Courrier @_unmask {
    readings(first: 50) {
      totalCount
      edges { node { readAt reader { id firstName lastName } through { id centralisateur { id name } } } }
    }
    timeline { kind occurredAt detail actor { id firstName lastName } through { id centralisateur { id name } } }
  }
`);

const words = texts.one;
const nameOf = (person: { firstName: string; lastName: string }) => `${person.firstName} ${person.lastName}`;

type Event = ResultOf<typeof FollowFields>['timeline'][number];

/** The same thing nobody in particular did, several times within the hour (a message to each reader), told once with its count. */
function grouped(timeline: readonly Event[]): { event: Event; times: number }[] {
  const groups: { event: Event; times: number }[] = [];
  for (const event of timeline) {
    const last = groups.at(-1);
    const isSame = last && last.event.kind === event.kind && last.event.detail === event.detail && !last.event.actor && !event.actor;
    if (isSame && Math.abs(Date.parse(event.occurredAt) - Date.parse(last.event.occurredAt)) < 3_600_000) last.times += 1;
    else groups.push({ event, times: 1 });
  }
  return groups;
}

/** Who read the letter, and everything that happened to it. */
export function Follow({ courrier: { readings, timeline } }: { courrier: ResultOf<typeof FollowFields> }) {
  return (
    <>
      <section class="card" aria-labelledby="letter-readings">
        <h2 id="letter-readings">{words.readings}</h2>
        {readings.edges.length === 0 ? <p class="soft">{words.nobody}</p> : (
          <ul class="readings">
            {readings.edges.map(({ node }) => (
              <li key={`${node.reader.id}${node.readAt}`}>
                {words.reading(nameOf(node.reader), withTime(node.readAt))}{node.through && words.through(node.through.centralisateur.name)}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="card" aria-labelledby="letter-timeline">
        <h2 id="letter-timeline">{words.timeline}</h2>
        <ol class="timeline">
          {grouped(timeline).map(({ event, times }) => (
            <li key={`${event.kind}${event.occurredAt}${event.actor?.id ?? ''}`} class={`event-${event.kind.toLowerCase()}`}>
              <strong>{texts.event[event.kind]}</strong>{times > 1 && texts.one.times(times)}{' '}
              {event.actor && <span>{words.by(nameOf(event.actor))}{event.through && `, ${words.byDelegation(event.through.centralisateur.name)}`}</span>}
              <time dateTime={event.occurredAt}>{withTime(event.occurredAt)}</time>
              {event.detail && <span class="soft">{event.detail}</span>}
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}
