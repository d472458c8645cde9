/**
 * The relaxed canonicalisations of DKIM, for signing.
 *
 * 1. Input has CRLF line ends only (the receiver refuses everything else).
 * 2. Bytes are bytes: strings here are latin1, so that UTF-8 in header fields passes unchanged.
 * Specifications: RFC 6376 §3.4.2 (header), §3.4.4 (body), §3.7 (what is hashed).
 */
import { createHash } from 'node:crypto';

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;
const CRLF = Buffer.from('\r\n');

/** SHA-256 of the relaxed body, base64. */
export function relaxedBodyHash(body: Buffer): string {
  const hash = createHash('sha256');
  const isPlain = body.indexOf('  ') < 0 && body.indexOf(TAB) < 0 && body.indexOf(' \r\n') < 0;
  const canonical = isPlain ? body : relaxLines(body);
  const end = withoutTrailingLines(canonical);
  if (end > 0) {
    hash.update(canonical.subarray(0, end));
    if (canonical[end - 1] !== LF) hash.update(CRLF);
  }
  return hash.digest('base64');
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

/** Where the body ends when empty lines at its end are ignored; the last line end is kept. */
function withoutTrailingLines(body: Buffer): number {
  let end = body.length;
  while (end >= 4 && body[end - 1] === LF && body[end - 2] === CR && body[end - 3] === LF && body[end - 4] === CR) end -= 2;
  if (end === 2 && body[0] === CR && body[1] === LF) return 0;
  return end;
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
