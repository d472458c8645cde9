/**
 * Looks over a DNS reply before the decoder does, for what the decoder does not notice: record lengths that do not fit
 * their type, names that leave their record, and labels that hold a dot or a control character, which in text could not
 * be told from other names.
 *
 * Invariants: 1. never reads outside the buffer; 2. each pointer goes backwards and at most 32 are followed a name;
 * 3. answers are checked for clean labels, the other sections for structure only (an SOA mailbox may hold dots).
 *
 * Specifications: RFC 1035 §4.1.
 */

const BAD = -1;
const MAX_POINTERS = 32;

/** True when the reply's structure holds and its answer section has only names that are unambiguous as text. */
export function isCleanReply(wire: Buffer): boolean {
  if (wire.length < 12) return false;
  const questions = wire.readUInt16BE(4);
  const answers = wire.readUInt16BE(6);
  const others = wire.readUInt16BE(8) + wire.readUInt16BE(10);
  let offset = 12;
  for (let i = 0; i < questions; i++) {
    offset = scanName(wire, offset, true);
    if (offset === BAD || offset + 4 > wire.length) return false;
    offset += 4;
  }
  for (let i = 0; i < answers + others; i++) {
    offset = scanRecord(wire, offset, i < answers);
    if (offset === BAD) return false;
  }
  return true;
}

function scanRecord(wire: Buffer, start: number, strict: boolean): number {
  const offset = scanName(wire, start, strict);
  if (offset === BAD || offset + 10 > wire.length) return BAD;
  const type = wire.readUInt16BE(offset);
  const length = wire.readUInt16BE(offset + 8);
  const data = offset + 10;
  const end = data + length;
  if (end > wire.length) return BAD;
  return fits(wire, { type, data, end, strict }) ? end : BAD;
}

function fits(wire: Buffer, record: { type: number; data: number; end: number; strict: boolean }): boolean {
  const { type, data, end, strict } = record;
  switch (type) {
    case 1: // A
      return end - data === 4;
    case 28: // AAAA
      return end - data === 16;
    case 2: // NS
    case 5: // CNAME
    case 12: // PTR
    case 39: // DNAME
      return scanName(wire, data, strict) === end;
    case 15: // MX
      return end - data > 2 && scanName(wire, data + 2, strict) === end;
    case 33: // SRV
      return end - data > 6 && scanName(wire, data + 6, strict) === end;
    case 16: // TXT
      return stringsFill(wire, data, end);
    case 52: // TLSA
      return end - data >= 4;
    case 257: // CAA
      return end - data >= 3;
    default:
      return true;
  }
}

function stringsFill(wire: Buffer, data: number, end: number): boolean {
  let offset = data;
  while (offset < end) offset += 1 + (wire[offset] ?? 0);
  return offset === end && end > data;
}

/** The offset after the name, or BAD. */
function scanName(wire: Buffer, start: number, strict: boolean): number {
  let offset = start;
  let limit = start;
  let after = BAD;
  for (let jumps = 0; ; ) {
    const length = wire[offset];
    if (length === undefined) return BAD;
    if (length === 0) return after === BAD ? offset + 1 : after;
    if ((length & 0xc0) === 0xc0) {
      if (offset + 1 >= wire.length || ++jumps > MAX_POINTERS) return BAD;
      const target = wire.readUInt16BE(offset) & 0x3fff;
      if (target >= limit) return BAD;
      if (after === BAD) after = offset + 2;
      offset = target;
      limit = target;
      continue;
    }
    if (length > 63 || offset + 1 + length > wire.length) return BAD;
    if (strict && !isPlainLabel(wire, offset + 1, offset + 1 + length)) return BAD;
    offset += 1 + length;
  }
}

function isPlainLabel(wire: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const octet = wire[i] ?? 0;
    if (octet <= 0x20 || octet >= 0x7f || octet === 0x2e) return false;
  }
  return true;
}
