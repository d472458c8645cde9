/**
 * Lines of a body, counted four octets at a time: this is the one step of indexing that touches every octet of text.
 *
 * A line end is LF (with or without CR); text after the last one is a line as well.
 */

const LOW = 0x7f7f7f7f;
const LINE_FEEDS = 0x0a0a0a0a;
const SHORT_BYTES = 128;

/** Counts the lines of `raw[start, end)`. */
export function countLines(raw: Buffer, start: number, end: number): number {
  if (end <= start) return 0;
  const open = raw[end - 1] === 0x0a ? 0 : 1;
  if (end - start < SHORT_BYTES) return countOneByOne(raw, start, end) + open;
  const wordStart = start + ((4 - ((raw.byteOffset + start) & 3)) & 3);
  const words = (end - wordStart) >>> 2;
  const view = new Uint32Array(raw.buffer, raw.byteOffset + wordStart, words);
  let count = 0;
  for (let at = 0; at < words; ) {
    const stop = Math.min(words, at + 255);
    // Each octet of `sums` counts one lane; 255 words fit before a lane overflows.
    let sums = 0;
    for (; at < stop; at++) {
      const differing = (view[at] as number) ^ LINE_FEEDS;
      // Exactly the octets that are zero keep their top bit clear in the term that is inverted.
      const carried = ((differing & LOW) + LOW) | 0;
      sums = (sums + ((~(carried | differing | LOW) >>> 7) & 0x01010101)) | 0;
    }
    count += (sums & 0xff) + ((sums >>> 8) & 0xff) + ((sums >>> 16) & 0xff) + (sums >>> 24);
  }
  return countOneByOne(raw, start, wordStart) + count + countOneByOne(raw, wordStart + words * 4, end) + open;
}

function countOneByOne(raw: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (raw[at] === 0x0a) count++;
  return count;
}
