import { Link } from 'wouter-preact';
import { daysFromToday, inFigures, inWords, today } from '../dates.ts';
import { graphql, type FragmentOf, type ResultOf } from '../graphql.ts';
import { Clock } from '../ui/icons.tsx';
import type { Column } from '../ui/table.tsx';
import { type Extract, isAllOf, Marked } from './extract.tsx';
import { fundName, texts } from './texts.ts';

/** What a line of a list of courriers shows. */
export const CourrierRow = graphql(`
  fragment CourrierRow on Courrier @_unmask {
    id reference subject fiscalYear letterDate depositedAt dueOn isReadByViewer isArchived
    type { id label } fund { code } establishment { id name }
  }
`);
export type CourrierRow = ResultOf<typeof CourrierRow>;
export type CourrierRowRef = FragmentOf<typeof CourrierRow>;

export const WITHDRAWN = '/courriers/retires';
export const courrierPath = (id: string) => `/courriers/${encodeURIComponent(id)}`;

interface SubjectProps { row: CourrierRow; from: string; href?: string; isEmphasised: boolean; extract?: Extract | null }

/**
 * The subject, leading to the letter; unread is said in words as well as shown. The list's address goes along, to come back to.
 * Where a search found the letter by its text, some of it.
 */
export function Subject({ row, from, href = courrierPath(row.id), isEmphasised, extract = null }: SubjectProps) {
  const isElsewhere = extract !== null && !isAllOf(extract, row.subject) && !isAllOf(extract, row.reference);
  return (
    <>
      {isEmphasised && <><span class="unread-tag">{texts.unread}</span>{' '}</>}
      <Link class="row-link" id={`ligne-${row.id}`} href={href} state={{ from }}>{isAllOf(extract, row.subject) ? <Marked extract={extract} /> : row.subject}</Link>
      {isElsewhere && <p class="extract"><Marked extract={extract} /></p>}
    </>
  );
}

/** A due date, with a word when it is near or past. */
export function Due({ day, inFull = false }: { day: string; inFull?: boolean }) {
  const shown = inFull ? inWords(day) : inFigures(day);
  if (day < today()) return <>{shown} <span class="tag tag-bad">{texts.due.past}</span></>;
  if (day <= daysFromToday(15)) return <>{shown} <span class="tag tag-warn"><Clock /> {texts.due.soon}</span></>;
  return <>{shown}</>;
}

/** The columns all lists of courriers share. */
export function courrierColumns(from: string, isEmphasised: (row: CourrierRow) => boolean): Record<'date' | 'fund' | 'subject' | 'type' | 'reference' | 'due' | 'establishment', Column<CourrierRow>> {
  const words = texts.column;
  return {
    date: { header: words.date, className: 'col-date', cell: (row) => <time dateTime={row.depositedAt}>{inFigures(row.depositedAt)}</time> },
    fund: { header: words.fund, className: 'col-fund', cell: (row) => <span class="fund">{fundName(row.fund.code)}</span> },
    subject: { header: words.subject, className: 'col-subject', isRowHeader: true, cell: (row) => <Subject row={row} from={from} isEmphasised={isEmphasised(row)} /> },
    type: { header: words.type, className: 'col-type', cell: (row) => row.type.label },
    reference: { header: words.reference, className: 'col-reference', cell: (row) => row.reference },
    due: { header: words.due, className: 'col-due', cell: (row) => row.dueOn && <Due day={row.dueOn} /> },
    establishment: { header: words.establishment, className: 'col-establishment', cell: (row) => row.establishment.name },
  };
}
