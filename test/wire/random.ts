/** Seeded random numbers for fuzz tests, so that a failure can be repeated (xorshift32). */
export function random(seed: number) {
  let state = seed | 0 || 1;
  /** An integer from 0 up to, not including, `limit`. */
  const next = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  return { next, pick };
}
