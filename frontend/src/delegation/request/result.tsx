import { Link } from 'wouter-preact';
import { ErrorSummary, type FieldError } from '../../ui/form.tsx';
import { Check, Download, Info } from '../../ui/icons.tsx';
import { REQUESTED } from '../paths.ts';
import { isRefused, RequestLines, saveLines, type Line } from './lines.tsx';
import { texts } from '../texts.ts';

const words = texts.request;

/** What was asked and what was refused, line by line, to take away and to follow. */
export function RequestResult({ lines, errors, onAnother }: { lines: readonly Line[]; errors: FieldError[]; onAnother: () => void }) {
  const refused = lines.filter(isRefused).length;
  const asked = lines.length - refused;
  return (
    <>
      <ErrorSummary errors={errors}><p>{words.partly}</p></ErrorSummary>
      <section class="card" aria-labelledby="request-done">
        <h3 id="request-done">{words.done(asked)}</h3>
        {refused > 0 && <p>{words.willRefuse(refused)}</p>}
        <p class={asked ? 'notice notice-good' : 'notice'} role="status">{asked ? <Check /> : <Info />} <span>{asked ? words.doneHelp : words.nothing}</span></p>
        <div class="actions">
          <Link class="button button-strong" href={`${REQUESTED}?vue=en-attente`}>{words.follow}</Link>
          <button type="button" class="button" onClick={() => saveLines(words.resultName, lines, true)}><Download /> {words.download}</button>
          <button type="button" class="button" onClick={onAnother}>{words.another}</button>
        </div>
      </section>
      <RequestLines lines={lines} isDone />
    </>
  );
}
