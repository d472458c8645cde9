/**
 * One message on its way through: its content as received, and the fields that this machine puts on top.
 *
 * 1. The content is contiguous and never changed in place, so that ranges into it stay true until `remove`.
 * 2. `finish` makes a new buffer of its exact size, never part of Node's pool: it can be given away to another thread.
 */
import type { HeaderField } from './header-fields.ts';

export class MessageBytes {
  #content: Buffer;
  #head = '';

  private constructor(content: Buffer) {
    this.#content = content;
  }

  /** The parts of a message in order, together `size` octets; a single part is taken as it is. */
  static fromParts(parts: readonly Buffer[], size: number): MessageBytes {
    const [only] = parts;
    return new MessageBytes(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, size));
  }

  /** Without the fields on top. */
  get content(): Buffer {
    return this.#content;
  }

  /** Octets with the fields on top. */
  get size(): number {
    return this.#content.length + Buffer.byteLength(this.#head);
  }

  /** Puts fields (each with its CRLF) on top of all others. */
  prepend(fields: string): void {
    this.#head = fields + this.#head;
  }

  /** Cuts fields out of the content; they come from a scan of it, in ascending order. */
  remove(fields: readonly HeaderField[]): void {
    if (fields.length === 0) return;
    const parts: Buffer[] = [];
    let at = 0;
    for (const field of fields) {
      parts.push(this.#content.subarray(at, field.start));
      at = field.end;
    }
    parts.push(this.#content.subarray(at));
    this.#content = Buffer.concat(parts);
  }

  /** The whole message, with `fields` on top of the others, in a buffer of its own. */
  finish(fields = ''): Uint8Array {
    const head = fields + this.#head;
    const headSize = Buffer.byteLength(head);
    const whole = Buffer.allocUnsafeSlow(headSize + this.#content.length);
    whole.write(head, 0);
    whole.set(this.#content, headSize);
    return whole;
  }
}
