/**
 * UIDs of a folder in ascending order, shared by all sessions of a thread that see the same ones, like a slice of a growing array.
 *
 * 1. A view is (list, length); entries below its length never change, so appending in place disturbs no other view.
 * 2. Removing makes a new list; it is remembered, so that the sessions that remove the same UIDs next share the result.
 */

interface Successor {
  readonly length: number;
  readonly removed: Uint32Array;
  readonly view: UidView;
}

class UidList {
  values: Uint32Array;
  fill: number;
  successor: Successor | null = null;

  constructor(values: Uint32Array) {
    this.values = values;
    this.fill = values.length;
  }
}

/** What one session sees: the first `length` UIDs of a shared list. */
export interface UidView {
  readonly list: UidList;
  readonly length: number;
}

export function uidViewOf(uids: Uint32Array): UidView {
  return { list: new UidList(uids), length: uids.length };
}

/** A view of `uids` that shares the memory of `known` where both agree. */
export function shareUidView(uids: Uint32Array, known: UidView | undefined): UidView {
  if (known === undefined || known.list.fill < uids.length || !equals(known.list.values, 0, uids)) return uidViewOf(uids);
  return { list: known.list, length: uids.length };
}

function equals(values: Uint32Array, start: number, expected: Uint32Array): boolean {
  for (let index = 0; index < expected.length; index++) if (values[start + index] !== expected[index]) return false;
  return true;
}

/** Appends UIDs, all larger than those in the view. */
export function appendUids({ list, length }: UidView, added: Uint32Array): UidView {
  const total = length + added.length;
  if (list.fill >= total && equals(list.values, length, added)) return { list, length: total };
  if (list.fill !== length) {
    const copy = new Uint32Array(total);
    copy.set(list.values.subarray(0, length));
    copy.set(added, length);
    return uidViewOf(copy);
  }
  if (total > list.values.length) {
    const grown = new Uint32Array(Math.max(total + 8, Math.floor(total * 1.125)));
    grown.set(list.values.subarray(0, length));
    list.values = grown;
  }
  list.values.set(added, length);
  list.fill = total;
  return { list, length: total };
}

/** Removes UIDs (ascending); those that are not there are ignored. */
export function removeUids(view: UidView, removed: Uint32Array): UidView {
  const { list, length } = view;
  const known = list.successor;
  if (known !== null && known.length === length && known.removed.length === removed.length && equals(known.removed, 0, removed))
    return known.view;
  const kept = new Uint32Array(length);
  let fill = 0;
  let next = 0;
  for (let index = 0; index < length; index++) {
    const uid = list.values[index] as number;
    while (next < removed.length && (removed[next] as number) < uid) next++;
    if (removed[next] !== uid) kept[fill++] = uid;
  }
  if (fill === length) return view;
  const result = uidViewOf(kept.slice(0, fill));
  list.successor = { length, removed, view: result };
  return result;
}

/** Index of the first UID that is at least `uid`. */
export function lowerBound({ list, length }: UidView, uid: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list.values[middle] as number) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of `uid`, or -1. */
export function indexOfUid(view: UidView, uid: number): number {
  const index = lowerBound(view, uid);
  return index < view.length && view.list.values[index] === uid ? index : -1;
}
