import type { CombinedError } from '@urql/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Cross, Warning } from './icons.tsx';
import { refusalsOf, type Payload } from './refusals.ts';
import type { Column } from './table.tsx';
import { typeset } from './typography.ts';

export interface Item { id: string; name: string }
/** What came back of a change sent for several items, and for which it was sent. */
export interface Sent { items: readonly Item[]; payload: Payload | undefined; error: CombinedError | undefined }
interface Outcome { done: string; failed: string; refused: { id: string; who: string; why: string }[] }
export type Selection<Row extends Item = Item> = ReturnType<typeof useSelection<Row>>;

export interface SelectionWords {
  column: string;
  page: string;
  one: (name: string) => string;
  selected: (n: number) => string;
  clear: string;
  toolbar: string;
  refused: (n: number) => string;
}

const RESULT = 'resultat-action';

/** The items ticked on a page of a list, and what was done with them; both are forgotten on another page. */
export function useSelection<Row extends Item>(rows: readonly Row[], address: string) {
  const [ticked, setTicked] = useState<ReadonlyMap<string, Row>>(new Map());
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    setTicked(new Map());
    setOutcome(null);
  }, [address]);
  // As the list says them now: an item may have changed since it was ticked.
  const known = new Map(rows.map((row) => [row.id, row]));
  const selected = [...ticked.values()].map((row) => known.get(row.id) ?? row);
  const tick = (row: Row, isTicked: boolean) => setTicked((before) => {
    const next = new Map(before);
    if (isTicked) next.set(row.id, row);
    else next.delete(row.id);
    return next;
  });
  /** Sends one change for all; those refused stay ticked. */
  const run = async (send: () => Promise<Sent>, done: (n: number) => string) => {
    if (isBusy) return;
    setBusy(true);
    const { items, payload, error } = await send();
    setBusy(false);
    const whole = payload?.results?.length ? [] : refusalsOf(payload, error).map(({ message }) => message);
    const refused = (payload?.results ?? []).filter((result) => result.errors.length);
    const names = new Map(items.map(({ id, name }) => [id, name]));
    setOutcome(whole.length ? { done: '', failed: whole.join(' '), refused: [] } : {
      failed: '',
      done: refused.length && refused.length === items.length ? '' : done(items.length - refused.length),
      refused: refused.map(({ id, errors }) => ({ id, who: names.get(id) ?? '', why: errors.map(({ message }) => message).join(' ') })),
    });
    const left = new Set(refused.map(({ id }) => id));
    if (!whole.length) setTicked((before) => new Map([...before].filter(([id]) => left.has(id))));
  };
  return {
    selected, outcome, isBusy, run, tick,
    isTicked: (id: string) => ticked.has(id),
    isAll: rows.length > 0 && rows.every(({ id }) => ticked.has(id)),
    /** The page's rows, or more than them; none: nothing is ticked any more. */
    choose: (chosen: readonly Row[]) => setTicked(new Map(chosen.map((row) => [row.id, row]))),
  };
}

export function tickColumn<Row extends Item>(selection: Selection<Row>, words: SelectionWords): Column<Row> {
  return {
    header: words.column, className: 'col-select', isHeaderHidden: true,
    cell: (row) => (
      <label class="tick">
        <input type="checkbox" checked={selection.isTicked(row.id)} onChange={(event) => selection.tick(row, event.currentTarget.checked)} />
        <span class="sr-only">{words.one(row.name)}</span>
      </label>
    ),
  };
}

export function TickAll<Row extends Item>({ selection, rows, words }: { selection: Selection<Row>; rows: readonly Row[]; words: SelectionWords }) {
  return (
    <label class="tick tick-all">
      <input type="checkbox" checked={selection.isAll} onChange={(event) => selection.choose(event.currentTarget.checked ? rows : [])} />
      <span class="sr-only">{words.page}</span>
    </label>
  );
}

/** What the last action did, item by item where it was refused; focused, so that the next key press is not lost. */
export function BulkOutcome({ selection: { outcome }, words }: { selection: Pick<Selection, 'outcome'>; words: SelectionWords }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) line.current?.focus();
  }, [outcome]);
  return (
    <div role="status" class="outcome" tabIndex={-1} ref={line} id={RESULT}>
      {outcome?.done && <p>{outcome.done}</p>}
      {outcome?.failed && <div class="notice notice-bad"><Warning /><strong>{outcome.failed}</strong></div>}
      {outcome && outcome.refused.length > 0 && (
        <div class="notice notice-bad">
          <Warning />
          <div>
            <strong>{words.refused(outcome.refused.length)}</strong>
            <ul class="refused" {...(outcome.refused.length > 8 && { tabIndex: 0, 'aria-label': words.refused(outcome.refused.length) })}>{outcome.refused.map(({ id, who, why }) => <li key={id}>{who && <><strong>{who}</strong> – </>}{typeset(why)}</li>)}</ul>
          </div>
        </div>
      )}
    </div>
  );
}

/** What can be done with the items that are ticked; it stays in view at the bottom of the window. */
export function BulkBar({ selection, words, children }: { selection: Pick<Selection, 'selected'> & { choose: (none: never[]) => void }; words: SelectionWords; children: ComponentChildren }) {
  const n = selection.selected.length;
  const clear = () => {
    selection.choose([]);
    document.getElementById(RESULT)?.focus({ preventScroll: true });
  };
  return (
    <>
      <p class="sr-only" role="status">{n > 0 && words.selected(n)}</p>
      {n > 0 && (
        <div class="mark-bar" role="group" aria-label={words.toolbar}>
          <p>{words.selected(n)}</p>
          <button type="button" class="button-quiet" aria-label={words.clear} title={words.clear} onClick={clear}><Cross /></button>
          {children}
        </div>
      )}
    </>
  );
}
