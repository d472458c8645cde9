/**
 * How many octets of messages all sessions of a thread may hold at once.
 *
 * 1. What is taken is given back exactly once, by whoever took it.
 * 2. When it is used up, messages under way are answered 452 4.3.1; nothing waits for memory.
 */
export class MemoryBudget {
  readonly #limit: number;
  #taken = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** False: nothing was taken, there is no room. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#limit) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }

  get takenBytes(): number {
    return this.#taken;
  }
}
