/**
 * Builds responses as octets in pages, so that thousands of them go out with one socket write.
 * It owns the pages until take(); afterwards the socket does.
 *
 * 1. Small values are copied into the current page, large ones (bodies) are queued by reference, never copied.
 * 2. take() gives everything written so far, in order; a page that was given out is never written to again.
 * 3. string() alone decides between quoted and literal: no caller concatenates client data into a line.
 * Specifications: RFC 9051 §7, §9 (string, nstring, flag-list); RFC 3501 §7.
 */

import { encodeModifiedUtf7 } from './modified-utf7.ts';
import { BACKSLASH, CR, LF, QUOTE } from './octets.ts';

const PAGE_BYTES = 16 * 1024;
const LARGE_PAGE_BYTES = 64 * 1024;
/** Values from this size on are queued instead of copied. */
const BY_REFERENCE_BYTES = 8 * 1024;
const MAX_QUOTED_BYTES = 1024;

export class ResponseWriter {
  #page: Buffer | null = null;
  #start = 0;
  #fill = 0;
  #full: Buffer[] = [];
  #fullBytes = 0;

  /** Octets written and not yet taken. */
  get pendingBytes(): number {
    return this.#fullBytes + this.#fill - this.#start;
  }

  /** Everything written so far; the writer is empty afterwards. */
  take(): Buffer[] {
    this.#seal();
    const chunks = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    // An idle session keeps no page.
    if (this.#page !== null && this.#fill > this.#page.length / 2) this.#page = null;
    return chunks;
  }

  /** Lets go of the page: for sessions that will be silent for long. */
  rest(): void {
    if (this.pendingBytes === 0) this.#page = null;
  }

  #seal(): void {
    if (this.#page === null || this.#fill === this.#start) return;
    const chunk = this.#page.subarray(this.#start, this.#fill);
    this.#full.push(chunk);
    this.#fullBytes += chunk.length;
    this.#start = this.#fill;
  }

  #room(bytes: number): Buffer {
    const page = this.#page;
    if (page !== null && this.#fill + bytes <= page.length) return page;
    this.#seal();
    const size = this.#fullBytes > 0 ? LARGE_PAGE_BYTES : PAGE_BYTES;
    const fresh = Buffer.allocUnsafeSlow(Math.max(size, bytes));
    this.#page = fresh;
    this.#start = this.#fill = 0;
    return fresh;
  }

  /** Text of US-ASCII characters, as it is. */
  ascii(text: string): this {
    const length = text.length;
    const page = this.#room(length);
    if (length > 24) page.write(text, this.#fill, 'latin1');
    else for (let index = 0, at = this.#fill; index < length; index++) page[at++] = text.charCodeAt(index);
    this.#fill += length;
    return this;
  }

  /** Text as UTF-8, as it is. */
  utf8(text: string): this {
    const page = this.#room(text.length * 3);
    this.#fill += page.write(text, this.#fill, 'utf8');
    return this;
  }

  /** A number of at most 2^53-1, not negative. */
  number(value: number): this {
    if (value > 0xffff_ffff) return this.ascii(String(value));
    const page = this.#room(10);
    let width = 1;
    for (let bound = 10; value >= bound && width < 10; bound *= 10) width++;
    let rest = value;
    for (let at = this.#fill + width - 1; at >= this.#fill; at--) {
      const next = Math.floor(rest / 10);
      page[at] = 48 + (rest - next * 10);
      rest = next;
    }
    this.#fill += width;
    return this;
  }

  /** Octets as they are. Large ones are kept by reference and must not change any more. */
  raw(bytes: Uint8Array): this {
    if (bytes.length >= BY_REFERENCE_BYTES) {
      this.#seal();
      this.#full.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      this.#fullBytes += bytes.length;
      return this;
    }
    this.#room(bytes.length).set(bytes, this.#fill);
    this.#fill += bytes.length;
    return this;
  }

  /** Octets [start, end) of `bytes`, as raw(). */
  slice(bytes: Buffer, start: number, end: number): this {
    if (end - start >= BY_REFERENCE_BYTES) return this.raw(bytes.subarray(start, end));
    this.#fill += bytes.copy(this.#room(end - start), this.#fill, start, end);
    return this;
  }

  crlf(): this {
    const page = this.#room(2);
    page[this.#fill++] = CR;
    page[this.#fill++] = LF;
    return this;
  }

  /** RFC 9051 §4.3: `{n}` CRLF and the octets. */
  literal(bytes: Uint8Array): this {
    return this.ascii('{').number(bytes.length).ascii('}\r\n').raw(bytes);
  }

  /** A string in its shortest safe form. */
  string(text: string): this {
    return isQuotable(text) ? this.#quoted(text) : this.literal(Buffer.from(text, 'utf8'));
  }

  nstring(text: string | null): this {
    return text === null ? this.ascii('NIL') : this.string(text);
  }

  #quoted(text: string): this {
    const page = this.#room(text.length * 2 + 2);
    let at = this.#fill;
    page[at++] = QUOTE;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit === QUOTE || unit === BACKSLASH) page[at++] = BACKSLASH;
      page[at++] = unit;
    }
    page[at++] = QUOTE;
    this.#fill = at;
    return this;
  }

  /** A folder name: modified UTF-7, or UTF-8 for sessions that enabled it. */
  mailbox(name: string, hasUtf8Names: boolean): this {
    if (!hasUtf8Names) return this.string(encodeModifiedUtf7(name));
    if (hasControl(name)) return this.literal(Buffer.from(name, 'utf8'));
    return this.ascii('"').utf8(name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')).ascii('"');
  }

  /** `* TEXT` CRLF, for text of our own. */
  untagged(text: string): this {
    return this.ascii('* ').ascii(text).crlf();
  }

  /** RFC 9051 §7.1: `tag STATUS [CODE] text` CRLF; tag "*" for an untagged one. */
  status(tag: string, status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH', code: string | null, text: string): this {
    this.ascii(tag).ascii(' ').ascii(status).ascii(' ');
    if (code !== null) this.ascii('[').ascii(code).ascii('] ');
    return this.ascii(text).crlf();
  }
}

function isQuotable(text: string): boolean {
  if (text.length > MAX_QUOTED_BYTES) return false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0 || unit === CR || unit === LF || unit > 126) return false;
  }
  return true;
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) < 32) return true;
  return false;
}
