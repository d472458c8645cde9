/**
 * HEADER.FIELDS and HEADER.FIELDS.NOT: cuts the named fields out of a header block, octet for octet, with the blank line behind them.
 * 1. Runs once over the block and copies each field once; names compare without case.
 * Specifications: RFC 9051 §6.4.5.1.
 */
const LF = 10;
const COLON = 58;
const SPACE = 32;
const TAB = 9;
const CRLF = Buffer.from('\r\n');

export type FieldFilter = (header: Uint8Array) => Buffer;

/** Compiles a filter; `keep` tells whether the named fields stay or go. */
export function fieldFilter(names: readonly string[], keep: boolean): FieldFilter {
  const wanted = names.map((name) => Buffer.from(name.toLowerCase(), 'latin1'));
  return (header) => {
    const pieces: [start: number, end: number][] = [];
    let total = 0;
    for (let start = 0; start < header.length; ) {
      const end = endOfField(header, start);
      if (isBlank(header, start)) break;
      if (isNamed(header, start, wanted) === keep) {
        const last = pieces[pieces.length - 1];
        if (last !== undefined && last[1] === start) last[1] = end;
        else pieces.push([start, end]);
        total += end - start;
      }
      start = end;
    }
    const block = Buffer.allocUnsafe(total + 2 * CRLF.length);
    let fill = 0;
    for (const [start, end] of pieces) {
      block.set(header.subarray(start, end), fill);
      fill += end - start;
    }
    // A block that ends in the middle of a line is ended properly.
    if (fill > 0 && block[fill - 1] !== LF) fill += CRLF.copy(block, fill);
    fill += CRLF.copy(block, fill);
    return block.subarray(0, fill);
  };
}

/** Behind the last line of the field that begins at `start`, folded lines included. */
function endOfField(header: Uint8Array, start: number): number {
  for (let at = start; ; ) {
    const lineEnd = header.indexOf(LF, at);
    if (lineEnd < 0) return header.length;
    const next = header[lineEnd + 1];
    if (next !== SPACE && next !== TAB) return lineEnd + 1;
    at = lineEnd + 1;
  }
}

function isBlank(header: Uint8Array, start: number): boolean {
  return header[start] === LF || (header[start] === 13 && header[start + 1] === LF);
}

function isNamed(header: Uint8Array, start: number, names: readonly Buffer[]): boolean {
  for (const name of names) if (hasName(header, start, name)) return true;
  return false;
}

function hasName(header: Uint8Array, start: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index++) {
    let octet = header[start + index] as number;
    if (octet >= 65 && octet <= 90) octet += 32;
    if (octet !== name[index]) return false;
  }
  let at = start + name.length;
  // RFC 5322 §4.5: obsolete syntax allows white space before the colon.
  while (header[at] === SPACE || header[at] === TAB) at++;
  return header[at] === COLON;
}
