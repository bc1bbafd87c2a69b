import { useClient } from '@urql/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords } from '../dates.ts';
import { change } from '../graph.ts';
import { Confirmation } from '../ui/dialog.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { refusalsOf } from '../ui/refusals.ts';
import { EndDelegation, RemindDelegations, WithdrawDelegations } from './changes.ts';
import type { DelegationShown, Side } from './delegation.tsx';
import { EndDialog } from './end.tsx';
import { texts } from './texts.ts';

const words = texts.one;

/** What may be done with one delegation: reminded, withdrawn, ended; what was done, and why not. */
export function DelegationActions({ delegation, side }: { delegation: DelegationShown; side: Side }) {
  const client = useClient();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const [asking, ask] = useState<'withdrawal' | 'end' | null>(null);
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus();
  }, [outcome]);
  const { id, allowedActions, centralisateur, delegataire, requestedAt, remindedAt } = delegation;
  const other = side === 'asked' ? centralisateur.name : delegataire.name;
  const allows = (action: DelegationShown['allowedActions'][number]) => allowedActions.includes(action);

  /** Sends one change; says what was done, or shows the refusals. */
  const run = async (send: () => Promise<FieldError[]>, done: string) => {
    if (isBusy) return;
    setBusy(true);
    setOutcome('');
    const refusals = await send();
    setBusy(false);
    setErrors(refusals);
    if (!refusals.length) setOutcome(done);
  };
  const remind = () => run(async () => {
    const { data, error } = await change(client, RemindDelegations, { input: { ids: [id] } });
    return refusalsOf(data?.remindDelegations, error);
  }, words.remindDone(other));
  const withdraw = () => run(async () => {
    const { data, error } = await change(client, WithdrawDelegations, { input: { ids: [id] } });
    return refusalsOf(data?.withdrawDelegations, error);
  }, words.withdrawDone);
  const end = (why: string) => run(async () => {
    const { data, error } = await change(client, EndDelegation, { input: { id, reason: why } });
    return refusalsOf(data?.endDelegation, error);
  }, words.endDone);
  const button = (label: string, onClick: () => void) => <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={onClick}>{label}</button>;
  const isIdle = !(['REMIND', 'WITHDRAW', 'END'] as const).some(allows);
  const isTooEarly = allows('WITHDRAW') && !allows('REMIND');
  return (
    <>
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      <ErrorSummary errors={errors} />
      {!isIdle && (
        <section class="card" aria-labelledby="delegation-actions">
          <h2 id="delegation-actions">{words.actions}</h2>
          <ul class="account-actions">
            {isTooEarly && <Action title={words.remind} help={words.remindTooEarly(inWords(remindedAt ?? requestedAt))} />}
            {allows('REMIND') && <Action title={words.remind} help={words.remindHelp}>{button(words.remind, () => void remind())}</Action>}
            {allows('WITHDRAW') && <Action title={words.withdraw} help={words.withdrawHelp}>{button(words.withdraw, () => ask('withdrawal'))}</Action>}
            {allows('END') && <Action title={words.end} help={words.endHelp}>{button(words.end, () => ask('end'))}</Action>}
          </ul>
        </section>
      )}
      {asking === 'withdrawal' && (
        <Confirmation title={words.withdrawAsk(other)} action={words.withdraw} isDangerous onConfirm={() => void withdraw()} onClose={() => ask(null)}>
          <p>{texts.selection.withdrawWhat}</p>
        </Confirmation>
      )}
      {asking === 'end' && <EndDialog other={other} side={side} reason={reason} onReason={setReason} onEnd={(why) => void end(why)} onClose={() => ask(null)} />}
    </>
  );
}

const Action = ({ title, help, children }: { title: string; help: string; children?: ComponentChildren }) => (
  <li><p><strong>{title}</strong> <span class="soft">{help}</span></p>{children}</li>
);
