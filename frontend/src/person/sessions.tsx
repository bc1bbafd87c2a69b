import { useClient } from '@urql/preact';
import { useRef, useState } from 'preact/hooks';
import { withTime } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { browserOf } from '../ui/browser.ts';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts } from './texts.ts';

const SessionsQuery = graphql(`
  query OwnSessions { viewer { sessions { id createdAt lastSeenAt userAgent isCurrent } } }
`);

const EndSession = graphql(`
  mutation EndSession($input: EndSessionInput!) { endSession(input: $input) { errors { code message path } } }
`);

const words = texts.sessions;

/** One's open sessions; the others than this one can be ended (R-ACC-17). */
export default function OwnSessions() {
  const client = useClient();
  const { data, error, again } = useAnswer(SessionsQuery, {});
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const line = useRef<HTMLDivElement>(null);
  const found = data?.viewer?.sessions;
  if (!found) return error ? <Failure error={error} again={again} /> : <Waiting />;
  const end = async (id: string) => {
    setOutcome('');
    const answer = await change(client, EndSession, { input: { id } });
    const refusals = refusalsOf(answer.data?.endSession, answer.error);
    setErrors(refusals);
    if (refusals.length) return;
    setOutcome(words.ended);
    line.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <p class="soft">{words.lead}</p>
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      <ul class="own-list">
        {found.map((each) => (
          <li key={each.id}>
            <div>
              <strong>{browserOf(each.userAgent ?? words.unknown)}</strong>
              <p class="soft">{words.opened(withTime(each.createdAt))}, {words.seen(withTime(each.lastSeenAt))}</p>
            </div>
            {each.isCurrent
              ? <span class="tag tag-good">{words.current}</span>
              : <button type="button" class="button" onClick={() => void end(each.id)}>{words.end}<span class="sr-only"> {words.endOf(browserOf(each.userAgent ?? words.unknown), withTime(each.createdAt))}</span></button>}
          </li>
        ))}
      </ul>
    </>
  );
}
