/** Files that spreadsheets read and write. */

/** A cell that no spreadsheet takes for a formula, quoted where it must be. */
function cellOf(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[";\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Saves rows under a name, as French spreadsheets open them: UTF-8 with its mark, semicolons. */
export function saveCsv(name: string, rows: readonly (readonly string[])[]): void {
  const text = `\ufeff${rows.map((row) => row.map(cellOf).join(';')).join('\r\n')}\r\n`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The text of a file: UTF-8, or what spreadsheets of Windows write by default. */
export async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
