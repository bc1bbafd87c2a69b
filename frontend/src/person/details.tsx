import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { change, useAnswer } from '../graph.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts';
import { Failure } from '../ui/failure.tsx';
import { Choices, ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { Info } from '../ui/icons.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { texts as users } from '../user/texts.ts';
import { texts } from './texts.ts';

const DetailsQuery = graphql(`
  query OwnDetails { viewer { user { id identifier civility firstName lastName email pendingEmail phone } } }
`);

const UpdateOwnDetails = graphql(`
  mutation UpdateOwnDetails($input: UpdateOwnDetailsInput!) {
    updateOwnDetails(input: $input) { user { id pendingEmail } errors { code message path } }
  }
`);

type User = NonNullable<NonNullable<ResultOf<typeof DetailsQuery>['viewer']>['user']>;
type Input = VariablesOf<typeof UpdateOwnDetails>['input'];

const words = texts.details;
const labels = users.account;
const FIELDS = ['civility', 'email', 'phone'];

/** One's own details: what says how to be reached is one's own to change, names are the administrators' (R-ACC-02, 07). */
export default function OwnDetails() {
  const client = useClient();
  const { data, error, again } = useAnswer(DetailsQuery, {});
  const [isEditing, edit] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const [isBusy, setBusy] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const hasGivenUp = useRef(false);
  useEffect(() => {
    if (outcome) line.current?.focus({ preventScroll: true });
  }, [outcome]);
  useEffect(() => {
    if (!isEditing && hasGivenUp.current) editButton.current?.focus();
    hasGivenUp.current = false;
  }, [isEditing]);
  const user = data?.viewer?.user;
  if (!user) return error ? <Failure error={error} again={again} /> : <Waiting />;

  const send = async (input: Input, done: (pendingEmail: string | null) => string) => {
    if (isBusy) return;
    setBusy(true);
    setOutcome('');
    const answer = await change(client, UpdateOwnDetails, { input });
    setBusy(false);
    const payload = answer.data?.updateOwnDetails;
    const refusals = refusalsOf(payload, answer.error, isEditing ? FIELDS : []);
    setErrors(refusals);
    if (refusals.length) return;
    edit(false);
    setOutcome(done(payload?.user?.pendingEmail ?? null));
  };
  const start = () => {
    setOutcome('');
    setErrors([]);
    edit(true);
  };
  const giveUp = () => {
    setErrors([]);
    hasGivenUp.current = true;
    edit(false);
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      {isEditing ? (
        <DetailsForm user={user} errors={errors} isBusy={isBusy} onErrors={setErrors} onCancel={giveUp}
          onSave={(input) => void send(input, (pending) => (input.email && pending ? words.savedAndSent(pending) : words.saved))} />
      ) : (
        <>
          <dl class="facts facts-wide">
            <div><dt>{labels.identifier}</dt><dd>{user.identifier}</dd></div>
            {user.civility && <div><dt>{labels.civility}</dt><dd>{users.civility[user.civility]}</dd></div>}
            <div><dt>{labels.firstName}</dt><dd>{user.firstName}</dd></div>
            <div><dt>{labels.lastName}</dt><dd>{user.lastName}</dd></div>
            <div><dt>{labels.email}</dt><dd>{user.email}</dd></div>
            <div><dt>{labels.phone}</dt><dd>{user.phone ?? labels.noPhone}</dd></div>
          </dl>
          {user.pendingEmail && <Pending email={user.pendingEmail} isBusy={isBusy}
            onResend={(email) => void send({ email }, () => words.resent(email))}
            onGiveUp={() => void send({ email: user.email }, () => words.givenUp)} />}
          <p class="soft">{words.names} <a href="#administrateurs">{words.whom}</a></p>
          <div class="actions"><button type="button" class="button" ref={editButton} onClick={start}>{words.edit}</button></div>
        </>
      )}
    </>
  );
}

interface PendingProps { email: string; isBusy: boolean; onResend: (email: string) => void; onGiveUp: () => void }

/** The address asked for, that nobody has confirmed yet. */
function Pending({ email, isBusy, onResend, onGiveUp }: PendingProps) {
  return (
    <div class="notice">
      <Info />
      <div>
        <h3>{words.pendingTitle}</h3>
        <p>{words.pending(email)}</p>
        <div class="actions">
          <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => onResend(email)}>{words.resend}</button>
          <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={onGiveUp}>{words.giveUp}</button>
        </div>
      </div>
    </div>
  );
}

interface DetailsFormProps { user: User; errors: FieldError[]; isBusy: boolean; onErrors: (errors: FieldError[]) => void; onCancel: () => void; onSave: (input: Input) => void }

function DetailsForm({ user, errors, isBusy, onErrors, onCancel, onSave }: DetailsFormProps) {
  const [civility, setCivility] = useState<'MADAME' | 'MONSIEUR' | ''>(user.civility ?? '');
  useEffect(() => document.getElementById('civility')?.focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const email = typed(form, 'email');
    if (!email) return onErrors([{ field: 'email', message: words.missingEmail }]);
    if (!/^\S+@\S+\.\S+$/.test(email)) return onErrors([{ field: 'email', message: words.badEmail }]);
    // The address in use, said again, would cancel the one that waits to be confirmed: it goes unsaid.
    onSave({ civility: civility || null, phone: typed(form, 'phone') || null, ...(email !== user.email && { email }) });
  };
  return (
    <form class="form own-form" onSubmit={submit} noValidate method="post" aria-label={words.title}>
      <Choices name="civility" legend={words.civility} value={civility} onChange={setCivility} errors={errors}
        options={[{ value: 'MADAME', label: users.civility.MADAME }, { value: 'MONSIEUR', label: users.civility.MONSIEUR }, { value: '', label: words.noCivility }]} />
      <Field name="email" label={words.email} hint={words.emailHint} errors={errors}
        input={{ type: 'email', autocomplete: 'email', autocapitalize: 'off', spellcheck: false, required: true, defaultValue: user.email ?? '' }} />
      <Field name="phone" label={words.phone} errors={errors} input={{ type: 'tel', autocomplete: 'tel', defaultValue: user.phone ?? '' }} />
      <div class="actions">
        <button type="submit" class="button button-strong" aria-disabled={isBusy || undefined}>{words.save}</button>
        <button type="button" class="button" onClick={onCancel}>{words.cancel}</button>
      </div>
    </form>
  );
}
