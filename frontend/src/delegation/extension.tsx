import { useEffect, useState } from 'preact/hooks';
import { aYearAfter, dayAfter, inWords } from '../dates.ts';
import { ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { Outcome, useDeciding, type Deciding } from './deciding.tsx';
import type { Decidable } from './decision.tsx';
import { texts } from './decision-texts.ts';
import { EXTENSION } from './paths.ts';

const words = texts.extension;

/** The end of a delegation put off by the délégataire, where it has one (R-DEL-04). */
export function Extension({ delegation }: { delegation: Decidable }) {
  const deciding = useDeciding();
  const { endsOn, allowedActions } = delegation;
  useEffect(() => {
    // After the screen's own heading, which takes the focus too.
    if (location.hash === `#${EXTENSION}`) queueMicrotask(() => document.getElementById(EXTENSION)?.focus());
  }, []);
  return (
    <>
      <Outcome outcome={deciding.outcome} />
      {endsOn && allowedActions.includes('EXTEND') && <NewEnd key={endsOn} delegation={delegation} endsOn={endsOn} deciding={deciding} />}
    </>
  );
}

/** In one act: a year later is proposed, or no end at all. */
function NewEnd({ delegation, endsOn, deciding }: { delegation: Decidable; endsOn: string; deciding: Deciding }) {
  const [missing, setMissing] = useState<FieldError[]>([]);
  const extend = (event: SubmitEvent) => {
    event.preventDefault();
    const day = typed(event.currentTarget as HTMLFormElement, 'endsOn');
    setMissing(day ? [] : [{ field: 'endsOn', message: words.missing }]);
    if (day) void deciding.extend(delegation, day);
  };
  const errors = missing.length ? missing : deciding.errors;
  return (
    <section class="card" aria-labelledby={EXTENSION}>
      <h2 id={EXTENSION} tabIndex={-1}>{words.title}</h2>
      <ErrorSummary errors={errors} />
      <p>{words.lead(inWords(endsOn))}</p>
      <form class="extension" onSubmit={extend} noValidate>
        <Field name="endsOn" label={words.endsOn} errors={errors} input={{ type: 'date', min: dayAfter(endsOn), defaultValue: aYearAfter(endsOn) }} />
        <button type="submit" class="button button-strong" aria-disabled={deciding.isBusy || undefined}>{words.action}</button>
        <button type="button" class="button" aria-disabled={deciding.isBusy || undefined} onClick={() => void deciding.extend(delegation, null)}>{words.forever}</button>
      </form>
    </section>
  );
}
