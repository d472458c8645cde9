/**
 * RFC 2047 encoded words in header values, made readable for search, preview and threading.
 *
 * 1. Input is latin1 as the header block gives it; bytes outside words are taken for UTF-8 or windows-1252.
 * 2. Neighbouring words of one charset are joined as bytes first, because programs cut within characters.
 * Specifications: RFC 2047 §2, §5, §6.2; RFC 2231 §5 (language in the charset).
 */
import { decodeCharset, decodeUnlabelled } from './charset.ts';

const WORD = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=/g;

/** Decodes every encoded word of an unfolded latin1 value. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return decodeRaw(value);
  let result = '';
  let last = 0;
  let charset: string | undefined;
  let bytes: Buffer[] = [];
  const flush = (): void => {
    if (charset !== undefined) result += decodeCharset(Buffer.concat(bytes), charset);
    charset = undefined;
    bytes = [];
  };
  for (const match of value.matchAll(WORD)) {
    const between = value.slice(last, match.index);
    const isNeighbour = charset !== undefined && between.trim() === '';
    // RFC 2231 §5: `charset*language`.
    const name = ((match[1] as string).split('*')[0] as string).toLowerCase();
    if (!isNeighbour || name !== charset) flush();
    if (!isNeighbour) result += decodeRaw(between);
    charset = name;
    bytes.push(decodeWord(match[2] as string, match[3] as string));
    last = match.index + match[0].length;
  }
  flush();
  return result + decodeRaw(value.slice(last));
}

function decodeWord(encoding: string, text: string): Buffer {
  if (encoding === 'b' || encoding === 'B') return Buffer.from(text, 'base64');
  // RFC 2047 §4.2: `_` is a space, `=XX` a byte.
  const plain = text.replace(/_/g, ' ').replace(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}

function decodeRaw(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= 0x80) return decodeUnlabelled(Buffer.from(text, 'latin1'));
  }
  return text;
}
