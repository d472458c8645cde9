/**
 * ESMTP parameters of MAIL and RCPT, and the values that DSN gives them.
 *
 * Undefined means a syntax error (501); keywords that nobody knows are the caller's 555.
 * Specifications: RFC 5321 §4.1.2 (esmtp-param), RFC 3461 §4 (xtext, NOTIFY, ORCPT, RET, ENVID), RFC 6533 §3.
 */

const PARAMETERS_MAX = 20;
const ORCPT_CHARS_MAX = 500;
const ENVID_CHARS_MAX = 100;

/** Keywords in upper case; a keyword without a value has true. Repeated keywords are a syntax error. */
export type Parameters = ReadonlyMap<string, string | true>;

export type Notify = 'success' | 'failure' | 'delay';

/** Parses what follows the path, such as ` SIZE=100 BODY=8BITMIME`. */
export function parseParameters(text: string): Parameters | undefined {
  const found = new Map<string, string | true>();
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    const keyword = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? true : word.slice(equals + 1);
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(keyword) || found.has(keyword) || found.size >= PARAMETERS_MAX) return undefined;
    if (value !== true && !isValue(value)) return undefined;
    found.set(keyword, value);
  }
  return found;
}

/** RFC 3461 §4: `+XX` is an octet; undefined when the text is no xtext. */
export function decodeXtext(text: string): string | undefined {
  if (/\+(?![0-9A-F]{2})|[^!-~]|=/.test(text)) return undefined;
  return text.replace(/\+([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** RFC 3461 §4: every octet outside `!` to `~`, and `+` and `=`, becomes `+XX`. */
export function encodeXtext(text: string): string {
  const hex = (octet: number): string => `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  return text.replace(/[^!-*,-<>-~]+/g, (signs) => Array.from(Buffer.from(signs, 'utf8'), hex).join(''));
}

/** RFC 3461 §4.1: NEVER is the empty list. */
export function parseNotify(value: string): readonly Notify[] | undefined {
  const words = value.toLowerCase().split(',');
  if (words.length === 1 && words[0] === 'never') return [];
  const isKnown = words.every((word) => word === 'success' || word === 'failure' || word === 'delay');
  return isKnown && new Set(words).size === words.length ? (words as Notify[]) : undefined;
}

/** RFC 3461 §4.2: `rfc822;xtext`, decoded to `rfc822;address`; also `utf-8` (RFC 6533 §3). */
export function parseOriginalRecipient(value: string): string | undefined {
  const semicolon = value.indexOf(';');
  const type = value.slice(0, semicolon).toLowerCase();
  if (semicolon <= 0 || value.length > ORCPT_CHARS_MAX || !/^[a-z0-9-]+$/.test(type)) return undefined;
  const text = value.slice(semicolon + 1);
  const address = type === 'utf-8' ? decodeUtf8Address(text) : decodeXtext(text);
  return address === undefined || address === '' || /\p{Cc}/u.test(address) ? undefined : `${type};${address}`;
}

/** RFC 3461 §4.3. */
export function parseReturn(value: string): 'full' | 'headers' | undefined {
  const word = value.toUpperCase();
  return word === 'FULL' ? 'full' : word === 'HDRS' ? 'headers' : undefined;
}

/** RFC 3461 §4.4: at most 100 characters as sent. */
export function parseEnvelopeId(value: string): string | undefined {
  const id = value.length > ENVID_CHARS_MAX ? undefined : decodeXtext(value);
  return id === undefined || /[^ -~]/.test(id) ? undefined : id;
}

/** RFC 6533 §3: utf-8-addr-xtext, 7-bit: `\x{HEX}` for what xtext cannot hold. */
export function encodeUtf8Address(text: string): string {
  return [...text]
    .map((sign) =>
      /[!-*,-<>-[\]-~]/.test(sign) && sign.length === 1 ? sign : `\\x{${(sign.codePointAt(0) as number).toString(16).toUpperCase()}}`,
    )
    .join('');
}

function decodeUtf8Address(text: string): string | undefined {
  const isWhole = text.replace(/\\x\{([0-9A-F]{1,6})\}/g, '').indexOf('\\') < 0;
  const decoded = text.replace(/\\x\{([0-9A-F]{1,6})\}/g, (_all, hex: string) => {
    const point = Number.parseInt(hex, 16);
    return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? '\0' : String.fromCodePoint(point);
  });
  return isWhole ? decoded : undefined;
}

/** RFC 5321 §4.1.2 esmtp-value, with UTF-8 as RFC 6531 §3.3 extends it. */
function isValue(value: string): boolean {
  if (value === '') return false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x21 || code === 0x3d || (code > 0x7e && code < 0xa0)) return false;
  }
  return true;
}
