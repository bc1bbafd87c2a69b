import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { inWords } from '../../dates.ts';
import { ErrorSummary, type FieldError } from '../../ui/form.tsx';
import { Download, Info, Warning } from '../../ui/icons.tsx';
import type { Request } from './draft.ts';
import type { Progress } from './progress.ts';
import type { Sending } from './screen.tsx';
import { isRefused, isWarned, RequestLines, saveLines, type Line } from './lines.tsx';
import { texts } from '../texts.ts';

interface CheckProps {
  request: Request;
  lines: readonly Line[];
  sending: Sending;
  errors: FieldError[];
  editPath: string;
  onSend: () => void;
  /** Gives back the way to undo it. */
  onRemoveRefused: () => (() => void) | undefined;
}

const words = texts.request;

/** What would become of each line, before anything is sent; then how far the sending has come. */
export function RequestCheck({ request, lines, sending, errors, editPath, onSend, onRemoveRefused }: CheckProps) {
  const [removed, setRemoved] = useState<{ n: number; undo: () => void } | null>(null);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (removed) line.current?.focus();
  }, [removed]);
  const refused = lines.filter(isRefused);
  const warned = lines.filter(isWarned);
  const asked = lines.length - refused.length;
  const isRounded = refused.some(({ siret }) => /\dE\+\d/i.test(siret));
  const remove = () => {
    const undo = onRemoveRefused();
    if (undo) setRemoved({ n: refused.length, undo });
  };
  const putBack = () => {
    removed?.undo();
    setRemoved(null);
  };
  if (sending === 'cut') return <Cut onResume={onSend} />;
  if (sending) return <InProgress progress={sending} />;
  return (
    <>
      <ErrorSummary errors={errors} />
      <section class="card" aria-labelledby="check-summary">
        <h3 id="check-summary">{words.checkTitle}</h3>
        <ul class="plain import-counts">
          <li>{words.willAsk(asked)}</li>
          {refused.length > 0 && <li>{words.willRefuse(refused.length)}</li>}
          {warned.length > 0 && <li>{words.warned(warned.length)}</li>}
        </ul>
        <p class="soft">{words.summary(request.services.length, periodOf(request))}</p>
        {isRounded && <p class="notice notice-warn"><Info /> <span>{words.rounded}</span></p>}
        <div role="status" class="outcome" tabIndex={-1} ref={line}>{removed && <p>{words.removed(removed.n)} <button type="button" class="link" onClick={putBack}>{words.undo}</button></p>}</div>
        {asked === 0 && <p class="notice"><Info /> <span>{words.nothing}</span></p>}
        <div class="actions">
          {asked > 0 && <button type="button" class="button button-strong" onClick={onSend}>{words.send(asked)}</button>}
          <Link class="button" href={editPath}>{words.edit}</Link>
          {refused.length > 0 && asked > 0 && <button type="button" class="button" onClick={remove}>{words.removeRefused(refused.length)}</button>}
          {refused.length > 0 && <button type="button" class="button" onClick={() => saveLines(words.refusedName, refused, false)}><Download /> {words.downloadRefused}</button>}
        </div>
      </section>
      <RequestLines lines={lines} isDone={false} />
    </>
  );
}

const periodOf = ({ startsOn, endsOn }: Request) =>
  [startsOn ? words.from(inWords(startsOn)) : words.fromAcceptance, endsOn ? words.until(inWords(endsOn)) : words.forever].join(', ');

/** No answer came: the same request under the same key does the rest. */
function Cut({ onResume }: { onResume: () => void }) {
  return (
    <div class="notice notice-bad" role="alert">
      <Warning />
      <div><h3>{words.cut}</h3><p>{words.cutHelp}</p><button type="button" class="button" onClick={onResume}>{words.resume}</button></div>
    </div>
  );
}

/** Told by quarters to who hears it: every slice of a long list would be noise. */
function InProgress({ progress: { treated, total } }: { progress: Progress }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  const quarter = Math.floor((4 * treated) / total);
  return (
    <section class="card" aria-labelledby="sending">
      <h3 id="sending" tabIndex={-1} ref={title}>{words.sending}</h3>
      <progress class="request-progress" max={total} value={treated} aria-labelledby="sending" />
      <p>{words.progress(treated, total)}</p>
      <p class="sr-only" role="status">{quarter > 0 && words.progress(Math.floor((quarter * total) / 4), total)}</p>
    </section>
  );
}
