/**
 * Long work in slices: no statement or transaction holds its thread for more than about 10 ms.
 */

/** What one slice may take, its commit aside. */
export const SLICE_MS = 8;

/** Lets what waits on this thread go first. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** True once the slice that began at `startedMs` (performance.now) has had its time. */
export function isSpent(startedMs: number): boolean {
  return performance.now() - startedMs >= SLICE_MS;
}
