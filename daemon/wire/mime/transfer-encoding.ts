/**
 * Content-Transfer-Encoding: bodies back to their bytes, tolerant of what programs get wrong.
 *
 * 1. base64: anything outside the alphabet is skipped; data after padding is read as a new run.
 * 2. quoted-printable: an `=` that begins no escape stays as it is; white space at line ends is transport
 *    padding and goes.
 * Specifications: RFC 2045 §6.7, §6.8; RFC 3516 §4.2.
 */
import type { TransferEncoding } from './part-table.ts';

const EQUALS = 0x3d;

/** Decodes a body; unknown encodings give the bytes as they are. The result may share memory with the input. */
export function decodeTransfer(body: Buffer, encoding: TransferEncoding): Buffer {
  if (encoding === 'base64') return decodeBase64(body);
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(body) : body;
}

function decodeBase64(body: Buffer): Buffer {
  const padding = body.indexOf(EQUALS);
  const text = body.toString('latin1');
  if (padding < 0 || isOnlyPadding(body, padding)) return Buffer.from(text, 'base64');
  // Joined runs such as `QQ==QQ==`: Node's decoder stops at the first padding.
  const runs = text.split(/=+/).map((run) => Buffer.from(run, 'base64'));
  return Buffer.concat(runs);
}

function isOnlyPadding(body: Buffer, from: number): boolean {
  for (let at = from; at < body.length; at++) {
    const code = body[at] as number;
    if (code !== EQUALS && code > 0x20) return false;
  }
  return true;
}

function decodeQuotedPrintable(body: Buffer): Buffer {
  let escape = body.indexOf(EQUALS);
  const out = Buffer.allocUnsafe(body.length);
  let to = 0;
  let from = 0;
  for (; from < body.length; ) {
    const stop = escape < 0 ? body.length : escape;
    to = copyText(body, from, stop, { out, to });
    from = stop;
    if (escape < 0) break;
    const softBreak = endOfSoftBreak(body, escape + 1);
    const value = softBreak > 0 ? -1 : hexByte(body, escape + 1);
    if (softBreak > 0) from = softBreak;
    else if (value >= 0) {
      out[to++] = value;
      from = escape + 3;
    } else {
      out[to++] = EQUALS;
      from = escape + 1;
    }
    escape = body.indexOf(EQUALS, from);
  }
  return out.subarray(0, to);
}

/** Copies literal text without the white space that stands before line ends. */
function copyText(body: Buffer, from: number, stop: number, target: { out: Buffer; to: number }): number {
  const { out } = target;
  let { to } = target;
  let textEnd = to;
  for (let at = from; at < stop; at++) {
    const code = body[at] as number;
    if (code === 0x0a || (code === 0x0d && body[at + 1] === 0x0a)) to = textEnd;
    out[to++] = code;
    if (code !== 0x20 && code !== 0x09) textEnd = to;
  }
  return stop === body.length ? textEnd : to;
}

/** The position behind a soft line break whose `=` stands before `at`, or 0. */
function endOfSoftBreak(body: Buffer, at: number): number {
  let next = at;
  while (body[next] === 0x20 || body[next] === 0x09) next++;
  if (next >= body.length) return body.length;
  if (body[next] === 0x0d && body[next + 1] === 0x0a) return next + 2;
  return body[next] === 0x0a ? next + 1 : 0;
}

function hexByte(body: Buffer, at: number): number {
  const high = hexDigit(body[at]);
  const low = hexDigit(body[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
