/**
 * BODY[HEADER.FIELDS (...)] and its NOT form over a raw header block.
 *
 * Fields come back octet for octet in the order of the message, with the blank line at the end.
 * Specification: RFC 9051 §6.4.5.1.
 */
import { readHeaderBlock } from './fields.ts';

const BLANK = Buffer.from('\r\n');

/** The fields of a header block whose names are listed, or with `isNot` all others; names in any case. */
export function selectFields(header: Buffer, names: readonly string[], isNot = false): Buffer {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const { text, spots, end } = readHeaderBlock(header, 0, header.length);
  const chunks: Buffer[] = [];
  for (let at = 0; at < spots.length; at += 3) {
    const start = spots[at] as number;
    const name = text
      .slice(start, spots[at + 1])
      .trimEnd()
      .toLowerCase();
    if (wanted.has(name) === isNot) continue;
    const fieldEnd = lineEnd(header, spots[at + 2] as number, end);
    chunks.push(header.subarray(start, fieldEnd));
    if (header[fieldEnd - 1] !== 0x0a) chunks.push(BLANK);
  }
  chunks.push(BLANK);
  return Buffer.concat(chunks);
}

/** The position behind the line end that follows a field's value. */
function lineEnd(header: Buffer, valueEnd: number, limit: number): number {
  let at = valueEnd;
  if (at < limit && header[at] === 0x0d) at++;
  if (at < limit && header[at] === 0x0a) at++;
  return at;
}
