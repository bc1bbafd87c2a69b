import { useClient, type CombinedError } from '@urql/preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { change } from '../graph.ts';
import { Confirmation } from '../ui/dialog.tsx';
import { BulkBar as Bar, BulkOutcome as Outcome, TickAll as All, tickColumn as ticks, useSelection as useTicks } from '../ui/selection.tsx';
import type { Column } from '../ui/table.tsx';
import { DeleteUsers, RenewUsers, type Payload } from './changes.ts';
import { texts } from './texts.ts';

export interface Selected { id: string; firstName: string; lastName: string }
/** What came back of a change sent for several accounts, and for whom it was sent. */
export interface Sent { people: readonly Selected[]; payload: Payload | undefined; error: CombinedError | undefined }
type Selection = ReturnType<typeof useSelection>;

const words = texts.selection;
const named = ({ id, firstName, lastName }: Selected) => ({ id, name: `${firstName} ${lastName}` });

/** The accounts ticked on a page of the list, and what was done with them. */
export function useSelection(people: readonly Selected[], address: string) {
  const client = useClient();
  const rows = people.map(named);
  const ticked = useTicks(rows, address);
  const { selected } = ticked;
  const run = (send: () => Promise<Sent>, done: (n: number) => string) => ticked.run(async () => {
    const { people: concerned, payload, error } = await send();
    return { items: concerned.map(named), payload, error };
  }, done);
  const input = { ids: selected.map(({ id }) => id) };
  const renew = () => ticked.run(async () => {
    const { data, error } = await change(client, RenewUsers, { input });
    return { items: selected, payload: data?.renewUsers, error };
  }, words.renewed);
  const remove = () => ticked.run(async () => {
    const { data, error } = await change(client, DeleteUsers, { input });
    return { items: selected, payload: data?.deleteUsers, error };
  }, words.removed);
  return { selected, isBusy: ticked.isBusy, isTicked: ticked.isTicked, run, renew, remove, rows, ticked };
}

export function tickColumn<Row extends Selected>(selection: Selection): Column<Row> {
  const { cell, ...column } = ticks(selection.ticked, words);
  return { ...column, cell: (row) => cell(named(row)) };
}

export const TickAll = ({ selection }: { selection: Selection }) => <All selection={selection.ticked} rows={selection.rows} words={words} />;

export const BulkOutcome = ({ selection }: { selection: Selection }) => <Outcome selection={selection.ticked} words={words} />;

/** What can be done with the accounts that are ticked. */
export function BulkBar({ selection, canOnlyRenew }: { selection: Selection; canOnlyRenew?: boolean }) {
  const [isAsking, ask] = useState(false);
  const { selected, isBusy } = selection;
  return (
    <>
      <Bar selection={selection.ticked} words={words}>
        <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => void selection.renew()}>{words.renew}</button>
        {!canOnlyRenew && <Link class="button" href={`/etablissement/comptes/droits?comptes=${selected.map(({ id }) => encodeURIComponent(id)).join()}`} state={{ from: location.pathname + location.search }}>{words.rights}</Link>}
        {!canOnlyRenew && <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => ask(true)}>{words.remove}</button>}
      </Bar>
      {isAsking && (
        <Confirmation title={words.removeAsk(selected.length)} action={words.remove} isDangerous onConfirm={() => void selection.remove()} onClose={() => ask(false)}>
          <p>{words.removeWhat}</p>
          <ul>{selected.map(({ id, name }) => <li key={id}>{name}</li>)}</ul>
        </Confirmation>
      )}
    </>
  );
}
