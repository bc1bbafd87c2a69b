import { useClient } from '@urql/preact';
import { useRef, useState } from 'preact/hooks';
import { inWords } from '../dates.ts';
import { change, useAnswer } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { browserOf } from '../ui/browser.ts';
import { Confirmation } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { refusalsOf } from '../user/changes.ts';
import { Enrolment, type Kind } from './enrolment.tsx';
import { hasPasskeys } from './passkey.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import { texts } from './texts.ts';
import './second-factor.css';

const SecondFactorsQuery = graphql(`
  query SecondFactors {
    viewer {
      requiresSecondFactor
      recoveryCodesLeft
      secondFactors { id kind label enrolledAt lastUsedAt }
      trustedDevices { id userAgent expiresAt }
    }
  }
`);

const RemoveSecondFactor = graphql(`
  mutation RemoveSecondFactor($input: RemoveSecondFactorInput!) { removeSecondFactor(input: $input) { errors { code message path } } }
`);

const RegenerateRecoveryCodes = graphql(`
  mutation RegenerateRecoveryCodes { regenerateRecoveryCodes { recoveryCodes errors { code message path } } }
`);

const ForgetTrustedDevices = graphql(`
  mutation ForgetTrustedDevices($input: ForgetTrustedDevicesInput!) { forgetTrustedDevices(input: $input) { errors { code message path } } }
`);

const words = texts.section;

/** « Double authentification », a section of « Mes informations ». */
export default function OwnSecondFactors() {
  return <SecondFactors />;
}

/** One's second factors, recovery codes and trusted devices (R-ACC-16). `onEnrolled`: where enrolling is all there is to do. */
export function SecondFactors({ onEnrolled }: { onEnrolled?: () => void }) {
  const client = useClient();
  const { data, error, again } = useAnswer(SecondFactorsQuery, {});
  const [enrolling, enrol] = useState<Kind | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [removing, remove] = useState<{ id: string; label: string } | null>(null);
  const [isRenewing, renew] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const line = useRef<HTMLDivElement>(null);
  const viewer = data?.viewer;
  if (!viewer) return error ? <Failure error={error} again={again} /> : <Waiting />;

  const tell = (refusals: FieldError[], done: string) => {
    setErrors(refusals);
    setOutcome(refusals.length ? '' : done);
    if (!refusals.length) line.current?.focus({ preventScroll: true });
  };
  const removeNow = async (id: string) => {
    const { data: answer, error: failure } = await change(client, RemoveSecondFactor, { input: { id } });
    tell(refusalsOf(answer?.removeSecondFactor, failure), words.removed);
  };
  const renewNow = async () => {
    const { data: answer, error: failure } = await change(client, RegenerateRecoveryCodes, {});
    tell(refusalsOf(answer?.regenerateRecoveryCodes, failure), '');
    setCodes(answer?.regenerateRecoveryCodes.recoveryCodes ?? []);
  };
  const forget = async (id: string | null) => {
    const { data: answer, error: failure } = await change(client, ForgetTrustedDevices, { input: { id } });
    tell(refusalsOf(answer?.forgetTrustedDevices, failure), words.forgotten);
  };
  if (codes.length) return <RecoveryCodes codes={codes} onKept={() => { setCodes([]); onEnrolled?.(); }} />;
  if (enrolling) {
    return <Enrolment kind={enrolling} onCancel={() => enrol(null)} onDone={(fresh) => {
      enrol(null);
      setCodes(fresh);
      tell([], texts.enrolment.done);
      if (!fresh.length) onEnrolled?.();
    }} />;
  }
  const factors = viewer.secondFactors;
  return (
    <>
      <p class="soft">{words.lead}</p>
      <ErrorSummary errors={errors} />
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      {factors.length === 0 && !onEnrolled && <p>{words.none} {viewer.requiresSecondFactor && words.required}</p>}
      {factors.length > 0 && (
        <ul class="own-list" aria-label={words.list}>
          {factors.map((each) => (
            <li key={each.id}>
              <div>
                <strong>{each.label}</strong>
                <p class="soft">{words.kind[each.kind]}, {words.added(inWords(each.enrolledAt))}{each.lastUsedAt && `, ${words.used(inWords(each.lastUsedAt))}`}</p>
              </div>
              <button type="button" class="button" onClick={() => remove(each)}>{words.remove}<span class="sr-only"> {words.removeOf(each.label)}</span></button>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <button type="button" class="button button-strong" onClick={() => enrol('TOTP')}>{words.addApplication}</button>
        {hasPasskeys() && <button type="button" class="button" onClick={() => enrol('PASSKEY')}>{words.addPasskey}</button>}
      </div>
      {!hasPasskeys() && <p class="soft">{words.noPasskey}</p>}
      {factors.length > 0 && (
        <>
          <h3>{words.codes}</h3>
          <p>{words.codesLeft(viewer.recoveryCodesLeft)} {words.codesHelp}</p>
          <div class="actions"><button type="button" class="button" onClick={() => renew(true)}>{words.codesDo}</button></div>
        </>
      )}
      {viewer.trustedDevices.length > 0 && (
        <>
          <h3>{words.devices}</h3>
          <p class="soft">{words.devicesHelp}</p>
          <ul class="own-list" aria-label={words.devices}>
            {viewer.trustedDevices.map((each) => (
              <li key={each.id}>
                <div><strong>{each.userAgent ? browserOf(each.userAgent) : words.unknownDevice}</strong> <span class="soft">{words.until(inWords(each.expiresAt))}</span></div>
                <button type="button" class="button" onClick={() => void forget(each.id)}>{words.forget}</button>
              </li>
            ))}
          </ul>
          {viewer.trustedDevices.length > 1 && <div class="actions"><button type="button" class="button" onClick={() => void forget(null)}>{words.forgetAll}</button></div>}
        </>
      )}
      {removing && (
        <Confirmation title={words.removeAsk(removing.label)} action={words.remove} isDangerous onConfirm={() => void removeNow(removing.id)} onClose={() => remove(null)}>
          <p>{words.removeWhat}</p>
          {factors.length === 1 && <p>{words.removeLast}</p>}
        </Confirmation>
      )}
      {isRenewing && (
        <Confirmation title={words.codesAsk} action={words.codesDo} onConfirm={() => void renewNow()} onClose={() => renew(false)}>
          <p>{words.codesWhat}</p>
        </Confirmation>
      )}
    </>
  );
}
