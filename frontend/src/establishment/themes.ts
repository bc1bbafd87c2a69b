/** Rows by theme, the themes in the order the graph first names them. */
export function byTheme<Row>(rows: readonly Row[], themeOf: (row: Row) => string): [string, Row[]][] {
  const themes = new Map<string, Row[]>();
  for (const row of rows) themes.set(themeOf(row), [...(themes.get(themeOf(row)) ?? []), row]);
  return [...themes];
}
