/**
 * The MIME indexer: one pass over a raw message that notes where everything is and copies nothing but headers.
 *
 * 1. It never throws and any bytes are a message; what is malformed becomes an opaque leaf or plain text.
 * 2. Bounded: depth 100, 1,000 parts, and at most 8 times the message's size searched for delimiters;
 *    what lies beyond is one application/octet-stream leaf.
 * 3. A multipart without any delimiter gets one text/plain child that is its whole body, so that every
 *    section number in BODYSTRUCTURE can be fetched.
 * Specifications: RFC 2045, RFC 2046 §5.1 and §5.2.1, RFC 5322, RFC 6532, RFC 9051 §7.5.2.
 */
import { countLines } from './count-lines.ts';
import { fieldValue, type HeaderBlock, readHeaderBlock } from './fields.ts';
import { parseLanguages, parseStructured, rawParameter, type StructuredValue } from './parameters.ts';
import type { Disposition, MessageIndex, Part, PartKind } from './part.ts';

const DEPTH_MAX = 100;
const PARTS_MAX = 1_000;
const SEARCH_FACTOR = 8;
const SEARCH_FLOOR_BYTES = 1024 * 1024;
const BOUNDARY_OCTETS_MAX = 1_000;

/** Indexes a whole message. */
export function indexMessage(raw: Buffer): MessageIndex {
  const root = new Indexer(raw).part({ start: 0, end: raw.length, depth: 0, isInDigest: false });
  return { root, sizeBytes: raw.length };
}

/** Where an entity lies and how deep. */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  /** RFC 2046 §5.1.5: parts of multipart/digest are messages unless they say otherwise. */
  readonly isInDigest: boolean;
}

const NO_PARTS: readonly Part[] = [];
const NO_TEXT: readonly string[] = [];
const US_ASCII: readonly string[] = ['charset', 'us-ascii'];

class Indexer {
  readonly #raw: Buffer;
  #partCount = 0;
  #searchLeft: number;

  constructor(raw: Buffer) {
    this.#raw = raw;
    this.#searchLeft = raw.length * SEARCH_FACTOR + SEARCH_FLOOR_BYTES;
  }

  part(extent: Extent): Part {
    this.#partCount++;
    const { start, end, depth, isInDigest } = extent;
    const header = readHeaderBlock(this.#raw, start, end);
    const bodyStart = header.end;
    const media = readMedia(header, isInDigest);
    const isMultipart = media.type === 'multipart';
    const isMessage = media.type === 'message' && (media.subtype === 'rfc822' || media.subtype === 'global');
    if (isMultipart || isMessage) {
      this.#searchLeft -= end - bodyStart;
      if (depth >= DEPTH_MAX || this.#searchLeft < 0 || this.#partCount >= PARTS_MAX) return opaque(header, bodyStart, end);
    }
    const kind: PartKind = isMultipart ? 'multipart' : isMessage ? 'message' : 'leaf';
    let children = NO_PARTS;
    if (isMultipart) children = this.#split(media, bodyStart, extent);
    else if (isMessage) children = [this.part({ start: bodyStart, end, depth: depth + 1, isInDigest: false })];
    const lines = isMessage || media.type === 'text' ? countLines(this.#raw, bodyStart, end) : 0;
    const disposition = readDisposition(header);
    return {
      kind,
      header,
      bodyStart,
      bodyEnd: end,
      type: media.type,
      subtype: media.subtype,
      parameters: media.parameters,
      encoding: readEncoding(header),
      id: fieldValue(header, 'content-id'),
      description: fieldValue(header, 'content-description'),
      md5: fieldValue(header, 'content-md5'),
      disposition,
      languages: readLanguages(header),
      location: fieldValue(header, 'content-location'),
      lines,
      children,
    };
  }

  /** RFC 2046 §5.1.1: the body parts between delimiter lines; preamble and epilogue are left out. */
  #split(media: Media, bodyStart: number, extent: Extent): readonly Part[] {
    const boundary = rawParameter(media.parameters, 'boundary') ?? '';
    if (boundary === '' || boundary.length > BOUNDARY_OCTETS_MAX) return [wholeBody(this.#raw, bodyStart, extent.end)];
    const children: Part[] = [];
    const body = this.#raw.subarray(bodyStart, extent.end);
    const delimiter = Buffer.from(`--${boundary}`, 'latin1');
    const child = { depth: extent.depth + 1, isInDigest: media.subtype === 'digest' };
    let partStart = -1;
    for (let hit = body.indexOf(delimiter); hit >= 0; ) {
      const after = endOfDelimiter(body, hit, delimiter.length);
      if (after === 0) {
        hit = body.indexOf(delimiter, hit + 1);
        continue;
      }
      if (partStart >= 0)
        children.push(this.part({ start: bodyStart + partStart, end: bodyStart + partEnd(body, partStart, hit), ...child }));
      if (after < 0) {
        partStart = -1;
        break;
      }
      partStart = after;
      if (this.#partCount >= PARTS_MAX) {
        children.push(opaque(emptyBlock(bodyStart + partStart), bodyStart + partStart, extent.end));
        return children;
      }
      hit = body.indexOf(delimiter, after);
    }
    // The close-delimiter is missing: the message was cut, its last part goes to the end.
    if (partStart >= 0) children.push(this.part({ start: bodyStart + partStart, end: extent.end, ...child }));
    return children.length > 0 ? children : [wholeBody(this.#raw, bodyStart, extent.end)];
  }
}

/**
 * Checks the delimiter line at `hit`: 0 when it is none, -1 for the close-delimiter, else where the part after it
 * begins. Other text behind the boundary means a longer boundary of an inner multipart.
 */
function endOfDelimiter(body: Buffer, hit: number, length: number): number {
  if (hit > 0 && body[hit - 1] !== 0x0a) return 0;
  let at = hit + length;
  const isClose = body[at] === 0x2d && body[at + 1] === 0x2d;
  if (isClose) at += 2;
  // RFC 2046 §5.1.1: transport-padding.
  while (body[at] === 0x20 || body[at] === 0x09) at++;
  if (at >= body.length) return isClose ? -1 : body.length;
  if (body[at] === 0x0d) at++;
  if (at < body.length && body[at] !== 0x0a) return 0;
  return isClose ? -1 : Math.min(at + 1, body.length);
}

/** The end of a body part: the line end before the delimiter is not its own. */
function partEnd(body: Buffer, partStart: number, hit: number): number {
  let end = hit;
  if (end > partStart && body[end - 1] === 0x0a) end--;
  if (end > partStart && body[end - 1] === 0x0d) end--;
  return end;
}

interface Media {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly string[];
}

/** RFC 2045 §5.2: what is missing or malformed is text/plain in US-ASCII. */
const PLAIN_TEXT: Media = { type: 'text', subtype: 'plain', parameters: US_ASCII };
const EMBEDDED: Media = { type: 'message', subtype: 'rfc822', parameters: NO_TEXT };

function readMedia(header: HeaderBlock, isInDigest: boolean): Media {
  const field = fieldValue(header, 'content-type');
  if (field === undefined) return isInDigest ? EMBEDDED : PLAIN_TEXT;
  const { value, parameters }: StructuredValue = parseStructured(field);
  const slash = value.indexOf('/');
  const type = value.slice(0, slash).trim().toLowerCase();
  const subtype = value
    .slice(slash + 1)
    .trim()
    .toLowerCase();
  if (slash <= 0 || type === '' || subtype === '') return PLAIN_TEXT;
  return { type, subtype, parameters };
}

function readEncoding(header: HeaderBlock): string {
  const field = fieldValue(header, 'content-transfer-encoding');
  return (field !== undefined && parseStructured(field).value) || '7bit';
}

function readDisposition(header: HeaderBlock): Disposition | undefined {
  const field = fieldValue(header, 'content-disposition');
  if (field === undefined || field === '') return undefined;
  const { value, parameters } = parseStructured(field);
  // RFC 2183 §2.8: a disposition that is not understood is an attachment.
  return { type: value === '' ? 'attachment' : value, parameters };
}

function readLanguages(header: HeaderBlock): readonly string[] {
  const field = fieldValue(header, 'content-language');
  return field === undefined ? NO_TEXT : parseLanguages(field);
}

function emptyBlock(at: number): HeaderBlock {
  return { start: at, end: at, text: '', spots: [], isCut: false };
}

function opaque(header: HeaderBlock, bodyStart: number, bodyEnd: number): Part {
  return bareLeaf({ type: 'application', subtype: 'octet-stream', parameters: NO_TEXT }, header, { bodyStart, bodyEnd, lines: 0 });
}

function wholeBody(raw: Buffer, bodyStart: number, bodyEnd: number): Part {
  return bareLeaf(PLAIN_TEXT, emptyBlock(bodyStart), { bodyStart, bodyEnd, lines: countLines(raw, bodyStart, bodyEnd) });
}

function bareLeaf(media: Media, header: HeaderBlock, body: { bodyStart: number; bodyEnd: number; lines: number }): Part {
  return {
    kind: 'leaf',
    header,
    bodyStart: body.bodyStart,
    bodyEnd: body.bodyEnd,
    type: media.type,
    subtype: media.subtype,
    parameters: media.parameters,
    encoding: '7bit',
    id: undefined,
    description: undefined,
    md5: undefined,
    disposition: undefined,
    languages: NO_TEXT,
    location: undefined,
    lines: body.lines,
    children: NO_PARTS,
  };
}
