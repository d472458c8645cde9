/**
 * Reads the content after DATA: finds its end, undoes dot-stuffing and has its lines looked over.
 *
 * 1. Only CR LF . CR LF ends the content, wherever chunks are cut (RFC 5321 §4.1.1.4); a bare LF or CR and a NUL never
 *    do, they are noted and the message is refused: what other servers might take for an end is no content here.
 * 2. Small pieces are gathered in blocks, so that neither many dots nor tiny packets cost more memory or time than the
 *    same octets in one piece.
 * 3. Beyond the limits (`sizeLimit`, memory) nothing is kept; reading goes on to find the end.
 * Specifications: RFC 5321 §2.3.8, §4.1.1.4, §4.5.2; RFC 6152 (8-bit).
 */
import { LineScanner } from '../../wire/smtp/line-scan.ts';
import type { MemoryBudget } from './memory-budget.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const DOT_LINE = Buffer.from('\r\n.');

/** Where the next octet stands. */
const LINE_START = 0;
const AFTER_DOT = 1;
const TEXT = 2;
const AFTER_CR = 3;
const AFTER_DOT_CR = 4;

const SMALL = 2_048;
const BLOCK = 16_384;
/** So many pieces may be as small as they come: an ordinary message is never copied. */
const FEW_PARTS = 16;

export type DataFault = 'none' | 'bare-line-end' | 'nul';

export class DataReader {
  readonly #sizeLimit: number;
  readonly #memory: MemoryBudget;
  readonly #lines = new LineScanner();
  #state = LINE_START;
  #parts: Buffer[] = [];
  #block: Buffer | undefined;
  #blockUsed = 0;
  #held = 0;
  /** Octets of content so far, kept or not. */
  size = 0;
  /** Octets as they came over the wire, for rates and cuts. */
  readBytes = 0;
  isOutOfMemory = false;

  constructor(sizeLimit: number, memory: MemoryBudget) {
    this.#sizeLimit = sizeLimit;
    this.#memory = memory;
  }

  get isTooLarge(): boolean {
    return this.size > this.#sizeLimit;
  }

  get isEightBit(): boolean {
    return this.#lines.has8bit;
  }

  get fault(): DataFault {
    if (this.#lines.hasNul) return 'nul';
    return this.#lines.hasBareLineEnding ? 'bare-line-end' : 'none';
  }

  /** Takes a chunk. Answers where the content's end is in it (after the last LF), or -1 when it goes on. */
  push(chunk: Buffer): number {
    this.readBytes += chunk.length;
    const end = this.#readLines(chunk);
    this.#lines.write(end < 0 ? chunk : chunk.subarray(0, end));
    if (this.fault !== 'none' && this.#held > 0) this.release();
    return end;
  }

  /** Follows the lines only where dots can be: at the chunk's beginning and behind each CRLF that a dot follows. */
  #readLines(chunk: Buffer): number {
    const { length } = chunk;
    let state = this.#state;
    let from = 0;
    for (let at = 0; at < length; at++) {
      const code = chunk[at];
      if (state === TEXT) {
        const dotLine = chunk.indexOf(DOT_LINE, at);
        if (dotLine < 0) {
          state = stateAfter(chunk);
          break;
        }
        at = dotLine + 1;
        state = LINE_START;
      } else if (state === LINE_START && code === DOT) {
        this.#keep(chunk, from, at);
        from = at + 1;
        state = AFTER_DOT;
      } else if (code === CR) {
        state = state === AFTER_DOT ? AFTER_DOT_CR : AFTER_CR;
      } else if (code === LF && state === AFTER_DOT_CR) {
        this.#state = LINE_START;
        return at + 1;
      } else state = code === LF && state === AFTER_CR ? LINE_START : TEXT;
    }
    this.#state = state;
    // A CR behind a lone dot is most likely the end; if it is not, the message has a bare CR and is refused.
    this.#keep(chunk, from, state === AFTER_DOT_CR ? length - 1 : length);
    return -1;
  }

  /** The kept content; the reader is empty afterwards. */
  take(): { readonly parts: readonly Buffer[]; readonly size: number } {
    this.#closeBlock();
    const parts = this.#parts;
    this.#parts = [];
    return { parts, size: this.size };
  }

  /** Forgets the content and gives its memory back. */
  release(): void {
    this.#memory.give(this.#held);
    this.#held = 0;
    this.#parts = [];
    this.#block = undefined;
    this.#blockUsed = 0;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const length = to - from;
    if (length <= 0) return;
    this.size += length;
    if (this.isTooLarge || this.isOutOfMemory || this.fault !== 'none') {
      if (this.#held > 0) this.release();
      return;
    }
    if (!this.#memory.take(length)) {
      this.isOutOfMemory = true;
      this.release();
      return;
    }
    this.#held += length;
    if (length >= SMALL || this.#parts.length < FEW_PARTS) {
      this.#closeBlock();
      this.#parts.push(chunk.subarray(from, to));
    } else this.#gather(chunk, from, to);
  }

  #gather(chunk: Buffer, from: number, to: number): void {
    if (this.#block === undefined || this.#blockUsed + to - from > BLOCK) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
    }
    chunk.copy(this.#block, this.#blockUsed, from, to);
    this.#blockUsed += to - from;
  }

  #closeBlock(): void {
    if (this.#block !== undefined && this.#blockUsed > 0) this.#parts.push(this.#block.subarray(0, this.#blockUsed));
    this.#block = undefined;
    this.#blockUsed = 0;
  }
}

/** The state behind a chunk that ends in text; what came before its last two octets does not matter. */
function stateAfter(chunk: Buffer): number {
  const last = chunk[chunk.length - 1];
  if (last === CR) return AFTER_CR;
  return last === LF && chunk[chunk.length - 2] === CR ? LINE_START : TEXT;
}
