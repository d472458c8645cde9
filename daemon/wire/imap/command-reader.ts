/**
 * Cuts the octets of a connection into commands: lines, and the literals that stand between them.
 * It owns the unread octets of one connection and asks `admit` before it makes room for a literal.
 *
 * 1. Nothing is held beyond the limits: a line that is too long, or a literal that was not admitted, is dropped while it is read.
 * 2. Framing survives what it refuses: after `refused` with `fatal` false the next octets are the next command.
 * 3. A literal is copied once, into a buffer of its own that may be transferred to another thread.
 * 4. next() never reads ahead of the command it returns, so STARTTLS can drop what a plain-text attacker appended.
 * Specifications: RFC 9051 §2.2.1, §4.3, §9 (literal), RFC 7888 (LITERAL+), RFC 2683 §3.2.1.5.
 */
import { CR, LEFT_BRACE, LF, OCTET_CLASS, PLUS, RIGHT_BRACE, SPACE, TAG_CHAR, TILDE, ZERO } from './octets.ts';

/** A complete command: `lines[i]` ends with the literal header of `literals[i]`; line ends are cut off. */
export interface CommandFrame {
  readonly lines: readonly Buffer[];
  readonly literals: readonly Literal[];
}

export interface Literal {
  readonly bytes: Buffer;
  /** Announced with "~": may hold NUL. */
  readonly binary: boolean;
}

/** What the connection must decide before a literal is read. */
export interface LiteralRequest {
  readonly tag: string | null;
  /** Upper-case name of the command (without UID), as far as the first line shows it. */
  readonly verb: string;
  readonly sizeBytes: number;
  /** Octets of the literals that this command has brought already. */
  readonly earlierBytes: number;
  /** The client waits for a continuation request. */
  readonly isSynchronizing: boolean;
}

export interface LiteralRefusal {
  readonly status: 'BAD' | 'NO';
  readonly code: string | null;
  readonly text: string;
}

export type ReaderEvent =
  | { readonly type: 'frame'; readonly frame: CommandFrame }
  | { readonly type: 'continue' }
  | { readonly type: 'line'; readonly line: Buffer }
  | ({ readonly type: 'refused'; readonly tag: string | null; readonly fatal: boolean } & LiteralRefusal);

export interface ReaderLimits {
  /** Octets of all lines of one command together. */
  readonly lineBytes: number;
  /** Octets of a refused line or literal that are read and dropped; beyond that the connection ends. */
  readonly droppedBytes: number;
  readonly literals: number;
}

type State = 'line' | 'literal' | 'overlong';

const NOTHING = Buffer.alloc(0);
const INITIAL_LITERAL_BYTES = 1 << 20;
/** Kept of a line that is too long: room for a tag, and for a literal header. */
const PREFIX_BYTES = 72;
const TAIL_BYTES = 32;

export class CommandReader {
  limits: ReaderLimits;
  readonly #admit: (request: LiteralRequest) => LiteralRefusal | null;
  #input: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  #scanned = 0;
  #state: State = 'line';
  #lines: Buffer[] = [];
  #literals: Literal[] = [];
  #lineBytes = 0;
  #literalBytes = 0;
  #literal: Buffer | null = null;
  #literalFill = 0;
  #literalSize = 0;
  #isBinary = false;
  #refusal: LiteralRefusal | null = null;
  #dropped = 0;

  constructor(limits: ReaderLimits, admit: (request: LiteralRequest) => LiteralRefusal | null) {
    this.limits = limits;
    this.#admit = admit;
  }

  /** Octets pushed and not yet used. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Is a command begun and not complete? */
  get isInsideCommand(): boolean {
    return this.#lines.length > 0 || this.#state !== 'line' || this.bufferedBytes > 0;
  }

  /** Takes octets from the socket. The chunk is copied or kept; the caller must not write to it afterwards. */
  push(chunk: Buffer): void {
    if (this.#start === this.#end) {
      this.#input = chunk;
      this.#start = 0;
      this.#scanned = 0;
      this.#end = chunk.length;
      return;
    }
    const held = this.#end - this.#start;
    if (this.#end + chunk.length > this.#input.length || this.#input.buffer === chunk.buffer) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, (held + chunk.length) * 2));
      this.#input.copy(grown, 0, this.#start, this.#end);
      this.#input = grown;
      this.#scanned -= this.#start;
      this.#start = 0;
      this.#end = held;
    }
    chunk.copy(this.#input, this.#end);
    this.#end += chunk.length;
  }

  /** Forgets everything that has been pushed (RFC 9051 §6.2.1: nothing said before TLS counts after it). */
  discard(): void {
    this.#start = this.#end = this.#scanned = 0;
    this.#input = NOTHING;
    this.#resetCommand();
  }

  /** The next complete command, or what stands in its way; null when more octets are needed. */
  next(): ReaderEvent | null {
    for (;;) {
      if (this.#state === 'literal') {
        const isDone = this.#refusal === null ? this.#fillLiteral() : this.#skipLiteral();
        if (this.#dropped > this.limits.droppedBytes) return this.#giveUp();
        if (!isDone) return this.#starve();
        continue;
      }
      const line = this.#takeLine();
      if (line === null) return this.#dropped > this.limits.droppedBytes ? this.#giveUp() : this.#starve();
      const event = this.#addLine(line);
      if (event !== null) return event;
    }
  }

  /** The next raw line without its line end (AUTHENTICATE, IDLE), or null when more octets are needed. */
  nextLine(): ReaderEvent | null {
    const line = this.#takeLine();
    if (line === null) return this.#dropped > this.limits.droppedBytes ? this.#giveUp() : this.#starve();
    const refusal = this.#refusal;
    const isClean = line.length > 0 && line[line.length - 1] === CR;
    this.#resetCommand();
    if (refusal !== null) return { type: 'refused', tag: null, fatal: false, ...refusal };
    return { type: 'line', line: isClean ? line.subarray(0, -1) : line };
  }

  /** Nothing more can be read: an idle connection keeps no buffer. */
  #starve(): null {
    if (this.#start < this.#end) return null;
    this.#input = NOTHING;
    this.#start = this.#end = this.#scanned = 0;
    return null;
  }

  /** A line with its CR but without LF. Too long a line comes as an empty one with a refusal set. */
  #takeLine(): Buffer | null {
    const found = this.#input.subarray(0, this.#end).indexOf(LF, Math.max(this.#scanned, this.#start));
    const available = (found < 0 ? this.#end : found) - this.#start;
    if (this.#state === 'overlong' || this.#lineBytes + available > this.limits.lineBytes) return this.#dropLine(found, available);
    if (found < 0) {
      this.#scanned = this.#end;
      return null;
    }
    const line = this.#input.subarray(this.#start, found);
    this.#start = this.#scanned = found + 1;
    this.#lineBytes += line.length;
    return line;
  }

  /** Drops a line that is too long but for its tag and its last octets, which may announce a literal. */
  #dropLine(found: number, available: number): Buffer | null {
    if (this.#state !== 'overlong' && this.#lines.length === 0)
      this.#lines.push(Buffer.from(this.#input.subarray(this.#start, this.#start + PREFIX_BYTES)));
    this.#state = found < 0 ? 'overlong' : 'line';
    this.#refusal ??= { status: 'BAD', code: 'TOOBIG', text: 'The command line is too long' };
    const cut = Math.max(0, available - TAIL_BYTES);
    this.#dropped += cut;
    this.#start += cut;
    if (found < 0) {
      this.#scanned = this.#end;
      return null;
    }
    const tail = this.#input.subarray(this.#start, found);
    this.#start = this.#scanned = found + 1;
    return tail;
  }

  #addLine(line: Buffer): ReaderEvent | null {
    if (line.length === 0 || line[line.length - 1] !== CR) {
      this.#refusal ??= { status: 'BAD', code: null, text: 'Lines must end with CR LF' };
    }
    const text = line.length > 0 && line[line.length - 1] === CR ? line.subarray(0, -1) : line;
    if (this.#refusal === null && text.includes(0)) {
      this.#refusal = { status: 'BAD', code: null, text: 'NUL is not allowed in a command' };
    }
    this.#lines.push(text);
    const header = literalHeader(text);
    if (header === null) return this.#finish();
    return this.#beginLiteral(header);
  }

  #beginLiteral(header: LiteralHeader): ReaderEvent | null {
    if (this.#refusal === null) {
      const { tag, verb } = nameOf(this.#lines[0] as Buffer);
      this.#refusal =
        this.#literals.length >= this.limits.literals
          ? { status: 'BAD', code: 'TOOBIG', text: 'Too many literals' }
          : this.#admit({
              tag,
              verb,
              sizeBytes: header.sizeBytes,
              earlierBytes: this.#literalBytes,
              isSynchronizing: header.isSynchronizing,
            });
    }
    // RFC 9051 §4.3: the octets of a refused synchronizing literal are never sent, those of a non-synchronizing one are.
    if (this.#refusal !== null && header.isSynchronizing) return this.#finish();
    this.#state = 'literal';
    this.#literalSize = header.sizeBytes;
    this.#literalFill = 0;
    this.#isBinary = header.isBinary;
    if (this.#refusal !== null) {
      if (this.#dropped + header.sizeBytes > this.limits.droppedBytes) return this.#giveUp();
      return null;
    }
    this.#literalBytes += header.sizeBytes;
    this.#literal = Buffer.allocUnsafeSlow(Math.min(header.sizeBytes, INITIAL_LITERAL_BYTES));
    return header.isSynchronizing ? { type: 'continue' } : null;
  }

  #fillLiteral(): boolean {
    const count = Math.min(this.#literalSize - this.#literalFill, this.#end - this.#start);
    let literal = this.#literal as Buffer;
    if (this.#literalFill + count > literal.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#literalSize, Math.max(literal.length * 2, this.#literalFill + count)));
      literal.copy(grown, 0, 0, this.#literalFill);
      this.#literal = literal = grown;
    }
    this.#input.copy(literal, this.#literalFill, this.#start, this.#start + count);
    this.#start += count;
    this.#scanned = this.#start;
    this.#literalFill += count;
    if (this.#literalFill < this.#literalSize) return false;
    this.#literals.push({ bytes: literal, binary: this.#isBinary });
    this.#literal = null;
    this.#state = 'line';
    return true;
  }

  #skipLiteral(): boolean {
    const count = Math.min(this.#literalSize - this.#literalFill, this.#end - this.#start);
    this.#start += count;
    this.#scanned = this.#start;
    this.#literalFill += count;
    this.#dropped += count;
    if (this.#literalFill < this.#literalSize) return false;
    this.#state = 'line';
    return true;
  }

  #finish(): ReaderEvent {
    const refusal = this.#refusal;
    const frame: CommandFrame = { lines: this.#lines, literals: this.#literals };
    this.#resetCommand();
    if (refusal === null) return { type: 'frame', frame };
    return { type: 'refused', tag: nameOf(frame.lines[0] as Buffer).tag, fatal: false, ...refusal };
  }

  #giveUp(): ReaderEvent {
    const tag = this.#lines.length > 0 ? nameOf(this.#lines[0] as Buffer).tag : null;
    this.discard();
    return { type: 'refused', tag, fatal: true, status: 'BAD', code: 'TOOBIG', text: 'The command is too big' };
  }

  #resetCommand(): void {
    this.#state = 'line';
    this.#lines = [];
    this.#literals = [];
    this.#lineBytes = 0;
    this.#literalBytes = 0;
    this.#literal = null;
    this.#refusal = null;
    this.#dropped = 0;
  }
}

interface LiteralHeader {
  readonly sizeBytes: number;
  readonly isSynchronizing: boolean;
  readonly isBinary: boolean;
}

/** RFC 9051 §9 (literal): `{n}`, `{n+}`, `~{n}` at the end of a line; null when the line ends otherwise. */
function literalHeader(line: Buffer): LiteralHeader | null {
  let position = line.length - 1;
  if (position < 2 || line[position] !== RIGHT_BRACE) return null;
  position--;
  const isSynchronizing = line[position] !== PLUS;
  if (!isSynchronizing) position--;
  let size = 0;
  let scale = 1;
  const last = position;
  while (position >= 0 && (line[position] as number) >= ZERO && (line[position] as number) <= 57) {
    size += ((line[position] as number) - ZERO) * scale;
    scale *= 10;
    position--;
  }
  if (position === last || position < 0 || line[position] !== LEFT_BRACE) return null;
  return { sizeBytes: Math.min(size, Number.MAX_SAFE_INTEGER), isSynchronizing, isBinary: position > 0 && line[position - 1] === TILDE };
}

/** Tag and command name of a first line, as far as they can be told. */
function nameOf(line: Buffer): { tag: string | null; verb: string } {
  let end = 0;
  while (end < line.length && ((OCTET_CLASS[line[end] as number] as number) & TAG_CHAR) !== 0) end++;
  if (end === 0 || end > 64 || line[end] !== SPACE)
    return { tag: end > 0 && end <= 64 && end === line.length ? line.toString('latin1', 0, end) : null, verb: '' };
  const words = line
    .toString('latin1', end + 1, Math.min(line.length, end + 40))
    .toUpperCase()
    .split(' ', 2);
  return { tag: line.toString('latin1', 0, end), verb: (words[0] === 'UID' ? words[1] : words[0]) ?? '' };
}
