/**
 * Cuts a byte stream into command lines. RFC 2449 §4: at most 255 octets with CRLF; we allow 512 for long SASL responses.
 * A bare LF also ends a line, as the field does.
 */
export const LINE_LIMIT = 2048;

export class LineReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Complete lines without their ends; null stands for a line that was too long (the stream is lost then). */
  push(chunk: Buffer): (string | null)[] {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: (string | null)[] = [];
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      const cut = end > 0 && data[end - 1] === 13 ? end - 1 : end;
      lines.push(cut > LINE_LIMIT ? null : data.toString('utf8', 0, cut));
      data = data.subarray(end + 1);
    }
    if (data.length > LINE_LIMIT) lines.push(null);
    this.#rest = Buffer.from(data);
    return lines;
  }

  /** Forgets what came before TLS (RFC 2595 §4: no plaintext may be taken as a command inside TLS). */
  clear(): void {
    this.#rest = Buffer.alloc(0);
  }
}
