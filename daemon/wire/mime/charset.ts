/**
 * Charsets of mail to text, for search, preview and names; never for what goes back on the wire.
 *
 * Unknown and empty names fall back: UTF-8 when the bytes are valid UTF-8, else windows-1252, which maps every byte.
 * Specifications: RFC 2046 §4.1.2, RFC 2978 (names), RFC 6532 §3.1 (unlabelled UTF-8).
 */
import { TextDecoder } from 'node:util';

/** Decodes bytes by a charset's name as mail writes it; never throws. */
export function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  const name = (charset ?? '').trim().toLowerCase();
  // A label that promises 7 bits, or nothing, says nothing about the 8-bit bytes that are there.
  if (name === '' || name === 'us-ascii' || name === 'ascii' || name === 'unknown-8bit') return decodeUnlabelled(bytes);
  const decoder = decoderFor(ALIASES.get(name) ?? name);
  return decoder === undefined ? decodeUnlabelled(bytes) : decoder.decode(bytes);
}

/** UTF-8 when it is, else windows-1252. */
export function decodeUnlabelled(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: what old programs send without a label is windows-1252 in nearly all cases.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Names that mail uses and the Encoding Standard does not know. */
const ALIASES = new Map([
  ['cp-850', 'windows-1252'],
  ['x-unknown', 'utf-8'],
  ['iso-8859-8-i', 'iso-8859-8'],
  ['gb2312-80', 'gbk'],
  ['ks_c_5601-1987', 'euc-kr'],
  ['cp932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['cp1252', 'windows-1252'],
  ['ansi_x3.4-1968', 'windows-1252'],
]);

function decoderFor(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name);
  } catch {
    // RangeError is how TextDecoder says that it does not know the name.
    return undefined;
  }
}
