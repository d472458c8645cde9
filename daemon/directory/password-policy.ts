/**
 * What a new password must be, and how we make one.
 *
 * 1. At least 8 characters and nothing that is guessed first; no rules about digits or capitals (they make worse passwords).
 * 2. A made password is four groups of five letters that can be said aloud: about 68 bits.
 */
import { randomInt } from 'node:crypto';

const CHARACTERS_MIN = 8;
const BYTES_MAX = 1_024;
const COMMON = new Set(
  `password passw0rd password1 password123 12345678 123456789 1234567890 123123123 11111111 00000000 88888888 qwertyui qwertyuiop
  qwerty123 1q2w3e4r 1qaz2wsx abcdefgh abcd1234 iloveyou sunshine princess football baseball superman letmein1 welcome1 admin123
  administrator changeme changeit secret123 passwort passwort1 hallo123 schalke04 trustno1 starwars computer internet michelle
  asdfghjk asdfghjkl zxcvbnm1 testtest test1234 mailstead`.split(/\s+/),
);

/** The sentence that refuses `password` for someone who logs in as `login`; undefined when it may be used. */
export function passwordRefusal(password: string, login: string): string | undefined {
  const characters = Array.from(password).length;
  if (characters < CHARACTERS_MIN) {
    return `This password has ${characters} character${characters === 1 ? '' : 's'}. At least ${CHARACTERS_MIN} are needed`;
  }
  if (Buffer.byteLength(password) > BYTES_MAX) return 'This password is too long';
  if (hasControlCharacter(password)) return 'A password may not hold control characters';
  const lower = password.toLowerCase();
  const local = login.slice(0, Math.max(0, login.lastIndexOf('@'))).toLowerCase();
  if (lower === login.toLowerCase() || lower === local) return 'The password may not be the address itself';
  if (new Set(lower).size < 3 || COMMON.has(lower)) return 'This password is among the first that are guessed';
  return undefined;
}

const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aeiou';

/** A strong password that can be read out, such as `hodak-lurim-besat-vonip`. */
export function makePassword(): string {
  return Array.from({ length: 4 }, () => Array.from({ length: 5 }, (_, at) => pick(at % 2 === 0 ? CONSONANTS : VOWELS)).join('')).join('-');
}

function pick(letters: string): string {
  return letters.charAt(randomInt(letters.length));
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
