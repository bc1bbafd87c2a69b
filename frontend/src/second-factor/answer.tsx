import { useClient } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { ErrorSummary, Field, typed, type FieldError } from '../ui/form.tsx';
import { refusalsOf } from '../user/changes.ts';
import { hasPasskeys, signWithPasskey } from './passkey.ts';
import { texts } from './texts.ts';
import './second-factor.css';

export const ChallengeFields = graphql(`
  fragment ChallengeFields on SecondFactorChallenge @_unmask { token methods passkeyOptions }
`);

export type Challenge = ResultOf<typeof ChallengeFields>;
type Method = Challenge['methods'][number];

const ConfirmSecondFactor = graphql(`
  mutation ConfirmSecondFactor($input: ConfirmSecondFactorInput!) {
    confirmSecondFactor(input: $input) { viewer { isOperator } errors { code message path } }
  }
`);

const words = texts.answer;

interface AnswerProps {
  challenge: Challenge;
  /** Whether to offer that this device be trusted. */
  mayTrust: boolean;
  onDone: () => void;
  /** The challenge can't be answered any more: why. */
  onDead: (refusals: FieldError[]) => void;
}

/** Asks for the second factor: a code, a passkey or a recovery code. */
export function Answer({ challenge, mayTrust, onDone, onDead }: AnswerProps) {
  const client = useClient();
  const methods = challenge.methods.filter((each) => each !== 'PASSKEY' || hasPasskeys());
  const [method, setMethod] = useState<Method>(methods.includes('PASSKEY') ? 'PASSKEY' : methods[0] ?? 'RECOVERY_CODE');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [isPending, setPending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input:not([type="checkbox"]), button')?.focus(), [method]);
  const trusts = () => mayTrust && new FormData(form.current!).has('trust');

  const send = async (proof: { code?: string; recoveryCode?: string; passkey?: unknown }) => {
    const input = { challenge: challenge.token, ...proof, trustDevice: trusts() };
    const { data, error } = await change(client, ConfirmSecondFactor, { input });
    const payload = data?.confirmSecondFactor;
    setPending(false);
    const refusals = refusalsOf(payload, error, ['code']);
    if (!refusals.length) onDone();
    else if (payload?.errors.some(({ code }) => code === 'CHALLENGE_INVALID' || code === 'ACCOUNT_LOCKED')) onDead(refusals);
    else setErrors(refusals);
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isPending) return;
    setErrors([]);
    const given = typed(form.current!, 'code');
    if (method !== 'PASSKEY' && !given) {
      setErrors([{ field: 'code', message: method === 'CODE' ? words.missingCode : words.missingRecovery }]);
      return;
    }
    setPending(true);
    if (method !== 'PASSKEY') return send(method === 'CODE' ? { code: given } : { recoveryCode: given });
    try {
      const passkey = await signWithPasskey(challenge.passkeyOptions);
      await send({ passkey });
    } catch {
      setPending(false);
      setErrors([{ field: null, message: words.passkeyFailed }]);
    }
  };
  return (
    <form class="form second-factor" onSubmit={(event) => void submit(event)} noValidate method="post" ref={form}>
      <ErrorSummary errors={errors} />
      {method === 'CODE' && (
        <Field key="CODE" name="code" label={words.code} hint={words.codeHint} errors={errors}
          input={{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 12, spellcheck: false, required: true, class: 'code-input' }} />
      )}
      {method === 'RECOVERY_CODE' && (
        <Field key="RECOVERY_CODE" name="code" label={words.recoveryCode} hint={words.recoveryHint} errors={errors}
          input={{ autocomplete: 'off', autocapitalize: 'off', maxLength: 40, spellcheck: false, required: true, class: 'code-input' }} />
      )}
      {method === 'PASSKEY' && <p>{words.passkeyHint}</p>}
      {mayTrust && (
        <label class="trust"><input type="checkbox" name="trust" /><span>{words.trust}<span class="hint">{words.trustHint}</span></span></label>
      )}
      <button type="submit" class="button button-strong button-wide" aria-disabled={isPending || undefined}>
        {isPending ? words.pending : method === 'PASSKEY' ? words.passkeyDo : words.submit}
      </button>
      {methods.length > 1 && (
        <ul class="plain" aria-label={words.others}>
          {methods.filter((each) => each !== method).map((each) => (
            <li key={each}><button type="button" class="link" onClick={() => { setErrors([]); setMethod(each); }}>{words.other[each]}</button></li>
          ))}
        </ul>
      )}
    </form>
  );
}
