/**
 * RFC 1939 §3: a multi-line answer ends with a line of one dot; lines that begin with a dot get another one.
 * Works on chunks; only lines that begin with a dot cost a copy.
 */
const DOT = Buffer.from('.');
const END = Buffer.from('.\r\n');
const LATE_END = Buffer.from('\r\n.\r\n');
const LINE_DOT = Buffer.from('\n.');

export class DotStuffer {
  #atLineStart = true;

  /** The chunk as it goes on the wire, in pieces. */
  stuff(chunk: Buffer): Buffer[] {
    if (chunk.length === 0) return [];
    const pieces: Buffer[] = [];
    if (this.#atLineStart && chunk[0] === 46) pieces.push(DOT);
    let from = 0;
    for (let at = chunk.indexOf(LINE_DOT); at >= 0; at = chunk.indexOf(LINE_DOT, at + 1)) {
      pieces.push(chunk.subarray(from, at + 1), DOT);
      from = at + 1;
    }
    pieces.push(chunk.subarray(from));
    this.#atLineStart = chunk[chunk.length - 1] === 10;
    return pieces;
  }

  /** The terminating line; a message whose last line has no end gets one first. */
  end(): Buffer {
    return this.#atLineStart ? END : LATE_END;
  }
}
