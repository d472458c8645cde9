/**
 * Header blocks: where each field begins and ends, read once and without copying values.
 *
 * 1. Bytes are read as latin1, so positions in the text are octets and nothing is lost.
 * 2. Line ends may be CRLF or bare LF; a line that is no field is skipped together with its folds.
 * 3. The block's range is always whole; only fields within its first 256 KiB are listed, at most 10,000.
 * Specifications: RFC 5322 §2.2, §3.6 and §4.5 (white space before the colon).
 */

const FIELD_TEXT_MAX = 256 * 1024;
const FIELDS_MAX = 10_000;
const BLANK_LINE = Buffer.from('\r\n\r\n');
const LF = 0x0a;

export interface HeaderBlock {
  /** Octets [start, end) of the message, with the blank line that ends the block. */
  readonly start: number;
  readonly end: number;
  /** The block (or its first 256 KiB) as latin1. */
  readonly text: string;
  /** Triples into `text`: start of name, colon, end of value without its line end. */
  readonly spots: readonly number[];
  /** Some of its fields may be missing from `spots`. */
  readonly isCut: boolean;
}

/** Reads the header block that begins at `start`; it ends with a blank line, or at `limit`. */
export function readHeaderBlock(raw: Buffer, start: number, limit: number): HeaderBlock {
  const windowEnd = Math.min(limit, start + FIELD_TEXT_MAX);
  const blank = raw.subarray(start, windowEnd).indexOf(BLANK_LINE);
  const textEnd = blank < 0 ? windowEnd : start + blank + 4;
  const text = raw.toString('latin1', start, textEnd);
  const spots: number[] = [];
  const length = scanFields(text, spots);
  const end = length >= 0 ? start + length : endOfLongBlock(raw, textEnd, limit);
  const isCut = end > start + text.length || spots.length >= FIELDS_MAX * 3;
  return { start, end, text, spots, isCut };
}

/** The unfolded, trimmed value of the first field of that lower-case name; undefined when there is none. */
export function fieldValue(block: HeaderBlock, name: string): string | undefined {
  const { text, spots } = block;
  for (let at = 0; at < spots.length; at += 3) {
    if (isNamed(text, spots[at] as number, spots[at + 1] as number, name)) {
      return unfold(text.slice((spots[at + 1] as number) + 1, spots[at + 2]));
    }
  }
  return undefined;
}

/** The unfolded values of all fields of that lower-case name, in order. */
export function fieldValues(block: HeaderBlock, name: string): string[] {
  const { text, spots } = block;
  const values: string[] = [];
  for (let at = 0; at < spots.length; at += 3) {
    if (isNamed(text, spots[at] as number, spots[at + 1] as number, name)) {
      values.push(unfold(text.slice((spots[at + 1] as number) + 1, spots[at + 2])));
    }
  }
  return values;
}

/** RFC 5322 §2.2.3: takes line ends out and white space off both ends. */
export function unfold(value: string): string {
  const joined = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value;
  return joined.trim();
}

/** Fills `spots`; gives the block's length with its blank line, or -1 when no blank line was seen. */
function scanFields(text: string, spots: number[]): number {
  let isOpen = false;
  let nextColon = -1;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const lineFeed = found < 0 ? text.length : found;
    const lineEnd = lineFeed > at && text.charCodeAt(lineFeed - 1) === 0x0d ? lineFeed - 1 : lineFeed;
    if (lineEnd === at && found >= 0) return lineFeed + 1;
    const first = text.charCodeAt(at);
    if (first === 0x20 || first === 0x09) {
      if (isOpen) spots[spots.length - 1] = lineEnd;
    } else {
      if (nextColon < at) nextColon = indexOrEnd(text, at);
      isOpen = nextColon < lineEnd && nextColon > at && isFieldName(text, at, nextColon) && spots.length < FIELDS_MAX * 3;
      if (isOpen) spots.push(at, nextColon, lineEnd);
    }
    at = lineFeed + 1;
  }
  return -1;
}

function indexOrEnd(text: string, from: number): number {
  const colon = text.indexOf(':', from);
  return colon < 0 ? text.length : colon;
}

/** RFC 5322 §3.6.8: printable ASCII; white space only at its end (§4.5). */
function isFieldName(text: string, start: number, colon: number): boolean {
  let end = colon;
  while (end > start && (text.charCodeAt(end - 1) === 0x20 || text.charCodeAt(end - 1) === 0x09)) end--;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return end > start;
}

/** Compares a name in the text with a lower-case one, white space before the colon left aside. */
function isNamed(text: string, start: number, colon: number, name: string): boolean {
  const end = start + name.length;
  if (end > colon) return false;
  for (let at = 0; at < name.length; at++) {
    let code = text.charCodeAt(start + at);
    if (code >= 0x41 && code <= 0x5a) code |= 0x20;
    if (code !== name.charCodeAt(at)) return false;
  }
  return end === colon || text.slice(end, colon).trim() === '';
}

/** The end of a block whose blank line lies behind the text that was scanned. */
function endOfLongBlock(raw: Buffer, from: number, limit: number): number {
  for (let at = from; at < limit; ) {
    const lineFeed = raw.indexOf(LF, at);
    if (lineFeed < 0 || lineFeed >= limit) return limit;
    const next = raw[lineFeed + 1];
    if (next === LF && lineFeed + 1 < limit) return lineFeed + 2;
    if (next === 0x0d && raw[lineFeed + 2] === LF && lineFeed + 2 < limit) return lineFeed + 3;
    at = lineFeed + 1;
  }
  return limit;
}
