import { withTime } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { CapacityFields, inCapacity } from './reader.ts';
import { texts } from './texts.ts';

export const FollowFields = graphql(`
  fragment FollowFields on Courrier @_unmask {
    readings(first: 50) {
      totalCount
      edges { node { readAt reader { id firstName lastName } through { ...CapacityFields } } }
    }
    timeline { kind occurredAt detail actor { id firstName lastName } through { ...CapacityFields } }
  }
`, [CapacityFields]);

const words = texts.one;

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
              <li key={`${node.reader.id}${node.through?.id ?? ''}`}>
                {words.reading(inCapacity(node.reader, node.through), withTime(node.readAt), !!node.through)}
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
              {event.actor && <span>{words.by(inCapacity(event.actor, event.through))}</span>}
              <time dateTime={event.occurredAt}>{withTime(event.occurredAt)}</time>
              {event.detail && <span class="soft">{event.detail}</span>}
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}
