import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { useViewer } from '../session/session.tsx';
import { ErrorSummary, Field, PasswordField, typed, type FieldError } from '../ui/form.tsx';
import { texts as common } from '../ui/texts.ts';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { makePasskey } from './passkey.ts';
import { texts } from './texts.ts';

const EnrolSecondFactor = graphql(`
  mutation EnrolSecondFactor($input: EnrolSecondFactorInput!) {
    enrolSecondFactor(input: $input) {
      enrolment { challenge secret qrCode passkeyOptions }
      recoveryCodes
      errors { code message path }
    }
  }
`);

type Begun = NonNullable<ResultOf<typeof EnrolSecondFactor>['enrolSecondFactor']['enrolment']>;
export type Kind = 'TOTP' | 'PASSKEY';

const words = texts.enrolment;
const PASSWORD = { show: words.showPassword, hide: words.hidePassword };

interface EnrolmentProps {
  kind: Kind;
  /** The recovery codes, where it is the first factor. */
  onDone: (codes: readonly string[]) => void;
  onCancel: () => void;
}

/** Enrols an application or a passkey; the password is asked first where one signed in a while ago. */
export function Enrolment({ kind, onDone, onCancel }: EnrolmentProps) {
  const client = useClient();
  const { user } = useViewer();
  const password = useRef<string>();
  const [isAsking, ask] = useState(false);
  const [begun, setBegun] = useState<Begun | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isPending, setPending] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const start = async (before: FieldError[] = []) => {
    const { data, error } = await change(client, EnrolSecondFactor, { input: { kind, password: password.current } });
    const payload = data?.enrolSecondFactor;
    const isNeeded = payload?.errors.some((each) => each.code === 'PASSWORD_NEEDED') ?? false;
    const isWrong = payload?.errors.some((each) => each.path.includes('password')) ?? false;
    ask(isNeeded || isWrong);
    setErrors(isNeeded ? before : [...before, ...refusalsOf(payload, error, ['password'])]);
    setBegun(payload?.enrolment ?? null);
  };
  const prove = async (form: HTMLFormElement) => {
    password.current = String(new FormData(form).get('password') ?? '');
    if (!password.current) return setErrors([{ field: 'password', message: words.missingPassword }]);
    setPending(true);
    await start();
    setPending(false);
  };
  useEffect(() => {
    heading.current?.focus();
    void start();
  }, []);
  useEffect(() => {
    if (isAsking && !errors.length) document.getElementById('password')?.focus();
  }, [isAsking]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isPending) return;
    const form = event.currentTarget as HTMLFormElement;
    if (isAsking) return prove(form);
    if (!begun) return;
    const label = typed(form, 'label');
    const code = kind === 'TOTP' ? typed(form, 'code') : undefined;
    setErrors([]);
    if (code === '') return setErrors([{ field: 'code', message: words.missingCode }]);
    setPending(true);
    try {
      const passkey = kind === 'PASSKEY' ? await makePasskey(begun.passkeyOptions) : undefined;
      const { data, error } = await change(client, EnrolSecondFactor, { input: { challenge: begun.challenge, label, code, passkey } });
      const payload = data?.enrolSecondFactor;
      const refusals = refusalsOf(payload, error, ['code', 'label']);
      setErrors(refusals);
      if (payload && !refusals.length) onDone(payload.recoveryCodes);
      else if (payload?.errors.some((each) => each.code === 'CHALLENGE_INVALID')) await start(refusals);
    } catch {
      setErrors([{ field: null, message: words.passkeyFailed }]);
    }
    setPending(false);
  };
  const isApplication = kind === 'TOTP';
  return (
    <form class="form second-factor" onSubmit={(event) => void submit(event)} noValidate method="post">
      <h3 tabIndex={-1} ref={heading}>{isApplication ? words.application : words.passkey}</h3>
      <ErrorSummary errors={errors} />
      {!begun && !isAsking && !errors.length && <Waiting />}
      {isAsking && (
        <>
          {/* For password managers, which file the password under the identifier. */}
          <input type="text" name="username" autocomplete="username" value={user?.identifier ?? ''} readOnly hidden />
          <PasswordField name="password" label={words.password} hint={words.passwordHint} words={PASSWORD} errors={errors}
            input={{ autocomplete: 'current-password', required: true }} />
        </>
      )}
      {begun && isApplication && (
        <>
          <p>{words.applicationSteps}</p>
          <img class="qr" src={begun.qrCode ?? ''} alt={words.picture} width="200" height="200" />
          <p>{words.secret} <code class="secret">{begun.secret?.replace(/(.{4})(?=.)/g, '$1 ')}</code></p>
          <Field name="code" label={words.code} hint={words.codeHint} errors={errors}
            input={{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 12, spellcheck: false, required: true, class: 'code-input' }} />
        </>
      )}
      {begun && !isApplication && <p>{words.passkeySteps}</p>}
      {begun && <Field name="label" label={words.label} hint={words.labelHint} errors={errors} input={{ maxLength: 100, autocomplete: 'off' }} />}
      <div class="actions">
        {isAsking && <button type="submit" class="button button-strong" aria-disabled={isPending || undefined}>{words.continue}</button>}
        {begun && (
          <button type="submit" class="button button-strong" aria-disabled={isPending || undefined}>
            {isPending ? words.pending : isApplication ? words.submit : words.passkeyDo}
          </button>
        )}
        <button type="button" class="button" onClick={onCancel}>{common.cancel}</button>
      </div>
    </form>
  );
}
