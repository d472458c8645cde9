/**
 * Edits of a message's header block: fields taken out, fields put before, everything else octet for octet.
 *
 * 1. Nothing is bounded here: a field is found however far down the block it stands.
 * 2. When there is nothing to do, the same buffer comes back.
 * Specifications: RFC 5322 §3.6, RFC 6409 §8 (fix-ups by a submission server), RFC 5321 §6.3 (loops).
 */
import { formatDate } from '../mime/date.ts';
import { type HeaderField, headerFieldsOf } from '../mime/fields.ts';

/** Takes out every field of these names (any case), with their folds. */
export function removeHeaderFields(raw: Buffer, names: readonly string[]): Buffer {
  const unwanted = new Set(names.map((name) => name.toLowerCase()));
  return removeFieldsWhere(raw, (field) => unwanted.has(field.name.toLowerCase()));
}

/** Takes out every field that the predicate picks. */
export function removeFieldsWhere(raw: Buffer, isUnwanted: (field: HeaderField) => boolean): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (const field of headerFieldsOf(raw)) {
    if (!isUnwanted(field)) continue;
    kept.push(raw.subarray(from, field.nameStart));
    from = endOfLine(raw, field.valueEnd);
  }
  if (kept.length === 0) return raw;
  kept.push(raw.subarray(from));
  return Buffer.concat(kept);
}

/** Puts complete field lines (each with CRLF) before the message; they are UTF-8. */
export function prependHeaders(raw: Buffer, fields: string): Buffer {
  return fields === '' ? raw : Buffer.concat([Buffer.from(fields, 'utf8'), raw]);
}

/** RFC 5322 §3.6.3: blind copies are nobody else's business. */
export function stripBcc(raw: Buffer): Buffer {
  return removeHeaderFields(raw, ['bcc', 'resent-bcc']);
}

/** What `completeHeaders` puts in; the clock and the id are the caller's. */
export interface OriginFields {
  readonly timeMs: number;
  readonly zoneMinutes?: number;
  /** Without brackets. */
  readonly messageId: string;
}

/** RFC 6409 §8.2 and §8.3: adds Date and Message-ID when they are missing. */
export function completeHeaders(raw: Buffer, origin: OriginFields): Buffer {
  let hasDate = false;
  let hasMessageId = false;
  for (const { name } of headerFieldsOf(raw)) {
    const lower = name.toLowerCase();
    if (lower === 'date') hasDate = true;
    else if (lower === 'message-id') hasMessageId = true;
  }
  const date = hasDate ? '' : `Date: ${formatDate(origin.timeMs, origin.zoneMinutes)}\r\n`;
  return prependHeaders(raw, date + (hasMessageId ? '' : `Message-ID: <${origin.messageId}>\r\n`));
}

/** RFC 5321 §6.3: how many hops the message tells of. */
export function countReceived(raw: Buffer): number {
  let count = 0;
  for (const { name } of headerFieldsOf(raw)) if (name.length === 8 && name.toLowerCase() === 'received') count++;
  return count;
}

/** The position behind the line end that begins at `at`. */
function endOfLine(raw: Buffer, at: number): number {
  let next = at;
  if (raw[next] === 0x0d) next++;
  if (raw[next] === 0x0a) next++;
  return next;
}
