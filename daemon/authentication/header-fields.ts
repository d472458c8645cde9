/**
 * The fields of a message's header block as whole byte ranges: to count, find, drop and sign fields.
 *
 * 1. Ranges refer to the bytes given and end after the field's last line end (CRLF, which the receiver has made sure of).
 * 2. `isTooLong`: there are fields that are not listed, so no statement about the header holds; such mail is refused.
 * Specifications: RFC 5322 §2.2, RFC 6532 §3.2 (UTF-8 in values).
 */
import { readHeaderBlock, unfold } from '../wire/mime/fields.ts';

export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  readonly start: number;
  /** After the colon. */
  readonly valueStart: number;
  readonly end: number;
}

export interface HeaderBlock {
  readonly bytes: Buffer;
  readonly fields: readonly HeaderField[];
  /** Where the body begins, after the blank line; the length of the bytes when there is none. */
  readonly bodyStart: number;
  readonly isTooLong: boolean;
}

/** Reads the header block at the beginning of `message`. */
export function scanHeader(message: Uint8Array): HeaderBlock {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const { text, spots, end, isCut } = readHeaderBlock(bytes, 0, bytes.length);
  const fields: HeaderField[] = [];
  for (let at = 0; at < spots.length; at += 3) {
    const start = spots[at] as number;
    const colon = spots[at + 1] as number;
    const name = text.slice(start, colon).trimEnd().toLowerCase();
    fields.push({ name, start, valueStart: colon + 1, end: Math.min(bytes.length, (spots[at + 2] as number) + 2) });
  }
  return { bytes, fields, bodyStart: end, isTooLong: isCut };
}

/** All fields of that (lower-case) name, from the top. */
export function fieldsNamed(header: HeaderBlock, name: string): HeaderField[] {
  return header.fields.filter((field) => field.name === name);
}

/** How many fields of that name there are. */
export function countFields(header: HeaderBlock, name: string): number {
  let count = 0;
  for (const field of header.fields) if (field.name === name) count += 1;
  return count;
}

/** A field's value unfolded and trimmed, cut to `maxOctets`, read as UTF-8. */
export function fieldText(header: HeaderBlock, field: HeaderField, maxOctets = 4_096): string {
  return unfold(header.bytes.toString('utf8', field.valueStart, Math.min(field.end, field.valueStart + maxOctets)));
}

/** The value of the first field of that name, '' without one. `encoding` latin1 is what `decodeWords` takes. */
export function firstText(header: HeaderBlock, name: string, maxOctets = 4_096, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  const field = header.fields.find((candidate) => candidate.name === name);
  if (field === undefined) return '';
  return unfold(header.bytes.toString(encoding, field.valueStart, Math.min(field.end, field.valueStart + maxOctets)));
}
