/**
 * The base subject by which threads are made and SORT SUBJECT orders.
 *
 * Specification: RFC 5256 §2.1. The grammar is followed step by step on the decoded subject; every step
 * shortens the text, so the loop ends.
 */
import { decodeWords } from './encoded-words.ts';

export interface BaseSubject {
  readonly base: string;
  /** RFC 5256 §2.1: something was removed that marks a reply or forward. */
  readonly isReplyOrForward: boolean;
}

const SUBJECT_CHARS_MAX = 10_000;
/** RFC 5256 §5 subj-trailer: `(fwd)` and white space. */
const TRAILER = /(?:\(fwd\)|\s)$/i;
/** RFC 5256 §5 subj-leader: blobs, then `re`, `fw` or `fwd`, perhaps a blob, and a colon. */
const LEADER = /^(?:\[[^[\]]*\]\s*)*(?:re|fwd?)\s*(?:\[[^[\]]*\]\s*)?:/i;
const BLOB = /^\[[^[\]]*\]\s*/;
const FORWARDED = /^\[fwd:(.*)\]$/is;

/** The base of a Subject value (unfolded latin1 as the header block gives it). */
export function baseSubject(subject: string): BaseSubject {
  // Step 1: decode, tabs to spaces, runs of spaces to one.
  let text = decodeWords(subject.slice(0, SUBJECT_CHARS_MAX)).replace(/\s+/g, ' ').trim();
  let isReplyOrForward = false;
  for (;;) {
    // Step 2: trailers.
    for (let match = TRAILER.exec(text); match !== null; match = TRAILER.exec(text)) {
      if (match[0].length > 1) isReplyOrForward = true;
      text = text.slice(0, match.index);
    }
    // Steps 3 to 5: leaders, and blobs as long as something is left behind them.
    for (;;) {
      text = text.trimStart();
      const leader = LEADER.exec(text);
      const blob = leader === null ? BLOB.exec(text) : null;
      if (leader !== null) isReplyOrForward = true;
      else if (blob === null || blob[0].length === text.length) break;
      text = text.slice((leader ?? (blob as RegExpExecArray))[0].length);
    }
    // Step 6: `[fwd: ...]` around the whole, then from the beginning.
    const forwarded = FORWARDED.exec(text);
    if (forwarded === null) return { base: text, isReplyOrForward };
    isReplyOrForward = true;
    text = (forwarded[1] as string).trim();
  }
}
