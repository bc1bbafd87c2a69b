import { useClient } from '@urql/preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { change } from '../graph.ts';
import { Confirmation } from '../ui/dialog.tsx';
import { BulkBar, type Selection } from '../ui/selection.tsx';
import { RemindDelegations, WithdrawDelegations } from './changes.ts';
import { MEMBERS } from './paths.ts';
import type { RequestedRow } from './rows.tsx';
import { keepScope } from './members/kept.ts';
import { texts } from './texts.ts';

const words = texts.selection;
const NAMED = 10;

/** What a centralisateur does with the delegations it ticked: what none of them allows is not offered. Those reminded too early are told when. */
export function DelegationsBar({ selection, from }: { selection: Selection<RequestedRow>; from: string }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const [isAsking, ask] = useState(false);
  const { selected, isBusy } = selection;
  const ids = selected.map(({ id }) => id);
  const allows = (action: RequestedRow['allowedActions'][number]) => selected.some(({ allowedActions }) => allowedActions.includes(action));
  const remind = () => selection.run(async () => {
    const { data, error } = await change(client, RemindDelegations, { input: { ids } });
    return { items: selected, payload: data?.remindDelegations, error };
  }, words.reminded);
  const withdraw = () => selection.run(async () => {
    const { data, error } = await change(client, WithdrawDelegations, { input: { ids } });
    return { items: selected, payload: data?.withdrawDelegations, error };
  }, words.withdrawn);
  const choose = () => navigate(`${MEMBERS}?choix=${keepScope(ids)}`, { state: { from } });
  return (
    <>
      <BulkBar selection={selection} words={words}>
        {selected.some(({ status }) => status === 'PENDING') && <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => void remind()}>{words.remind}</button>}
        {allows('WITHDRAW') && <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => ask(true)}>{words.withdraw}</button>}
        {allows('CHOOSE_MEMBERS') && <button type="button" class="button" onClick={choose}>{words.choose}</button>}
      </BulkBar>
      {isAsking && (
        <Confirmation title={words.withdrawAsk(selected.length)} action={words.withdraw} isDangerous onConfirm={() => void withdraw()} onClose={() => ask(false)}>
          <p>{words.withdrawWhat}</p>
          <ul>
            {selected.slice(0, NAMED).map(({ id, name }) => <li key={id}>{name}</li>)}
            {selected.length > NAMED && <li>{words.others(selected.length - NAMED)}</li>}
          </ul>
        </Confirmation>
      )}
    </>
  );
}
