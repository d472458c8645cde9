/** Look-ups in sorted columns of UIDs. All inputs ascend strictly. */

/** The first index whose value is at or above `uid`. */
export function lowerBound(uids: Uint32Array, uid: number): number {
  let low = 0;
  let high = uids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((uids[middle] as number) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of `uid`, -1 when absent. */
export function indexOfUid(uids: Uint32Array, uid: number): number {
  const at = lowerBound(uids, uid);
  return uids[at] === uid ? at : -1;
}

/** True when `uid` lies in one of the pairs [first, last], ascending and disjoint. */
export function isInRanges(ranges: Uint32Array, uid: number): boolean {
  let low = 0;
  let high = ranges.length >>> 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[2 * middle + 1] as number) < uid) low = middle + 1;
    else high = middle;
  }
  return 2 * low < ranges.length && (ranges[2 * low] as number) <= uid;
}
