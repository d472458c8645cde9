/**
 * The text of a message as people read it, for search: decoded headers and text parts, folded by `casemap`.
 *
 * 1. Lazy: what a search does not look at is not decoded.
 * 2. Text parts of embedded messages count as body; attachments that are no text do not.
 * 3. HTML counts by its text: tags, scripts and styles are left out.
 */
import { decodeCharset } from '../wire/mime/charset.ts';
import { decodeWords } from '../wire/mime/encoded-words.ts';
import { type HeaderBlock, readHeaderBlock, unfold } from '../wire/mime/fields.ts';
import { indexMessage } from '../wire/mime/index-message.ts';
import { parameterValue } from '../wire/mime/parameters.ts';
import type { Part } from '../wire/mime/part.ts';
import { htmlText } from './html-text.ts';
import { casemap, type SearchText } from './match.ts';

/** `header` alone serves header(); `whole` is asked for when body() is. */
export function searchText(header: Uint8Array, whole: () => Uint8Array): SearchText {
  let block: HeaderBlock | undefined;
  let body: string | undefined;
  const fields = (): HeaderBlock => (block ??= readHeaderBlock(asBuffer(header), 0, header.length));
  return {
    header: (name) => fieldTexts(fields(), name),
    wholeHeader: () => casemap(wholeHeader(fields())),
    body: () => (body ??= casemap(bodyText(asBuffer(whole())))),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fieldTexts(block: HeaderBlock, name: string): string[] {
  const found: string[] = [];
  const { text, spots } = block;
  for (let at = 0; at < spots.length; at += 3) {
    const fieldName = text.slice(spots[at], spots[at + 1]).trimEnd();
    if (fieldName.length === name.length && fieldName.toLowerCase() === name) {
      found.push(casemap(decodeWords(unfold(text.slice((spots[at + 1] as number) + 1, spots[at + 2])))));
    }
  }
  return found;
}

function wholeHeader(block: HeaderBlock): string {
  const lines: string[] = [];
  const { text, spots } = block;
  for (let at = 0; at < spots.length; at += 3) lines.push(decodeWords(unfold(text.slice(spots[at], spots[at + 2]))));
  return lines.join('\n');
}

function bodyText(raw: Buffer): string {
  const texts: string[] = [];
  collect(raw, indexMessage(raw).root, texts);
  return texts.join('\n');
}

function collect(raw: Buffer, part: Part, texts: string[]): void {
  for (const child of part.children) collect(raw, child, texts);
  if (part.kind !== 'leaf' || part.type !== 'text') return;
  const text = decodeCharset(decodeTransfer(raw, part), parameterValue(part.parameters, 'charset'));
  texts.push(part.subtype === 'html' ? htmlText(text) : text);
}

/** The octets of a leaf without its transfer encoding; damaged encodings give what can be read. */
export function decodeTransfer(raw: Buffer, part: Part): Buffer {
  const encoded = raw.subarray(part.bodyStart, part.bodyEnd);
  switch (part.encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(encoded.toString('latin1'), 'base64');
    case 'quoted-printable':
      return decodeQuotedPrintable(encoded);
    default:
      return encoded;
  }
}

/** RFC 2045 §6.7; a `=` that begins no code stands for itself. */
function decodeQuotedPrintable(encoded: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at++) {
    const octet = encoded[at] as number;
    if (octet !== 0x3d) {
      decoded[length++] = octet;
      continue;
    }
    const high = hexValue(encoded[at + 1]);
    const low = hexValue(encoded[at + 2]);
    if (high >= 0 && low >= 0) {
      decoded[length++] = high * 16 + low;
      at += 2;
    } else if (encoded[at + 1] === 0x0a) at += 1;
    else if (encoded[at + 1] === 0x0d && encoded[at + 2] === 0x0a) at += 2;
    else decoded[length++] = octet;
  }
  return decoded.subarray(0, length);
}

function hexValue(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
