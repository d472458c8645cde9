/**
 * One message in the tail of a buffer of its own, with room in front for the fields that are still to be added.
 *
 * 1. The buffer is never part of Node's pool, so that it can be given away whole to another thread.
 * 2. Adding a field in the room costs no copy of the message; when the room is used up the message is copied once.
 */
import type { HeaderField } from './header-fields.ts';

const HEADROOM = 3_072;

export class MessageBytes {
  #buffer: Buffer;
  #start: number;

  private constructor(buffer: Buffer, start: number) {
    this.#buffer = buffer;
    this.#start = start;
  }

  /** One copy of the parts, which together hold `size` octets. */
  static fromParts(parts: readonly Uint8Array[], size: number): MessageBytes {
    const buffer = Buffer.allocUnsafeSlow(HEADROOM + size);
    let at = HEADROOM;
    for (const part of parts) {
      buffer.set(part, at);
      at += part.length;
    }
    return new MessageBytes(buffer, HEADROOM);
  }

  /** The message as it stands; giving its ArrayBuffer away ends this object's use. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  get size(): number {
    return this.#buffer.length - this.#start;
  }

  /** Puts fields (ASCII or UTF-8, each with its CRLF) on top. */
  prepend(fields: string): void {
    const length = Buffer.byteLength(fields);
    if (length > this.#start) {
      const grown = Buffer.allocUnsafeSlow(HEADROOM + length + this.size);
      this.bytes.copy(grown, HEADROOM + length);
      this.#buffer = grown;
      this.#start = HEADROOM + length;
    }
    this.#start -= length;
    this.#buffer.write(fields, this.#start);
  }

  /** Cuts fields out; they come from a scan of the present bytes, in ascending order. */
  remove(fields: readonly HeaderField[]): void {
    if (fields.length === 0) return;
    const bytes = this.bytes;
    const parts: Buffer[] = [];
    let at = 0;
    for (const field of fields) {
      parts.push(bytes.subarray(at, field.start));
      at = field.end;
    }
    parts.push(bytes.subarray(at));
    const shorter = MessageBytes.fromParts(parts, parts.reduce((sum, part) => sum + part.length, 0));
    this.#buffer = shorter.#buffer;
    this.#start = shorter.#start;
  }

  /** An own copy, for a second way that the same message takes. */
  copy(): MessageBytes {
    return MessageBytes.fromParts([this.bytes], this.size);
  }
}
