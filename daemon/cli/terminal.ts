/**
 * How the command line looks: styles only where a person reads along, tables with aligned columns, sizes and times in words.
 */

export interface Terminal {
  bold(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  /** What can be typed or opened. */
  live(text: string): string;
}

/** Styles for a stream: none when it is no terminal or the person wants none (https://no-color.org). */
export function terminalFor(stream: { readonly isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>): Terminal {
  const isStyled = stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  const style =
    (on: number, off: number) =>
    (text: string): string =>
      isStyled && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: style(1, 22), faint: style(2, 22), good: style(32, 39), warn: style(33, 39), bad: style(31, 39), live: style(36, 39) };
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'right';
}

/** Rows under their titles, two spaces apart, numbers to the right; nothing after the last character of a line. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Terminal): string {
  const titles = columns.map((column) => column.title);
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map((_, at) => Math.max(width(titles[at] ?? ''), ...cells.map((line) => width(line[at] ?? ''))));
  const lay = (line: readonly string[]): string =>
    line
      .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align))
      .join('  ')
      .trimEnd();
  return [terminal.faint(lay(titles)), ...cells.map(lay)].join('\n');
}

/** Names and values of one thing, the values in a column. */
export function facts(rows: readonly (readonly [name: string, value: string])[], terminal: Terminal): string {
  const wide = Math.max(...rows.map(([name]) => width(name)));
  return rows.map(([name, value]) => `  ${terminal.faint(pad(name, wide))}  ${value}`.trimEnd()).join('\n');
}

/** `1.2 GB`, powers of 1024. */
export function sizeText(bytes: number | null): string {
  if (bytes === null) return 'unlimited';
  if (bytes < 1_024) return `${bytes} B`;
  let value = bytes;
  let unit = 'B';
  for (const next of ['KB', 'MB', 'GB', 'TB']) {
    if (value < 1_024) break;
    value /= 1_024;
    unit = next;
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** `2026-11-23 14:37` in the zone of whoever reads. */
export function timeText(time: string | number | null): string {
  if (time === null) return 'never';
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `3 messages`, `1 message`, `no messages`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`;
  return count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`;
}

/** A sentence with its full stop. */
export function sentence(text: string): string {
  return /[.?!:]$/.test(text) ? text : `${text}.`;
}

function pad(text: string, to: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'right' ? space + text : text + space;
}

function width(text: string): number {
  return [...text.replace(/\u001b\[\d+m/g, '')].length;
}
