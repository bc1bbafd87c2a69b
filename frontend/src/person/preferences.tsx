import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fundName } from '../courrier/texts.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Choices, ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts } from './texts.ts';

const PreferencesQuery = graphql(`
  query OwnPreferences { funds { code label } viewer { notificationPreferences { newCourriers funds accountExpiry } } }
`);

const UpdatePreferences = graphql(`
  mutation UpdateNotificationPreferences($input: NotificationPreferencesInput!) {
    updateNotificationPreferences(input: $input) { preferences { newCourriers funds accountExpiry } errors { code message path } }
  }
`);

type Answer = ResultOf<typeof PreferencesQuery>;
type Preferences = NonNullable<NonNullable<Answer['viewer']>['notificationPreferences']>;
type Rhythm = Preferences['newCourriers'];

const words = texts.preferences;
const RHYTHMS: readonly Rhythm[] = ['IMMEDIATE', 'DAILY_DIGEST', 'WEEKLY_DIGEST', 'NONE'];

/** How one is told of new letters (R-COU-10). */
export default function OwnPreferences() {
  const { data, error, again } = useAnswer(PreferencesQuery, {});
  const kept = data?.viewer?.notificationPreferences;
  if (!data || !kept) return error ? <Failure error={error} again={again} /> : <Waiting />;
  return <PreferencesForm kept={kept} funds={data.funds} />;
}

function PreferencesForm({ kept, funds }: { kept: Preferences; funds: Answer['funds'] }) {
  const client = useClient();
  const [rhythm, setRhythm] = useState<Rhythm>(kept.newCourriers);
  const [heard, setHeard] = useState<ReadonlySet<string>>(new Set(kept.funds));
  const [expiry, setExpiry] = useState(kept.accountExpiry);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const [isBusy, setBusy] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus({ preventScroll: true });
  }, [outcome]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setOutcome('');
    const input = { newCourriers: rhythm, funds: funds.map(({ code }) => code).filter((code) => heard.has(code)), accountExpiry: expiry };
    const answer = await change(client, UpdatePreferences, { input });
    setBusy(false);
    const refusals = refusalsOf(answer.data?.updateNotificationPreferences, answer.error, []);
    setErrors(refusals);
    if (!refusals.length) setOutcome(words.saved);
  };
  const hear = (code: string, isHeard: boolean) => setHeard(new Set(isHeard ? [...heard, code] : [...heard].filter((one) => one !== code)));
  return (
    <>
      <p class="soft">{words.lead}</p>
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      <form class="form own-form" onSubmit={(event) => void submit(event)} noValidate method="post" aria-label={texts.sections.preferences}>
        <Choices name="rhythm" legend={words.rhythm} hint={words.rhythmHint} value={rhythm} onChange={setRhythm}
          options={RHYTHMS.map((value) => ({ value, label: words.rhythms[value] }))} />
        {rhythm !== 'NONE' && (
          <fieldset class="choices-field">
            <legend>{words.funds}</legend>
            <div class="radios">
              {funds.map(({ code }) => (
                <label key={code} class="radio"><input type="checkbox" checked={heard.has(code)} onChange={(event) => hear(code, event.currentTarget.checked)} /><span>{fundName(code)}</span></label>
              ))}
            </div>
          </fieldset>
        )}
        <label class="radio"><input type="checkbox" checked={expiry} onChange={(event) => setExpiry(event.currentTarget.checked)} /><span>{words.expiry}</span></label>
        <div class="actions"><button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.save}</button></div>
      </form>
    </>
  );
}
