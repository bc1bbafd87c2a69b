import { useId } from 'preact/hooks';
import { count, share } from '../dates.ts';
import { saveCsv } from '../ui/csv.ts';
import { Download } from '../ui/icons.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { delayOf, hoursOf } from './delay.ts';
import { texts } from './texts.ts';

/** The figures of one value of a cut. */
export interface Figures {
  key: string;
  label: string;
  establishmentsServed: number;
  establishmentsReading: number;
  courriersDeposited: number;
  courriersRead: number;
  medianDelayToFirstReading: string | null;
}

interface CutProps { title: string; header: string; rows: readonly Figures[]; isTimeline?: boolean; file: string }

const SHOWN = 12;

/** A cut: its plot, which says nothing that the table after it doesn't, and the table as a file. */
export function Cut({ title, header, rows, isTimeline, file }: CutProps) {
  const id = useId();
  const sorted = isTimeline ? rows : [...rows].sort((one, other) => other.courriersDeposited - one.courriersDeposited);
  const shown = isTimeline ? rows : sorted.slice(0, SHOWN);
  const columns: Column<Figures>[] = [
    { header, isRowHeader: true, cell: (row) => row.label },
    { header: texts.servedShort, className: 'col-number', cell: (row) => count(row.establishmentsServed) },
    { header: texts.readingShort, className: 'col-number', cell: (row) => count(row.establishmentsReading) },
    { header: texts.depositedShort, className: 'col-number', cell: (row) => count(row.courriersDeposited) },
    { header: texts.readShort, className: 'col-number', cell: (row) => count(row.courriersRead) },
    { header: texts.share, className: 'col-number', cell: (row) => share(row.courriersRead, row.courriersDeposited) },
    { header: texts.delayShort, className: 'col-number', cell: (row) => delayOf(row.medianDelayToFirstReading) },
  ];
  const save = () => saveCsv(`adoption-${file}.csv`, [
    [header, texts.servedShort, texts.readingShort, texts.depositedShort, texts.readShort, texts.delayHours],
    ...sorted.map((row) => [row.label, row.establishmentsServed, row.establishmentsReading, row.courriersDeposited, row.courriersRead, hoursOf(row.medianDelayToFirstReading) ?? ''].map(String)),
  ]);
  return (
    <section class="card cut" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {isTimeline ? <Columns title={title} rows={shown} /> : <Bars title={title} rows={shown} />}
      {shown.length < rows.length && <p class="hint">{texts.biggest(SHOWN)}</p>}
      <details class="cut-table">
        <summary>{texts.table(rows.length)}</summary>
        <Table caption={title} className="table-plain" columns={columns} rows={sorted} keyOf={(row) => row.key} />
      </details>
      <p class="actions"><button type="button" class="button" aria-label={texts.csvOf(title)} onClick={save}><Download /> {texts.csv}</button></p>
    </section>
  );
}

const Legend = () => (
  <p class="plot-legend" aria-hidden="true">
    <span><svg viewBox="0 0 12 12"><rect class="plot-deposited" width="12" height="12" /></svg> {texts.legendDeposited}</span>
    <span><svg viewBox="0 0 12 12"><rect class="plot-read" width="12" height="12" /></svg> {texts.legendRead}</span>
  </p>
);

const described = (title: string, rows: readonly Figures[]) => {
  const most = rows.reduce((best, row) => (row.courriersDeposited > best.courriersDeposited ? row : best), rows[0]!);
  return `${texts.plot(title)}. ${texts.plotSummary(`${most.label}, ${count(most.courriersDeposited)}`, rows.length)}`;
};

/** Months side by side: a column for what was made available, and within it, from the same base, what was opened. */
function Columns({ title, rows }: { title: string; rows: readonly Figures[] }) {
  const most = Math.max(1, ...rows.map((row) => row.courriersDeposited));
  const width = 10;
  return (
    <figure class="plot">
      <Legend />
      <p class="plot-scale" aria-hidden="true">{count(most)}</p>
      <svg class="plot-columns" viewBox={`0 0 ${rows.length * width} 100`} preserveAspectRatio="none" role="img" aria-label={described(title, rows)}>
        {rows.map((row, n) => (
          <g key={row.key}>
            <rect class="plot-deposited" x={n * width + 1} y={100 - 100 * row.courriersDeposited / most} width={width - 2} height={100 * row.courriersDeposited / most} />
            <rect class="plot-read" x={n * width + 1} y={100 - 100 * row.courriersRead / most} width={width - 2} height={100 * row.courriersRead / most} />
          </g>
        ))}
      </svg>
      <p class="plot-ends" aria-hidden="true"><span>{rows[0]?.label}</span>{rows.length > 1 && <span>{rows[rows.length - 1]?.label}</span>}</p>
    </figure>
  );
}

/** A bar a line, from the longest. */
function Bars({ title, rows }: { title: string; rows: readonly Figures[] }) {
  const most = Math.max(1, ...rows.map((row) => row.courriersDeposited));
  return (
    <figure class="plot" role="img" aria-label={described(title, rows)}>
      <Legend />
      <div class="plot-bars">
        {rows.map((row) => (
          <div key={row.key}>
            <span class="plot-label">{row.label}</span>
            <Bar whole={row.courriersDeposited / most} part={row.courriersRead / most} />
            <span class="plot-value">{share(row.courriersRead, row.courriersDeposited)}</span>
          </div>
        ))}
      </div>
    </figure>
  );
}

export const Bar = ({ whole, part }: { whole: number; part: number }) => (
  <svg class="plot-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect class="plot-deposited" width={100 * whole} height="10" />
    <rect class="plot-read" width={100 * part} height="10" />
  </svg>
);
