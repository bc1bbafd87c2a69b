import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { ResultOf } from '../../graphql.ts';
import { grouped } from '../../operator/siret.ts';
import { saveCsv } from '../../ui/csv.ts';
import { Choices } from '../../ui/form.tsx';
import { Table } from '../../ui/table.tsx';
import { typeset } from '../../ui/typography.ts';
import type { RequestDelegations } from '../changes.ts';
import { pathOf } from '../paths.ts';
import { texts } from '../texts.ts';

export type Line = ResultOf<typeof RequestDelegations>['requestDelegations']['results'][number];
type Show = keyof typeof texts.request.shows;
type Outcome = keyof typeof texts.request.outcomes;

const words = texts.request;
const PAGE = 100;
const tone: Record<Outcome, string> = { ask: 'tag tag-good', asked: 'tag tag-good', warned: 'tag tag-warn', refused: 'tag tag-bad' };

export const isRefused = ({ errors }: Line) => errors.length > 0;
export const isWarned = (line: Line) => !isRefused(line) && line.warnings.length > 0;
const outcomeOf = (line: Line, isDone: boolean): Outcome => (isRefused(line) ? 'refused' : isDone ? 'asked' : isWarned(line) ? 'warned' : 'ask');
const whyOf = ({ errors, warnings }: Line) => [...errors.map(({ message }) => message), ...warnings];

/** What becomes of each line, refusals first; a long list is shown little by little. */
export function RequestLines({ lines, isDone }: { lines: readonly Line[]; isDone: boolean }) {
  const [show, setShow] = useState<Show>('all');
  const [limit, setLimit] = useState(PAGE);
  const numbered = lines.map((line, place) => ({ ...line, number: place + 1 }));
  const rank = (line: Line) => (isRefused(line) ? 0 : isWarned(line) ? 1 : 2);
  const kinds: Record<Show, typeof numbered> = {
    all: [...numbered].sort((one, other) => rank(one) - rank(other)),
    refused: numbered.filter(isRefused),
    warned: numbered.filter(isWarned),
    ask: numbered.filter((line) => !isRefused(line)),
  };
  const rows = kinds[show];
  const options = (Object.keys(kinds) as Show[]).filter((kind) => kind === 'all' || (kinds[kind].length > 0 && kinds[kind].length < lines.length))
    .map((kind) => ({ value: kind, label: `${kind === 'ask' && isDone ? words.showsDone : words.shows[kind]} (${kinds[kind].length.toLocaleString('fr-FR')})` }));
  const choose = (kind: Show) => {
    setShow(kind);
    setLimit(PAGE);
  };
  return (
    <>
      {options.length > 1 && <Choices name="show" legend={words.show} options={options} value={show} onChange={choose} />}
      <Table caption={words.lines} className="request-lines" rows={rows.slice(0, limit)} keyOf={({ number }) => String(number)} columns={[
        { header: words.line, className: 'col-number', cell: ({ number }) => number },
        { header: words.name, isRowHeader: true, className: 'col-name', cell: ({ name, siret, delegation }) => <>{delegation ? <Link href={pathOf(delegation.id)}>{name}</Link> : name ?? words.unknown}<span class="line soft">{grouped(siret)}</span></> },
        {
          header: words.outcome, className: 'col-outcome',
          cell: (line) => <><span class={tone[outcomeOf(line, isDone)]}>{words.outcomes[outcomeOf(line, isDone)]}</span>{whyOf(line).map((why) => <span key={why} class="line">{typeset(why)}</span>)}</>,
        },
      ]} />
      {rows.length > limit && <p><button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>{words.next(Math.min(PAGE, rows.length - limit))}</button></p>}
    </>
  );
}

/** Lines as a file, for a spreadsheet. */
export function saveLines(name: string, lines: readonly Line[], isDone: boolean): void {
  saveCsv(name, [
    [words.siret, words.name, words.outcome, words.reason],
    ...lines.map((line) => [line.siret, line.name ?? '', words.outcomes[outcomeOf(line, isDone)], whyOf(line).join(' ')]),
  ]);
}
