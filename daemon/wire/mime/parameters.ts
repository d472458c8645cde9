/**
 * Structured MIME field values: `token; name=value; ...` as in Content-Type and Content-Disposition.
 *
 * 1. Comments and white space are dropped, quoted strings unquoted, names lower case; order is kept.
 * 2. `parameters` is flat: name, value, name, value; at most 64 pairs. RFC 2231 pieces stay as written,
 *    because BODYSTRUCTURE shows them so; `parameterValue` puts them together.
 * Specifications: RFC 2045 §5.1, RFC 2183 §2, RFC 2231, RFC 3282 §2.
 */
import { decodeCharset } from './charset.ts';
import { decodeWords } from './encoded-words.ts';

const PARAMETERS_MAX = 64;
const PIECES_MAX = 64;
const LANGUAGES_CHARS_MAX = 1_000;

export interface StructuredValue {
  /** The first token, as written. */
  readonly value: string;
  readonly parameters: readonly string[];
}

/** Reads an unfolded latin1 field value; never fails, what makes no sense is skipped. */
export function parseStructured(text: string): StructuredValue {
  const semicolon = text.indexOf(';');
  if (semicolon < 0 && !text.includes('(')) return { value: text.trim(), parameters: [] };
  const parameters: string[] = [];
  let [value, at] = readValue(text, 0);
  while (at < text.length && parameters.length < PARAMETERS_MAX * 2) {
    at++;
    const equals = readName(text, at);
    if (text.charCodeAt(equals.at) !== 0x3d) {
      at = skipToSemicolon(text, equals.at);
      continue;
    }
    const [read, next] = readValue(text, equals.at + 1);
    if (equals.name !== '') parameters.push(equals.name, read);
    at = next;
  }
  return { value, parameters };
}

/** The tokens of Content-Language (RFC 3282 §2), at most 32. */
export function parseLanguages(text: string): string[] {
  const bare = text.slice(0, LANGUAGES_CHARS_MAX).replace(/\([^)]*\)/g, '');
  return bare
    .split(',', 32)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** A parameter as it stands, or undefined. */
export function rawParameter(parameters: readonly string[], name: string): string | undefined {
  for (let at = 0; at < parameters.length; at += 2) if (parameters[at] === name) return parameters[at + 1];
  return undefined;
}

/**
 * A parameter for people: RFC 2231 §3 and §4 pieces joined and decoded, and, because programs write them,
 * encoded words and raw UTF-8 too.
 */
export function parameterValue(parameters: readonly string[], name: string): string | undefined {
  const extended = rawParameter(parameters, `${name}*`);
  if (extended !== undefined) return decodeExtended([{ text: extended, isExtended: true }]);
  const pieces: { text: string; isExtended: boolean }[] = [];
  for (let count = 0; count < PIECES_MAX; count++) {
    const encoded = rawParameter(parameters, `${name}*${count}*`);
    const text = encoded ?? rawParameter(parameters, `${name}*${count}`);
    if (text === undefined) break;
    pieces.push({ text, isExtended: encoded !== undefined });
  }
  if (pieces.length > 0) return decodeExtended(pieces);
  const plain = rawParameter(parameters, name);
  return plain === undefined ? undefined : decodeWords(plain);
}

/** RFC 2231 §4: `charset'language'percent-encoded`, the charset in the first piece only. */
function decodeExtended(pieces: readonly { text: string; isExtended: boolean }[]): string {
  let charset = 'utf-8';
  let bytes = '';
  pieces.forEach(({ text, isExtended }, index) => {
    let rest = text;
    if (index === 0 && isExtended) {
      const quote = text.indexOf("'");
      const second = text.indexOf("'", quote + 1);
      if (quote >= 0 && second > quote) {
        charset = text.slice(0, quote) || charset;
        rest = text.slice(second + 1);
      }
    }
    bytes += isExtended ? rest.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : rest;
  });
  return decodeCharset(Buffer.from(bytes, 'latin1'), charset);
}

function readName(text: string, from: number): { name: string; at: number } {
  let at = from;
  let name = '';
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3d || code === 0x3b) break;
    if (code === 0x28) at = endOfComment(text, at) - 1;
    else if (code > 0x20) name += text[at];
  }
  return { name: name.toLowerCase(), at };
}

/** A token or quoted string up to `;`, and where that stands. */
function readValue(text: string, from: number): [string, number] {
  let at = from;
  let value = '';
  let pending = '';
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x3b) break;
    if (code === 0x28) {
      at = endOfComment(text, at);
      continue;
    }
    if (code === 0x22) {
      const [inside, next] = readQuoted(text, at + 1);
      value += pending + inside;
      pending = '';
      at = next;
      continue;
    }
    // White space within a token is kept (`name=a file.txt` is common), at its ends it is not.
    if (code === 0x20 || code === 0x09) pending += value === '' ? '' : text[at];
    else {
      value += pending + text[at];
      pending = '';
    }
    at++;
  }
  return [value, at];
}

function readQuoted(text: string, from: number): [string, number] {
  let value = '';
  let start = from;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return [value + text.slice(start, at), at + 1];
    if (code !== 0x5c) continue;
    value += text.slice(start, at);
    start = ++at;
  }
  return [value + text.slice(start), text.length];
}

function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) return at + 1;
  }
  return text.length;
}

function skipToSemicolon(text: string, from: number): number {
  const at = text.indexOf(';', from);
  return at < 0 ? text.length : at;
}
