/**
 * The relaxed canonicalisations of DKIM, for signing.
 *
 * 1. Input has CRLF line ends only (the receiver refuses everything else).
 * 2. Bytes are bytes: strings here are latin1, so that UTF-8 in header fields passes unchanged.
 * Specifications: RFC 6376 §3.4.2 (header), §3.4.4 (body), §3.7 (what is hashed).
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;
const CRLF = Buffer.from('\r\n');

/** So much is hashed in one go; the event loop turns between two slices. */
const SLICE = 1_048_576;

/** SHA-256 of the relaxed body, base64. */
export async function relaxedBodyHash(body: Buffer): Promise<string> {
  const hash = createHash('sha256');
  const end = endOfContent(body);
  for (let from = 0; from < end; ) {
    const to = endOfSlice(body, from, end);
    const lines = body.subarray(from, to);
    hash.update(isRelaxed(lines) ? lines : relaxLines(lines));
    from = to;
    if (from < end) await setImmediate();
  }
  if (end > 0 && body[end - 1] !== LF) hash.update(CRLF);
  return hash.digest('base64');
}

/** Whole lines, about a slice of them. */
function endOfSlice(body: Buffer, from: number, end: number): number {
  if (end - from <= SLICE) return end;
  const lineEnd = body.indexOf(LF, from + SLICE);
  return lineEnd < 0 || lineEnd >= end ? end : lineEnd + 1;
}

function isRelaxed(lines: Buffer): boolean {
  return lines.indexOf('  ') < 0 && lines.indexOf(TAB) < 0 && lines.indexOf(' \r\n') < 0 && lines[lines.length - 1] !== SPACE;
}

/** White space runs become one space, and none is left at line ends. */
function relaxLines(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length);
  let to = 0;
  let hasSpace = false;
  for (let at = 0; at < body.length; at++) {
    const code = body[at] as number;
    if (code === SPACE || code === TAB) {
      hasSpace = true;
      continue;
    }
    if (hasSpace && !(code === CR && body[at + 1] === LF)) out[to++] = SPACE;
    hasSpace = false;
    out[to++] = code;
  }
  return out.subarray(0, to);
}

/** Where the body ends without the lines at its end that are empty once white space is gone; the last line end is kept. */
function endOfContent(body: Buffer): number {
  let end = body.length;
  for (;;) {
    let at = end;
    if (at >= 2 && body[at - 1] === LF && body[at - 2] === CR) at -= 2;
    while (at > 0 && (body[at - 1] === SPACE || body[at - 1] === TAB)) at -= 1;
    if (at === 0) return 0;
    if (body[at - 1] !== LF || at === end) return end;
    end = at;
  }
}

/** One header field (latin1, with its CRLFs) in relaxed form, without a line end. */
export function relaxedField(field: string): string {
  const colon = field.indexOf(':');
  const name = field.slice(0, colon).trimEnd().toLowerCase();
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ');
  const from = value.startsWith(' ') ? 1 : 0;
  const to = value.endsWith(' ') && value.length > from ? value.length - 1 : value.length;
  return `${name}:${value.slice(from, to)}`;
}
