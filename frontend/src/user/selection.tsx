import { useClient, type CombinedError } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { change } from '../graph.ts';
import { Confirmation } from '../ui/dialog.tsx';
import { Cross, Warning } from '../ui/icons.tsx';
import type { Column } from '../ui/table.tsx';
import { DeleteUsers, refusalsOf, RenewUsers, type Payload } from './changes.ts';
import { texts } from './texts.ts';

export interface Selected { id: string; firstName: string; lastName: string }
/** What came back of a change sent for several accounts, and for whom it was sent. */
export interface Sent { people: readonly Selected[]; payload: Payload | undefined; error: CombinedError | undefined }
interface Outcome { done: string; failed: string; refused: { who: string; why: string }[] }
type Selection = ReturnType<typeof useSelection>;

const words = texts.selection;
const nameOf = ({ firstName, lastName }: Selected) => `${firstName} ${lastName}`;

/** The accounts ticked on a page of the list, and what was done with them; both are forgotten on another page. */
export function useSelection(rows: readonly Selected[], address: string) {
  const client = useClient();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    setIds(new Set());
    setOutcome(null);
  }, [address]);
  const selected = rows.filter(({ id }) => ids.has(id));
  const tick = (id: string, isTicked: boolean) => setIds((before) => new Set(isTicked ? [...before, id] : [...before].filter((each) => each !== id)));
  /** Sends one change for all; those refused stay ticked. */
  const run = async (send: () => Promise<Sent>, done: (n: number) => string) => {
    if (isBusy) return;
    setBusy(true);
    const { people, payload, error } = await send();
    setBusy(false);
    const whole = wholeRefusals(payload, error);
    const refused = (payload?.results ?? []).filter((result) => result.errors.length);
    const person = new Map(people.map((each) => [each.id, nameOf(each)]));
    setOutcome(whole.length ? { done: '', failed: whole.join(' '), refused: [] } : {
      failed: '',
      done: done(people.length - refused.length),
      refused: refused.map(({ id, errors }) => ({ who: person.get(id) ?? '', why: errors.map(({ message }) => message).join(' ') })),
    });
    if (!whole.length) setIds(new Set(refused.map(({ id }) => id)));
  };
  const input = { ids: selected.map(({ id }) => id) };
  const renew = () => run(async () => {
    const { data, error } = await change(client, RenewUsers, { input });
    return { people: selected, payload: data?.renewUsers, error };
  }, words.renewed);
  const remove = () => run(async () => {
    const { data, error } = await change(client, DeleteUsers, { input });
    return { people: selected, payload: data?.deleteUsers, error };
  }, words.removed);
  return {
    selected, outcome, isBusy, run, renew, remove, tick,
    isTicked: (id: string) => ids.has(id),
    isAll: selected.length > 0 && selected.length === rows.length,
    tickAll: (isTicked: boolean) => setIds(new Set(isTicked ? rows.map(({ id }) => id) : [])),
  };
}

/** Why nothing at all could be tried. */
function wholeRefusals(payload: Payload | undefined, error: CombinedError | undefined): string[] {
  const answered = payload?.results?.length ? [] : refusalsOf(payload, error);
  return answered.map(({ message }) => message);
}

export function tickColumn<Row extends Selected>(selection: Selection): Column<Row> {
  return {
    header: words.column, className: 'col-select', isHeaderHidden: true,
    cell: (row) => (
      <label class="tick">
        <input type="checkbox" checked={selection.isTicked(row.id)} onChange={(event) => selection.tick(row.id, event.currentTarget.checked)} />
        <span class="sr-only">{words.one(nameOf(row))}</span>
      </label>
    ),
  };
}

export const TickAll = ({ selection }: { selection: Selection }) => (
  <label class="tick tick-all">
    <input type="checkbox" checked={selection.isAll} onChange={(event) => selection.tickAll(event.currentTarget.checked)} />
    <span class="sr-only">{words.page}</span>
  </label>
);

/** What the last action did, item by item where it was refused; focused, so that the next key press is not lost. */
export function BulkOutcome({ selection: { outcome } }: { selection: Selection }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus();
  }, [outcome]);
  return (
    <div role="status" class="outcome" tabIndex={-1} ref={line} id="resultat-action">
      {outcome?.done && <p>{outcome.done}</p>}
      {outcome?.failed && <div class="notice notice-bad"><Warning /><strong>{outcome.failed}</strong></div>}
      {outcome && outcome.refused.length > 0 && (
        <div class="notice notice-bad">
          <Warning />
          <div>
            <strong>{words.refused(outcome.refused.length)}</strong>
            <ul>{outcome.refused.map(({ who, why }) => <li key={who}><strong>{who}</strong> – {why}</li>)}</ul>
          </div>
        </div>
      )}
    </div>
  );
}

/** What can be done with the accounts that are ticked; it stays in view at the bottom of the window. */
export function BulkBar({ selection, canOnlyRenew }: { selection: Selection; canOnlyRenew?: boolean }) {
  const [isAsking, ask] = useState(false);
  const { selected, isBusy } = selection;
  const clear = () => {
    selection.tickAll(false);
    document.getElementById('resultat-action')?.focus({ preventScroll: true });
  };
  return (
    <>
      <p class="sr-only" role="status">{selected.length > 0 && words.selected(selected.length)}</p>
      {selected.length > 0 && (
        <div class="mark-bar" role="group" aria-label={words.toolbar}>
          <p>{words.selected(selected.length)}</p>
          <button type="button" class="button-quiet" aria-label={words.clear} title={words.clear} onClick={clear}><Cross /></button>
          <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => void selection.renew()}>{words.renew}</button>
          {!canOnlyRenew && <Link class="button" href={`/etablissement/comptes/droits?comptes=${selected.map(({ id }) => encodeURIComponent(id)).join()}`} state={{ from: location.pathname + location.search }}>{words.rights}</Link>}
          {!canOnlyRenew && <button type="button" class="button" aria-disabled={isBusy || undefined} onClick={() => ask(true)}>{words.remove}</button>}
        </div>
      )}
      {isAsking && (
        <Confirmation title={words.removeAsk(selected.length)} action={words.remove} isDangerous onConfirm={() => void selection.remove()} onClose={() => ask(false)}>
          <p>{words.removeWhat}</p>
          <ul>{selected.map((each) => <li key={each.id}>{nameOf(each)}</li>)}</ul>
        </Confirmation>
      )}
    </>
  );
}
