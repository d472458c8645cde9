/**
 * A cursor over one command: each method reads one production of the grammar and is named after it.
 * 1. A method either moves past what it read or throws SyntaxFailure; the cursor never runs past the frame.
 * 2. Nesting is bounded by {@link MAX_DEPTH}, everything else by the reader's limits: no method allocates more than the octets it read.
 * 3. No regular expression touches the wire.
 * Specifications: RFC 9051 §9, RFC 3501 §9.
 */
import { isUtf8 } from 'node:buffer';
import type { CommandFrame, Literal } from './command-reader.ts';
import { parseDate, parseDateTime } from './date-time.ts';
import { decodeModifiedUtf7 } from './modified-utf7.ts';
import {
  ASTRING_CHAR,
  ATOM_CHAR,
  BACKSLASH,
  COLON,
  COMMA,
  DIGIT,
  DOLLAR,
  LEFT_BRACE,
  LEFT_PAREN,
  LIST_CHAR,
  OCTET_CLASS,
  QUOTE,
  QUOTED_CHAR,
  RIGHT_PAREN,
  SPACE,
  STAR,
  TAG_CHAR,
  TILDE,
  ZERO,
} from './octets.ts';
import { LARGEST, SAVED_RESULT, type SequenceSet } from './sequence-set.ts';
import { SyntaxFailure } from './syntax-failure.ts';

/** Parentheses inside parentheses, and NOT/OR inside each other, beyond which a command is refused. */
export const MAX_DEPTH = 64;

const MAX_UINT32 = 0xffff_ffff;
const MAX_TAG_BYTES = 64;
const MAX_MAILBOX_BYTES = 4096;
const END = -1;

export class Decoder {
  readonly #frame: CommandFrame;
  /** After ENABLE UTF8=ACCEPT or IMAP4rev2 folder names are UTF-8. */
  readonly #hasUtf8Names: boolean;
  #line: Buffer;
  #position = 0;
  #segment = 0;
  #depth = 0;

  constructor(frame: CommandFrame, hasUtf8Names: boolean) {
    this.#frame = frame;
    this.#hasUtf8Names = hasUtf8Names;
    this.#line = frame.lines[0] ?? Buffer.alloc(0);
  }

  /** The next octet without reading it, -1 at the end of the command. */
  peek(): number {
    return this.#position < this.#line.length ? (this.#line[this.#position] as number) : END;
  }

  fail(expected: string): never {
    throw new SyntaxFailure(`Expected ${expected} at octet ${this.#position + 1}`);
  }

  expect(octet: number): void {
    if (this.peek() !== octet) this.fail(`"${String.fromCharCode(octet)}"`);
    this.#position++;
  }

  /** Reads `octet` when it is next. */
  accept(octet: number): boolean {
    if (this.peek() !== octet) return false;
    this.#position++;
    return true;
  }

  SP(): void {
    if (this.peek() !== SPACE) this.fail('a space');
    this.#position++;
  }

  /** The end of the command. */
  end(): void {
    // Apple Mail and some scripts leave a space before CR LF.
    while (this.peek() === SPACE) this.#position++;
    if (this.#position < this.#line.length || this.#segment < this.#frame.literals.length) this.fail('the end of the command');
  }

  isAtEnd(): boolean {
    return this.#position >= this.#line.length;
  }

  #token(bits: number, expected: string): string {
    const line = this.#line;
    const start = this.#position;
    let position = start;
    while (position < line.length && ((OCTET_CLASS[line[position] as number] as number) & bits) !== 0) position++;
    if (position === start) this.fail(expected);
    this.#position = position;
    return line.toString('latin1', start, position);
  }

  tag(): string {
    const tag = this.#token(TAG_CHAR, 'a tag');
    if (tag.length > MAX_TAG_BYTES) throw new SyntaxFailure('The tag is too long');
    return tag;
  }

  atom(): string {
    return this.#token(ATOM_CHAR, 'an atom');
  }

  /** An atom in upper case: names of commands, items and keys. */
  keyword(): string {
    return this.atom().toUpperCase();
  }

  /** Reads `word` (upper case letters) when it is next and a space follows. */
  acceptWord(word: string): boolean {
    const end = this.#position + word.length;
    if (this.#line[end] !== SPACE || this.#line.toString('latin1', this.#position, end).toUpperCase() !== word) return false;
    this.#position = end;
    return true;
  }

  /** Letters, digits, "." and "-": the name of a FETCH item, which "[" or "<" may follow. */
  itemName(): string {
    const start = this.#position;
    for (;;) {
      const octet = this.peek();
      const isName =
        (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122) || (octet >= 48 && octet <= 57) || octet === 46 || octet === 45;
      if (!isName) break;
      this.#position++;
    }
    if (this.#position === start) this.fail('the name of an item');
    return this.#line.toString('latin1', start, this.#position).toUpperCase();
  }

  /** Digits up to `largest`. */
  #digits(largest: number): number {
    const start = this.#position;
    let value = 0;
    for (;;) {
      const octet = this.peek();
      if (octet === END || ((OCTET_CLASS[octet] as number) & DIGIT) === 0) break;
      value = value * 10 + (octet - ZERO);
      if (value > largest) throw new SyntaxFailure('A number is too large');
      this.#position++;
    }
    if (this.#position === start) this.fail('a number');
    return value;
  }

  number(): number {
    return this.#digits(MAX_UINT32);
  }

  nzNumber(): number {
    const value = this.#digits(MAX_UINT32);
    if (value === 0) throw new SyntaxFailure('Zero is not allowed here');
    return value;
  }

  /** RFC 9051 §9: number64 (up to 2^63-1); what is above 2^53-1 counts as that, no value of ours is larger. */
  number64(): number {
    return Math.min(this.#digits(2 ** 63), Number.MAX_SAFE_INTEGER);
  }

  #quoted(): Buffer {
    this.expect(QUOTE);
    const line = this.#line;
    const start = this.#position;
    let position = start;
    while (position < line.length && ((OCTET_CLASS[line[position] as number] as number) & QUOTED_CHAR) !== 0) position++;
    if (line[position] === QUOTE) {
      this.#position = position + 1;
      return line.subarray(start, position);
    }
    this.#position = start;
    return this.#escaped();
  }

  #escaped(): Buffer {
    const line = this.#line;
    const unescaped = Buffer.alloc(line.length - this.#position);
    let length = 0;
    for (;;) {
      let octet = this.peek();
      if (octet === END) this.fail('a closing quote');
      this.#position++;
      if (octet === QUOTE) return unescaped.subarray(0, length);
      if (octet === BACKSLASH) {
        octet = this.peek();
        // RFC 9051 §9 (QUOTED-CHAR): only quoted-specials are escaped.
        if (octet !== QUOTE && octet !== BACKSLASH) this.fail('an escaped quote or backslash');
        this.#position++;
      } else if (((OCTET_CLASS[octet] as number) & QUOTED_CHAR) === 0) this.fail('a character of a quoted string');
      unescaped[length++] = octet;
    }
  }

  isLiteral(): boolean {
    const octet = this.peek();
    return octet === LEFT_BRACE || (octet === TILDE && this.#line[this.#position + 1] === LEFT_BRACE);
  }

  /** A literal or literal8, with its octets. */
  literal(): Literal {
    this.accept(TILDE);
    this.expect(LEFT_BRACE);
    this.number64();
    this.accept(43);
    this.expect(125);
    const literal = this.#frame.literals[this.#segment];
    if (literal === undefined || this.#position < this.#line.length) this.fail('the octets of the literal');
    this.#segment++;
    this.#line = this.#frame.lines[this.#segment] as Buffer;
    this.#position = 0;
    return literal;
  }

  /** A string as octets: quoted or literal, without NUL. */
  stringBytes(): Buffer {
    if (this.peek() === QUOTE) return this.#quoted();
    if (!this.isLiteral()) this.fail('a string');
    const { bytes, binary } = this.literal();
    if (!binary && bytes.includes(0)) throw new SyntaxFailure('NUL is not allowed in a string');
    return bytes;
  }

  string(): string {
    return textOf(this.stringBytes());
  }

  astringBytes(): Buffer {
    const octet = this.peek();
    if (octet === QUOTE || this.isLiteral()) return this.stringBytes();
    return Buffer.from(this.#token(ASTRING_CHAR, 'a string'), 'latin1');
  }

  astring(): string {
    const octet = this.peek();
    return octet === QUOTE || this.isLiteral() ? this.string() : this.#token(ASTRING_CHAR, 'a string');
  }

  /** A string, or null for NIL. */
  nstring(): string | null {
    if (this.peek() === QUOTE || this.isLiteral()) return this.string();
    if (this.keyword() !== 'NIL') this.fail('a string or NIL');
    return null;
  }

  /** A folder name in Unicode; INBOX in upper case whatever the client wrote. */
  mailbox(): string {
    return this.#folderName(this.astring());
  }

  /** A LIST pattern in Unicode. */
  listMailbox(): string {
    const octet = this.peek();
    return this.#folderName(octet === QUOTE || this.isLiteral() ? this.string() : this.#token(LIST_CHAR, 'a pattern'));
  }

  #folderName(text: string): string {
    if (text.length > MAX_MAILBOX_BYTES) throw new SyntaxFailure('The folder name is too long', 'NO', 'CANNOT');
    // RFC 9051 §5.1: INBOX is case-insensitive.
    if (text.length === 5 && text.toUpperCase() === 'INBOX') return 'INBOX';
    const name = this.#hasUtf8Names || !isAscii(text) ? text : decodeModifiedUtf7(text);
    if (name === null) throw new SyntaxFailure('The folder name is not modified UTF-7', 'NO', 'CANNOT');
    return name.normalize('NFC');
  }

  /** Runs `item` for each element of a parenthesised list; spaces between them. The list may be empty when `mayBeEmpty`. */
  list(mayBeEmpty: boolean, item: () => void): void {
    this.expect(LEFT_PAREN);
    if (mayBeEmpty && this.accept(RIGHT_PAREN)) return;
    this.enter();
    do item();
    while (this.accept(SPACE));
    this.expect(RIGHT_PAREN);
    this.leave();
  }

  /** Counts one level of nesting. */
  enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxFailure('The command is nested too deeply', 'BAD', 'LIMIT');
  }

  leave(): void {
    this.#depth--;
  }

  #sequenceNumber(): number {
    return this.accept(STAR) ? LARGEST : this.nzNumber();
  }

  sequenceSet(): SequenceSet {
    // RFC 5182 §2.1: "$" stands alone.
    if (this.accept(DOLLAR)) return SAVED_RESULT;
    const ranges: number[] = [];
    do {
      const first = this.#sequenceNumber();
      ranges.push(first, this.accept(COLON) ? this.#sequenceNumber() : first);
    } while (this.accept(COMMA));
    return { ranges: Uint32Array.from(ranges), saved: false };
  }

  /** A flag as the client may send it: \Recent is refused (RFC 9051 §9, flag). System flags come in their usual spelling. */
  flag(): string {
    if (!this.accept(BACKSLASH)) return this.atom();
    const name = this.atom();
    const known = SYSTEM_FLAGS.get(name.toLowerCase());
    if (known === undefined) throw new SyntaxFailure('There is no such system flag');
    return known;
  }

  /** A flag, or null for \Recent. */
  flagOrRecent(): string | null {
    const start = this.#position;
    if (this.accept(BACKSLASH) && this.keyword() === 'RECENT') return null;
    this.#position = start;
    return this.flag();
  }

  flagList(): string[] {
    const flags: string[] = [];
    this.list(true, () => flags.push(this.flag()));
    return flags;
  }

  /** A date, quoted or not, as days since the epoch. */
  date(): number {
    const day = parseDate(this.peek() === QUOTE ? this.string() : this.atom());
    if (day === null) throw new SyntaxFailure('There is no such date');
    return day;
  }

  /** A date-time as Unix seconds. */
  dateTime(): number {
    const seconds = parseDateTime(this.#quoted().toString('latin1'));
    if (seconds === null) throw new SyntaxFailure('There is no such date and time');
    return seconds;
  }

  /** Base64 without spaces, or "=" for the empty octets (RFC 4959 §3). */
  base64(): Buffer {
    const start = this.#position;
    while (this.#position < this.#line.length && this.peek() !== SPACE) this.#position++;
    return decodeBase64(this.#line.subarray(start, this.#position));
  }
}

const SYSTEM_FLAGS: ReadonlyMap<string, string> = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'].map((flag) => [flag.slice(1).toLowerCase(), flag]),
);

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 126) return false;
  return true;
}

/** RFC 9051 §9: 8-bit text in commands is UTF-8. */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new SyntaxFailure('A string is not UTF-8');
  return bytes.toString('utf8');
}

/** Strict base64; "=" alone means no octets. */
export function decodeBase64(text: Buffer): Buffer {
  if (text.length === 1 && text[0] === 61) return Buffer.alloc(0);
  const bytes = Buffer.from(text.toString('latin1'), 'base64');
  if (text.length % 4 !== 0 || bytes.toString('base64') !== text.toString('latin1')) throw new SyntaxFailure('This is not base64');
  return bytes;
}
