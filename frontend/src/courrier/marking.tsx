import { useClient } from '@urql/preact';
import { useRef, useState } from 'preact/hooks';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { Archive, Cross, Download, Envelope, EnvelopeOpen } from '../ui/icons.tsx';
import { texts } from './texts.ts';

const MarkCourriers = graphql(`
  mutation MarkCourriers($input: MarkCourriersInput!) {
    markCourriers(input: $input) { results { id errors { message } } errors { code message path } }
  }
`);

export type Mark = 'read' | 'unread' | 'archive' | 'unarchive';
const changes: Record<Mark, { read?: boolean; archived?: boolean }> = {
  read: { read: true }, unread: { read: false }, archive: { archived: true }, unarchive: { archived: false },
};
const opposite: Record<Mark, Mark> = { read: 'unread', unread: 'read', archive: 'unarchive', unarchive: 'archive' };

interface Markable { id: string; isReadByViewer: boolean; isArchived: boolean }
const isAlready = (row: Markable, mark: Mark) => (mark === 'read' || mark === 'unread' ? row.isReadByViewer === (mark === 'read') : row.isArchived === (mark === 'archive'));

/** As many as the server marks at once. */
const AT_ONCE = 500;

export interface Outcome { text: string; undo?: () => void }

/** Marks courriers and keeps what to say about it, with the way back for those that really changed. */
export function useMarking() {
  const client = useClient();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const send = async (ids: string[], mark: Mark) => {
    const refused: { errors: { message: string }[] }[] = [];
    for (let start = 0; start < ids.length; start += AT_ONCE) refused.push(...await sendSome(ids.slice(start, start + AT_ONCE), mark));
    return refused;
  };
  const sendSome = async (ids: string[], mark: Mark) => {
    const { data } = await change(client, MarkCourriers, { input: { ids, ...changes[mark] } });
    const payload = data?.markCourriers;
    if (!payload || payload.errors.length) throw new Error(payload?.errors.map((error) => error.message).join(' ') || texts.mark.failed);
    return payload.results.filter((result) => result.errors.length);
  };
  const mark = async (rows: readonly Markable[], wanted: Mark) => {
    const changed = rows.filter((row) => !isAlready(row, wanted)).map((row) => row.id);
    try {
      const refused = await send(rows.map((row) => row.id), wanted);
      const undo = async () => {
        await send(changed, opposite[wanted]).catch(() => undefined);
        setOutcome({ text: texts.mark.undone });
      };
      const words = [texts.mark.done[wanted](rows.length - refused.length)];
      if (refused.length) words.push(texts.mark.partly(refused.length), ...new Set(refused.flatMap((each) => each.errors.map((error) => error.message))));
      setOutcome({ text: words.join(' '), ...(changed.length && !refused.length && { undo: () => void undo() }) });
    } catch (error) {
      setOutcome({ text: (error as Error).message });
    }
  };
  return { mark, outcome, say: setOutcome, forgetOutcome: () => setOutcome(null) };
}

/** What the last action did, said to all and focused so that the next key press is not lost. */
export function OutcomeLine({ outcome }: { outcome: Outcome | null }) {
  const line = useRef<HTMLDivElement>(null);
  const undo = () => {
    outcome?.undo?.();
    line.current?.focus({ preventScroll: true });
  };
  return (
    <div role="status" class="outcome" tabIndex={-1} id="resultat-action" ref={line}>
      {outcome && <p>{outcome.text} {outcome.undo && <button type="button" class="link" onClick={undo}>{texts.mark.undo}</button>}</p>}
    </div>
  );
}

interface MarkBarProps { count: number; onTake: (format: 'ZIP' | 'CSV') => void; isArchive: boolean; onMark: (mark: Mark) => void; onClear: () => void }

/** What can be done with the courriers that are ticked; it stays in view at the bottom of the window. */
export function MarkBar({ count, onTake, isArchive, onMark, onClear }: MarkBarProps) {
  const done = (action: () => void) => () => {
    action();
    document.getElementById('resultat-action')?.focus({ preventScroll: true });
  };
  return (
    <div class="mark-bar" role="group" aria-label={texts.mark.toolbar}>
      <p>{texts.mark.selected(count)}</p>
      <button type="button" class="button-quiet" aria-label={texts.mark.clear} title={texts.mark.clear} onClick={done(onClear)}><Cross /></button>
      <button type="button" class="button" onClick={done(() => onMark('read'))}><EnvelopeOpen /> {texts.mark.read}</button>
      <button type="button" class="button" onClick={done(() => onMark('unread'))}><Envelope /> {texts.mark.unread}</button>
      <button type="button" class="button" onClick={done(() => onMark(isArchive ? 'unarchive' : 'archive'))}>
        <Archive /> {isArchive ? texts.mark.unarchive : texts.mark.archive}
      </button>
      <button type="button" class="button" aria-label={texts.taking.zip} onClick={done(() => onTake('ZIP'))}><Download /> ZIP</button>
      <button type="button" class="button" aria-label={texts.taking.csv} onClick={done(() => onTake('CSV'))}><Download /> CSV</button>
    </div>
  );
}
