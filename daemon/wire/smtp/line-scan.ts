/**
 * Looks a message over as it arrives: bare CR or LF, NUL, long lines, 8-bit octets.
 *
 * Chunks may be cut anywhere; the verdict is the same as for the whole. `end()` settles a CR that stands last.
 * Specifications: RFC 5321 §2.3.8 (line ends), §4.5.2 and §4.5.3.1.6 (998 octets), RFC 5322 §2.1.1.
 */
import { isAscii } from 'node:buffer';

const LINE_OCTETS_MAX = 998;

export class LineScanner {
  hasBareCr = false;
  hasBareLf = false;
  hasNul = false;
  hasLongLine = false;
  has8bit = false;
  #wasCr = false;
  /** Octets of the unfinished line in earlier chunks. */
  #carried = 0;

  get hasBareLineEnding(): boolean {
    return this.hasBareCr || this.hasBareLf;
  }

  write(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (!this.has8bit && !isAscii(octets)) this.has8bit = true;
    // As a latin1 string, because searching a string for one character costs a tenth of a call into Buffer.
    const text = octets.toString('latin1');
    if (!this.hasNul && text.includes('\0')) this.hasNul = true;
    if (this.#wasCr && text.charCodeAt(0) !== 0x0a) this.hasBareCr = true;
    this.#scanLines(text);
    this.#wasCr = text.charCodeAt(text.length - 1) === 0x0d;
  }

  /** The message is complete. */
  end(): void {
    if (this.#wasCr) this.hasBareCr = true;
    this.#wasCr = false;
  }

  #scanLines(text: string): void {
    let lineStart = 0;
    let cr = this.#nextCr(text, 0);
    for (let lf = text.indexOf('\n'); lf >= 0; lf = text.indexOf('\n', lineStart)) {
      if (cr < lf - 1) {
        this.hasBareCr = true;
        // One is enough to know; the nearest before this line end still matters for the LF.
        cr = text.charCodeAt(lf - 1) === 0x0d ? lf - 1 : this.#nextCr(text, lf);
      }
      if (cr !== lf - 1 && !(lf === 0 && this.#wasCr)) this.hasBareLf = true;
      const length = this.#carried + lf - lineStart;
      // A line of exactly the limit has one octet more, its CR.
      if (length > LINE_OCTETS_MAX && (length > LINE_OCTETS_MAX + 1 || cr !== lf - 1)) this.hasLongLine = true;
      this.#carried = 0;
      lineStart = lf + 1;
      if (cr < lineStart) cr = this.#nextCr(text, lineStart);
    }
    if (cr < text.length - 1) this.hasBareCr = true;
    this.#carried += text.length - lineStart;
    if (this.#carried > LINE_OCTETS_MAX + 1) this.hasLongLine = true;
  }

  /** Where the next CR stands, or the end of the text. */
  #nextCr(text: string, from: number): number {
    const at = text.indexOf('\r', from);
    return at < 0 ? text.length : at;
  }
}

/** Whether a whole message has a CR or LF that is not part of CRLF. */
export function hasBareLineEnding(raw: Uint8Array): boolean {
  const scanner = new LineScanner();
  scanner.write(raw);
  scanner.end();
  return scanner.hasBareLineEnding;
}
