import { useClient } from '@urql/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { inWords } from '../dates.ts';
import { change } from '../graph.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { announce } from '../ui/announcer.tsx';
import { Confirmation } from '../ui/dialog.tsx';
import { ErrorSummary, type FieldError } from '../ui/form.tsx';
import { texts as secondFactor } from '../second-factor/texts.ts';
import { useViewer } from '../session/session.tsx';
import { CancelInvitation, DeleteUsers, refusalsOf, RenewUsers, ReopenUser, ResendInvitation, ResetSecondFactor, SetProfile, UnlockUser } from './changes.ts';
import { Successor } from './successor.tsx';
import { texts } from './texts.ts';

export const ActionsFields = graphql(`
  fragment ActionsFields on User @_unmask { id firstName lastName identifier email profile status lastLoginAt hasSecondFactor }
`);

const words = texts.actions;
const factor = secondFactor.reset;

/** What an administrator can do with one account, what was done, and why not. */
export function AccountActions({ user, listPath }: { user: ResultOf<typeof ActionsFields>; listPath: string }) {
  const client = useClient();
  const viewer = useViewer();
  const [, navigate] = useLocation();
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [outcome, setOutcome] = useState('');
  const [asking, ask] = useState<'profile' | 'removal' | 'reopening' | 'cancelling' | 'factor' | null>(null);
  const [needsSuccessor, needSuccessor] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus({ preventScroll: true });
  }, [outcome]);
  const { id } = user;
  const name = `${user.firstName} ${user.lastName}`;
  const isAdministrator = user.profile === 'ADMINISTRATOR';

  /** Sends one change; says what was done, or shows the refusals. */
  const run = (send: () => Promise<{ refusals: FieldError[]; done: string }>) => async () => {
    if (isBusy) return;
    setBusy(true);
    setOutcome('');
    const { refusals, done } = await send();
    setBusy(false);
    setErrors(refusals);
    if (!refusals.length) setOutcome(done);
  };
  const renew = run(async () => {
    const { data, error } = await change(client, RenewUsers, { input: { ids: [id] } });
    const until = data?.renewUsers.users[0]?.expiresOn;
    return { refusals: refusalsOf(data?.renewUsers, error), done: until ? words.renewed(name, inWords(until)) : words.renewedPlain(name) };
  });
  const unlock = run(async () => {
    const { data, error } = await change(client, UnlockUser, { input: { id } });
    return { refusals: refusalsOf(data?.unlockUser, error), done: words.unlocked(name) };
  });
  const resend = run(async () => {
    const { data, error } = await change(client, ResendInvitation, { input: { id } });
    return { refusals: refusalsOf(data?.resendInvitation, error), done: words.resent(name) };
  });
  const setProfile = run(async () => {
    const { data, error } = await change(client, SetProfile, { input: { id, profile: isAdministrator ? 'USER' : 'ADMINISTRATOR' } });
    return { refusals: refusalsOf(data?.setProfile, error), done: isAdministrator ? words.demoted(name) : words.promoted(name) };
  });
  const reset = run(async () => {
    const { data, error } = await change(client, ResetSecondFactor, { input: { id } });
    return { refusals: refusalsOf(data?.resetSecondFactor, error), done: factor.done(name) };
  });
  const remove = async () => {
    const { data, error } = await change(client, DeleteUsers, { input: { ids: [id] } });
    const refusals = refusalsOf(data?.deleteUsers, error);
    const isLast = !!data?.deleteUsers.results.some((result) => result.errors.some(({ code }) => code === 'LAST_ADMINISTRATOR'));
    needSuccessor(isLast);
    setErrors(isLast ? [] : refusals);
    if (refusals.length) return;
    announce(words.removed(name));
    navigate(listPath);
  };
  const cancelInvitation = async () => {
    const { data, error } = await change(client, CancelInvitation, { input: { id } });
    const refusals = refusalsOf(data?.cancelInvitation, error);
    setErrors(refusals);
    if (refusals.length) return;
    announce(words.cancelled(name));
    navigate(listPath);
  };
  const reopen = async () => {
    const { data, error } = await change(client, ReopenUser, { input: { id } });
    const refusals = refusalsOf(data?.reopenUser, error);
    setErrors(refusals);
    if (!refusals.length) navigate(`/etablissement/comptes/${encodeURIComponent(id)}/droits`, { state: { reopened: true, from: listPath } });
  };
  const button = (label: string, onClick: () => void) => <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={onClick}>{label}</button>;
  return (
    <section class="card" aria-labelledby="account-actions">
      <h2 id="account-actions">{words.title}</h2>
      <div role="status" class="outcome" tabIndex={-1} ref={line}>{outcome && <p>{outcome}</p>}</div>
      <ErrorSummary errors={errors} />
      {needsSuccessor && <Successor userId={id} onNamed={() => void remove()} onClose={() => needSuccessor(false)} />}
      <ul class="account-actions">
        {user.status === 'EXPIRED' && <Action title={words.reopen} help={words.reopenHelp}>{button(words.reopen, () => ask('reopening'))}</Action>}
        {user.status === 'LOCKED' && <Action title={words.unlock} help={words.unlockHelp}>{button(words.unlock, () => void unlock())}</Action>}
        {user.status === 'INVITED' && <Action title={words.resend} help={words.resendHelp(user.email ?? '')}>{button(words.resend, () => void resend())}</Action>}
        {user.status === 'INVITED' && !user.lastLoginAt && <Action title={words.cancelInvitation} help={words.cancelInvitationHelp}>{button(words.cancelInvitation, () => ask('cancelling'))}</Action>}
        {user.status !== 'EXPIRED' && <Action title={words.renew} help={words.renewHelp}>{button(words.renew, () => void renew())}</Action>}
        {isAdministrator
          ? <Action title={words.demote} help={words.demoteHelp}>{button(words.demote, () => ask('profile'))}</Action>
          : <Action title={words.promote} help={words.promoteHelp}>{button(words.promote, () => ask('profile'))}</Action>}
        {user.hasSecondFactor && viewer.user?.id !== id && <Action title={factor.action} help={factor.help}>{button(factor.action, () => ask('factor'))}</Action>}
        <Action title={words.remove} help={words.removeHelp}>{button(words.removeDo, () => ask('removal'))}</Action>
      </ul>
      {asking === 'profile' && (
        <Confirmation title={isAdministrator ? words.demoteAsk(name) : words.promoteAsk(name)} action={isAdministrator ? words.demote : words.promote}
          onConfirm={() => void setProfile()} onClose={() => ask(null)}>
          <p>{isAdministrator ? words.demoteWhat(name) : words.promoteWhat(name)}</p>
        </Confirmation>
      )}
      {asking === 'factor' && (
        <Confirmation title={factor.ask(name)} action={factor.action} isDangerous onConfirm={() => void reset()} onClose={() => ask(null)}>
          <p>{factor.what(name)}</p>
        </Confirmation>
      )}
      {asking === 'reopening' && (
        <Confirmation title={words.reopenAsk(name)} action={words.reopen} onConfirm={() => void reopen()} onClose={() => ask(null)}>
          <p>{words.reopenWhat(name, user.email ?? '')}</p>
        </Confirmation>
      )}
      {asking === 'cancelling' && (
        <Confirmation title={words.cancelAsk(name)} action={words.cancelInvitation} isDangerous onConfirm={() => void cancelInvitation()} onClose={() => ask(null)}>
          <p>{words.cancelWhat(name)}</p>
        </Confirmation>
      )}
      {asking === 'removal' && (
        <Confirmation title={words.removeAsk(name)} action={words.removeDo} isDangerous onConfirm={() => void remove()} onClose={() => ask(null)}>
          <p>{words.removeWhat(name, user.identifier ?? '')}</p>
        </Confirmation>
      )}
    </section>
  );
}

const Action = ({ title, help, children }: { title: string; help: string; children: ComponentChildren }) => (
  <li><p><strong>{title}</strong> <span class="soft">{help}</span></p>{children}</li>
);
