/**
 * Reads the content after DATA: finds its end, undoes dot-stuffing and looks at every octet exactly once.
 *
 * 1. Only CR LF . CR LF ends the content, wherever chunks are cut (RFC 5321 §4.1.1.4); a bare LF or CR and a NUL never
 *    do, they are noted and the message is refused: what other servers might take for an end is no content here.
 * 2. Small pieces are gathered in blocks, so that neither many dots nor tiny packets cost more memory or time than the
 *    same octets in one piece.
 * 3. Beyond the limits (`sizeLimit`, memory) nothing is kept; reading goes on to find the end.
 * Specifications: RFC 5321 §2.3.8, §4.1.1.4, §4.5.2; RFC 6152 (8-bit).
 */
import type { MemoryBudget } from './memory-budget.ts';

const LINE_START = 0;
const DOT = 1;
const TEXT = 2;
const CARRIAGE_RETURN = 3;
const DOT_CARRIAGE_RETURN = 4;

const SMALL = 2_048;
const BLOCK = 16_384;
/** So many pieces may be as small as they come: an ordinary message is never copied. */
const FEW_PARTS = 16;

export type DataFault = 'none' | 'bare-line-end' | 'nul';

export class DataReader {
  readonly #sizeLimit: number;
  readonly #memory: MemoryBudget;
  #state = LINE_START;
  #parts: Buffer[] = [];
  #block: Buffer | undefined;
  #blockUsed = 0;
  #held = 0;
  #eightBit = 0;
  /** Octets of content so far, kept or not. */
  size = 0;
  /** Octets as they came over the wire, for rates and cuts. */
  readBytes = 0;
  fault: DataFault = 'none';
  isOutOfMemory = false;

  constructor(sizeLimit: number, memory: MemoryBudget) {
    this.#sizeLimit = sizeLimit;
    this.#memory = memory;
  }

  get isTooLarge(): boolean {
    return this.size > this.#sizeLimit;
  }

  get isEightBit(): boolean {
    return this.#eightBit > 0x7f;
  }

  /** Takes a chunk. Answers where the content's end is in it (after the last LF), or -1 when it goes on. */
  push(chunk: Buffer): number {
    const length = chunk.length;
    this.readBytes += length;
    let state = this.#state;
    let bits = this.#eightBit;
    let from = 0;
    for (let at = 0; at < length; at++) {
      const code = chunk[at] as number;
      if (state === TEXT) {
        if (code > 0x0d) {
          bits |= code;
        } else if (code === 0x0d) {
          state = CARRIAGE_RETURN;
        } else if (code === 0x0a || code === 0) this.#blame(code);
        continue;
      }
      if (state === CARRIAGE_RETURN || state === DOT_CARRIAGE_RETURN) {
        if (code === 0x0a) {
          if (state === DOT_CARRIAGE_RETURN) {
            this.#state = LINE_START;
            this.#eightBit = bits;
            return at + 1;
          }
          state = LINE_START;
        } else {
          this.fault = this.fault === 'none' ? 'bare-line-end' : this.fault;
          state = code === 0x0d ? CARRIAGE_RETURN : TEXT;
          bits |= code;
        }
        continue;
      }
      if (state === LINE_START && code === 0x2e) {
        this.#keep(chunk, from, at);
        from = at + 1;
        state = DOT;
        continue;
      }
      // LINE_START or DOT, another octet.
      if (code === 0x0d) state = state === DOT ? DOT_CARRIAGE_RETURN : CARRIAGE_RETURN;
      else {
        if (code === 0x0a || code === 0) this.#blame(code);
        bits |= code;
        state = TEXT;
      }
    }
    this.#state = state;
    this.#eightBit = bits;
    // A CR behind a lone dot is most likely the end; it is kept only if it proves to be content, which is a fault anyway.
    this.#keep(chunk, from, state === DOT_CARRIAGE_RETURN ? length - 1 : length);
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

  #blame(code: number): void {
    if (code === 0) this.fault = 'nul';
    else if (this.fault === 'none') this.fault = 'bare-line-end';
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
