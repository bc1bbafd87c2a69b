/** SIRETs as people have them: pasted from anywhere, or in a column of a spreadsheet. */

const SEPARATORS = [';', '\t', ','];
const compact = (cell: string) => cell.replace(/[\s.'"=]/g, '');
const isSiret = (cell: string) => /^\d{14}$/.test(compact(cell));
const isHeading = (cell: string) => /\bsirets?\b/i.test(cell) && !/\d{9}/.test(compact(cell));

/**
 * The SIRETs of a text, in its order: one a line or several, spaces tolerated; of a table, its column named « SIRET », or the
 * first one with 14 figures. What is none is kept as it stands, for the server to say so: nothing is left out in silence.
 */
export function siretsOf(text: string): string[] {
  if (/^[\d\s;,.'"]*$/.test(text)) return text.split(/[;,\t\r\n]/).flatMap(inCell);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim());
  const separator = separatorOf(lines[0] ?? '');
  const rows = lines.map((line) => (separator ? cellsOf(line, separator) : [line]));
  const heading = rows[0]?.findIndex(isHeading) ?? -1;
  if (heading >= 0) return rows.slice(1).flatMap((cells) => inCell(cells[heading] ?? ''));
  const column = Math.min(...rows.map((cells) => cells.findIndex(isSiret)).filter((place) => place >= 0));
  if (!separator || !Number.isFinite(column)) return rows.flatMap((cells) => inCell(cells.join(' ')));
  const isTitled = !isSiret(rows[0]?.[column] ?? '') && !/\d/.test(rows[0]?.[column] ?? '');
  return rows.slice(isTitled ? 1 : 0).flatMap((cells) => inCell(cells[column] ?? ''));
}

function separatorOf(line: string): string | null {
  const [found] = SEPARATORS.map((each) => ({ each, n: line.split(each).length - 1 })).sort((one, other) => other.n - one.n);
  return found?.n ? found.each : null;
}

/** The cells of a line; a quoted one may hold the separator. */
function cellsOf(line: string, separator: string): string[] {
  const cells = [''];
  let isQuoted = false;
  for (const letter of line) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (letter === separator && !isQuoted) cells.push('');
    else cells[cells.length - 1] += letter;
  }
  return cells;
}

/** The SIRETs of a cell: figures are cut every fourteen; those among words; otherwise the cell itself. */
function inCell(cell: string): string[] {
  const figures = compact(cell);
  if (!figures) return [];
  if (/^\d+$/.test(figures)) return figures.length % 14 ? [figures] : figures.match(/\d{14}/g) ?? [];
  const among = cell.match(/(?<!\d)(\d{14}|\d{3}\s\d{3}\s\d{3}\s\d{5})(?!\d)/g);
  return among ? among.map(compact) : [cell.trim().slice(0, 60)];
}
