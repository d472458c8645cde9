/**
 * Folder names between Unicode and the 7-bit form that IMAP4rev1 sends.
 * 1. encode(decode(x)) === x for every x that decode accepts: there is one spelling of a name.
 * 2. decode answers null, never a guess, for what is not well-formed.
 * Specifications: RFC 3501 §5.1.3, RFC 2152.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,';
const AMPERSAND = 38;
const DASH = 45;
const VALUE_OF = new Int8Array(128).fill(-1);
for (let index = 0; index < ALPHABET.length; index++) VALUE_OF[ALPHABET.charCodeAt(index)] = index;

function isDirect(unit: number): boolean {
  return unit >= 32 && unit <= 126;
}

/** Encodes a name; lone surrogates are kept as they are. */
export function encodeModifiedUtf7(name: string): string {
  let text = '';
  for (let index = 0; index < name.length; ) {
    const unit = name.charCodeAt(index);
    if (isDirect(unit)) {
      text += unit === AMPERSAND ? '&-' : name.charAt(index);
      index++;
      continue;
    }
    const start = index;
    while (index < name.length && !isDirect(name.charCodeAt(index))) index++;
    text += `&${encodeUnits(name, start, index)}-`;
  }
  return text;
}

function encodeUnits(name: string, start: number, end: number): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let index = start; index < end; index++) {
    bits = ((bits << 16) | name.charCodeAt(index)) >>> 0;
    held += 16;
    while (held >= 6) {
      held -= 6;
      text += ALPHABET.charAt((bits >>> held) & 63);
    }
    bits &= (1 << held) - 1;
  }
  return held > 0 ? text + ALPHABET.charAt((bits << (6 - held)) & 63) : text;
}

/** Decodes a name, or answers null when it is not the canonical modified UTF-7 form of any name. */
export function decodeModifiedUtf7(text: string): string | null {
  let name = '';
  for (let index = 0; index < text.length; ) {
    const unit = text.charCodeAt(index);
    if (!isDirect(unit)) return null;
    if (unit !== AMPERSAND) {
      name += text.charAt(index++);
      continue;
    }
    const end = text.indexOf('-', index);
    if (end < 0) return null;
    if (end === index + 1) {
      name += '&';
    } else {
      const units = decodeUnits(text, index + 1, end);
      if (units === null) return null;
      name += units;
      // RFC 3501 §5.1.3: "&Jjo-&Jjo-" is forbidden, one shifted run must hold both.
      if (text.charCodeAt(end + 1) === AMPERSAND && text.charCodeAt(end + 2) !== DASH) return null;
    }
    index = end + 1;
  }
  return name;
}

function decodeUnits(text: string, start: number, end: number): string | null {
  let units = '';
  let bits = 0;
  let held = 0;
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    const value = code < 128 ? (VALUE_OF[code] as number) : -1;
    if (value < 0) return null;
    bits = ((bits << 6) | value) & 0x3fffff;
    held += 6;
    if (held < 16) continue;
    held -= 16;
    const unit = (bits >>> held) & 0xffff;
    // RFC 3501 §5.1.3: printable US-ASCII must stand for itself.
    if (isDirect(unit)) return null;
    units += String.fromCharCode(unit);
    bits &= (1 << held) - 1;
  }
  return held < 6 && bits === 0 && units.isWellFormed() ? units : null;
}
