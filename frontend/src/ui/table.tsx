import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  header: string;
  cell: (row: Row) => ComponentChildren;
  /** A class for the column's cells, which the style sheet uses for widths and for the place in a card. */
  className?: string;
  /** The cell that names the row. */
  isRowHeader?: boolean;
  /** The header is for assistive technologies only (boxes to tick). */
  isHeaderHidden?: boolean;
}

interface TableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  rowClass?: (row: Row) => string;
  isWaiting?: boolean;
  className?: string;
}

/**
 * A table that becomes a pile of cards on a narrow screen. The roles are written out because
 * a table laid out as blocks loses its own in several browsers.
 */
export function Table<Row>({ caption, columns, rows, keyOf, rowClass, isWaiting, className = '' }: TableProps<Row>) {
  return (
    <table role="table" class={`table ${className}`} aria-busy={isWaiting || undefined}>
      <caption class="sr-only">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.header} scope="col" role="columnheader" class={column.className}>
              {column.isHeaderHidden ? <span class="sr-only">{column.header}</span> : column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row" key={keyOf(row)} class={rowClass?.(row)}>
            {columns.map((column) => {
              const content = column.cell(row);
              const isEmpty = content === null || content === undefined || content === '';
              const common = { key: column.header, class: `${column.className ?? ''}${isEmpty ? ' is-empty' : ''}`.trim() || undefined, 'data-label': column.header };
              return column.isRowHeader
                ? <th {...common} scope="row" role="rowheader">{content}</th>
                : <td {...common} role="cell">{isEmpty ? <span class="absent" aria-hidden="true">–</span> : content}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
