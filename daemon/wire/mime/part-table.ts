/**
 * The part tree packed into a few words, stored beside the message, so that BODY[1.2.MIME] is a slice of the
 * raw octets and nothing is parsed again.
 *
 * 1. Parts stand in pre-order, five 32-bit little-endian words each: kind and encoding, header start,
 *    body start, body end, index of the first part behind this one's descendants.
 * 2. A message part is followed by the root of the embedded message.
 * Specifications: RFC 9051 §6.4.5.1 (part specifiers), RFC 3516 §4.2 (encodings that BINARY decodes).
 */
import type { MessageIndex, Part } from './part.ts';

const WORDS = 5;
const KINDS = ['leaf', 'multipart', 'message'] as const;
const ENCODINGS = ['identity', 'base64', 'quoted-printable', 'unknown'] as const;

export type TransferEncoding = (typeof ENCODINGS)[number];
/** What `unpackParts` gives; only this folder looks inside. */
export type PartTable = Uint32Array;

/** The same shape as the section of a FETCH item. */
export interface Section {
  readonly part: readonly number[];
  /** HEADER.FIELDS and HEADER.FIELDS.NOT mean the whole header here; `selectFields` narrows it. */
  readonly text: '' | 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';
}

/** Octets [start, end) of the message. */
export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

export function packParts(index: MessageIndex): Uint8Array {
  const words: number[] = [];
  packInto(words, index.root);
  const packed = new Uint32Array(words);
  return new Uint8Array(packed.buffer);
}

/** Reads what `packParts` gave, from memory of any alignment; a view when that is possible. */
export function unpackParts(packed: Uint8Array): PartTable {
  if ((packed.byteOffset & 3) === 0) return new Uint32Array(packed.buffer, packed.byteOffset, packed.byteLength >>> 2);
  const copy = packed.slice();
  return new Uint32Array(copy.buffer, 0, copy.byteLength >>> 2);
}

/** Where a section lies; undefined when the message has no such part. */
export function sectionRange(parts: PartTable, section: Section): OctetRange | undefined {
  if (section.part.length === 0) return rootRange(parts, section);
  const at = findPart(parts, section.part);
  if (at < 0) return undefined;
  if (section.text === '') return { start: word(parts, at, 2), end: word(parts, at, 3) };
  if (section.text === 'MIME') return { start: word(parts, at, 1), end: word(parts, at, 2) };
  // RFC 9051 §6.4.5.1: HEADER and TEXT of a part are those of an embedded message.
  if (kindOf(parts, at) !== 'message') return undefined;
  const start = section.text === 'TEXT' ? 2 : 1;
  return { start: word(parts, at + 1, start), end: word(parts, at + 1, start + 1) };
}

/** The octets of a section without a copy; undefined when the message has no such part. */
export function sliceSection(raw: Buffer, parts: PartTable, section: Section): Buffer | undefined {
  const range = sectionRange(parts, section);
  return range && raw.subarray(range.start, range.end);
}

/** A part's body and how it is encoded (RFC 3516 BINARY; part [] is the message itself, not encoded). */
export function partBody(
  parts: PartTable,
  path: readonly number[],
): (OctetRange & { encoding: TransferEncoding; isComposite: boolean }) | undefined {
  if (path.length === 0) return { start: 0, end: word(parts, 0, 3), encoding: 'identity', isComposite: true };
  const at = findPart(parts, path);
  if (at < 0) return undefined;
  const isComposite = kindOf(parts, at) !== 'leaf';
  const encoding = ENCODINGS[(word(parts, at, 0) >>> 2) & 3] as TransferEncoding;
  return { start: word(parts, at, 2), end: word(parts, at, 3), encoding: isComposite ? 'identity' : encoding, isComposite };
}

/** Names the transfer encodings of RFC 2045 §6.1 as far as decoding goes. */
export function transferEncoding(name: string): TransferEncoding {
  switch (name.toLowerCase()) {
    case '7bit':
    case '8bit':
    case 'binary':
      return 'identity';
    case 'base64':
      return 'base64';
    case 'quoted-printable':
      return 'quoted-printable';
    default:
      return 'unknown';
  }
}

function packInto(words: number[], part: Part): void {
  const at = words.length;
  const flags = KINDS.indexOf(part.kind) | (ENCODINGS.indexOf(transferEncoding(part.encoding)) << 2);
  words.push(flags, part.header.start, part.bodyStart, part.bodyEnd, 0);
  for (const child of part.children) packInto(words, child);
  words[at + 4] = words.length / WORDS;
}

function rootRange(parts: PartTable, section: Section): OctetRange | undefined {
  switch (section.text) {
    case '':
      return { start: 0, end: word(parts, 0, 3) };
    case 'TEXT':
      return { start: word(parts, 0, 2), end: word(parts, 0, 3) };
    case 'MIME':
      return undefined;
    default:
      return { start: word(parts, 0, 1), end: word(parts, 0, 2) };
  }
}

/** RFC 9051 §6.4.5.1: the index of a numbered part, or -1. A message that is not multipart has one part, 1. */
function findPart(parts: PartTable, path: readonly number[]): number {
  let at = 0;
  let isEntity = true;
  for (const number of path) {
    if (!isEntity && kindOf(parts, at) === 'message') {
      at++;
      isEntity = true;
    }
    if (kindOf(parts, at) === 'multipart') at = childOf(parts, at, number);
    else if (!isEntity || number !== 1) return -1;
    if (at < 0) return -1;
    isEntity = false;
  }
  return at;
}

function childOf(parts: PartTable, parent: number, number: number): number {
  const end = word(parts, parent, 4);
  let at = parent + 1;
  for (let left = number; at < end; at = word(parts, at, 4)) if (--left === 0) return at;
  return -1;
}

function kindOf(parts: PartTable, at: number): (typeof KINDS)[number] {
  return KINDS[word(parts, at, 0) & 3] ?? 'leaf';
}

function word(parts: PartTable, at: number, offset: number): number {
  return parts[at * WORDS + offset] ?? 0;
}
