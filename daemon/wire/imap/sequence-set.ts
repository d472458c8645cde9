/**
 * A set of sequence numbers or UIDs as the client wrote it, and the compressed form in which numbers are sent back.
 * 1. `ranges` holds pairs (first, last) in the client's order; {@link LARGEST} (0) stands for "*".
 * 2. resolve() gives pairs that are ascending, disjoint and not adjacent, so that callers merge them with a sorted array in one pass.
 * 3. Nothing is ever expanded to single numbers here: `1:4294967295` costs eight bytes.
 * Specifications: RFC 9051 §9 (sequence-set), RFC 5182 ("$").
 */

/** Stands for "*" in `ranges`; no sequence number or UID is 0. */
export const LARGEST = 0;

/** A parsed set; `saved` means that it is "$", the result of the last SEARCH RETURN (SAVE). */
export interface SequenceSet {
  readonly ranges: Uint32Array;
  readonly saved: boolean;
}

/** The set that "$" stands for until the session puts the saved numbers in its place. */
export const SAVED_RESULT: SequenceSet = { ranges: new Uint32Array(0), saved: true };

/** Sorts and merges the set for a folder whose largest number is `largest` (0 when it has none). Returns pairs (first, last). */
export function resolveSet(set: SequenceSet, largest: number): Uint32Array {
  const pairs: [number, number][] = [];
  for (let index = 0; index < set.ranges.length; index += 2) {
    const hasStar = set.ranges[index] === LARGEST || set.ranges[index + 1] === LARGEST;
    // RFC 9051 §9: "*" in an empty folder names nothing; 3291:* contains the largest number even below 3291.
    if (hasStar && largest === 0) continue;
    const first = set.ranges[index] === LARGEST ? largest : (set.ranges[index] as number);
    const last = set.ranges[index + 1] === LARGEST ? largest : (set.ranges[index + 1] as number);
    pairs.push(first <= last ? [first, last] : [last, first]);
  }
  return mergePairs(pairs);
}

function mergePairs(pairs: [number, number][]): Uint32Array {
  pairs.sort((left, right) => left[0] - right[0]);
  const merged = new Uint32Array(pairs.length * 2);
  let length = 0;
  for (const [first, last] of pairs) {
    if (length > 0 && first <= (merged[length - 1] as number) + 1) {
      if (last > (merged[length - 1] as number)) merged[length - 1] = last;
      continue;
    }
    merged[length++] = first;
    merged[length++] = last;
  }
  return merged.subarray(0, length);
}

/** Is `number` inside the resolved pairs? */
export function pairsContain(pairs: Uint32Array, number: number): boolean {
  let low = 0;
  let high = pairs.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (number > (pairs[middle * 2 + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return low * 2 < pairs.length && number >= (pairs[low * 2] as number);
}

/** Writes numbers as a set: ascending neighbours become ranges, the given order is kept (`1:3,7`). The empty list is the empty string. */
export function formatSet(numbers: ArrayLike<number>): string {
  let text = '';
  for (let index = 0; index < numbers.length; ) {
    const first = numbers[index] as number;
    let last = first;
    index++;
    while (index < numbers.length && numbers[index] === last + 1) {
      last++;
      index++;
    }
    if (text !== '') text += ',';
    text += last === first ? String(first) : `${first}:${last}`;
  }
  return text;
}
