/**
 * The character classes of the IMAP grammar as one lookup table, so that a token is scanned with one load an octet.
 * 1. The table is frozen data: nothing writes to it after module evaluation.
 * Specifications: RFC 9051 §9 (ATOM-CHAR, ASTRING-CHAR, tag, list-char), RFC 3501 §9.
 */

/** Bits of an entry in {@link OCTET_CLASS}. */
export const ATOM_CHAR = 1;
export const ASTRING_CHAR = 2;
export const TAG_CHAR = 4;
export const LIST_CHAR = 8;
export const DIGIT = 16;
/** An octet that may stand in a quoted string without a backslash; 8-bit octets are checked as UTF-8 afterwards. */
export const QUOTED_CHAR = 32;

export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const DOLLAR = 36;
export const LEFT_PAREN = 40;
export const RIGHT_PAREN = 41;
export const STAR = 42;
export const PLUS = 43;
export const COMMA = 44;
export const MINUS = 45;
export const DOT = 46;
export const ZERO = 48;
export const COLON = 58;
export const LESS = 60;
export const GREATER = 62;
export const LEFT_BRACKET = 91;
export const BACKSLASH = 92;
export const RIGHT_BRACKET = 93;
export const LEFT_BRACE = 123;
export const RIGHT_BRACE = 125;
export const TILDE = 126;

function classify(octet: number): number {
  let bits = 0;
  if (octet >= ZERO && octet <= 57) bits |= DIGIT;
  if (octet !== 0 && octet !== CR && octet !== LF && octet !== QUOTE && octet !== BACKSLASH) bits |= QUOTED_CHAR;
  // RFC 9051 §9: atom-specials are ( ) { SP CTL % * " \ ]; a CHAR is 1 to 127.
  if (octet <= SPACE || octet >= 127) return bits;
  if ('(){"\\'.includes(String.fromCharCode(octet))) return bits;
  const isWildcard = octet === STAR || octet === 37;
  if (!isWildcard && octet !== RIGHT_BRACKET) bits |= ATOM_CHAR;
  if (!isWildcard) bits |= ASTRING_CHAR;
  if (!isWildcard && octet !== PLUS) bits |= TAG_CHAR;
  return bits | LIST_CHAR;
}

/** Class bits of each octet. */
export const OCTET_CLASS: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, octet) => classify(octet));
