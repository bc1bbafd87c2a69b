import { useRef, useState } from 'preact/hooks';
import { withTime } from '../dates.ts';
import { useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { ChevronLeft, ChevronRight } from '../ui/icons.tsx';
import type { Paging } from '../ui/pager.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { texts } from './texts.ts';

const MessagesQuery = graphql(`
  query OwnMessages($first: Int, $after: String, $last: Int, $before: String) {
    viewer {
      notifications(first: $first, after: $after, last: $last, before: $before) {
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { node { id subject reason recipient status attempts queuedAt sentAt } }
      }
    }
  }
`);

const SIZE = 5;
const TONES = { QUEUED: '', SENT: 'tag-good', FAILED: 'tag-warn', GIVEN_UP: 'tag-bad', DROPPED: '' };
const words = texts.messages;

/** What the platform sent to this person, the result and the rule behind it (R-NOT-02). */
export default function OwnMessages() {
  const [paging, setPaging] = useState<Paging>({ first: SIZE });
  const line = useRef<HTMLParagraphElement>(null);
  const { data, error, again, isWaiting } = useAnswer(MessagesQuery, paging);
  const found = data?.viewer?.notifications;
  if (!found) return error ? <Failure error={error} again={again} /> : <Waiting />;
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = found.pageInfo;
  const move = (to: Paging) => {
    setPaging(to);
    line.current?.focus();
  };
  if (!found.edges.length && !hasPreviousPage) return <p class="soft">{words.none}</p>;
  return (
    <>
      <p class="soft">{words.lead}</p>
      <p role="status" class="sr-only" tabIndex={-1} ref={line}>{words.shown(found.edges.length)}</p>
      <ul class="own-list" aria-busy={isWaiting || undefined}>
        {found.edges.map(({ node }) => (
          <li key={node.id}>
            <div>
              <strong>{node.subject}</strong>
              <p class="soft">{words.to(withTime(node.sentAt ?? node.queuedAt), node.recipient)}</p>
              <p class="soft">{node.reason}</p>
              {node.status === 'GIVEN_UP' && <p>{words.failed(node.attempts)}</p>}
            </div>
            <span class={`tag ${TONES[node.status]}`}>{words.status[node.status]}</span>
          </li>
        ))}
      </ul>
      {(hasPreviousPage || hasNextPage) && (
        <nav class="pager" aria-label={words.pages}>
          {hasPreviousPage && startCursor && <button type="button" class="button" onClick={() => move({ last: SIZE, before: startCursor })}><ChevronLeft /> {words.newer}</button>}
          {hasNextPage && endCursor && <button type="button" class="button" onClick={() => move({ first: SIZE, after: endCursor })}>{words.older} <ChevronRight /></button>}
        </nav>
      )}
    </>
  );
}
