/**
 * Queue ids: 9 characters of time, then 52 random bits, all of [0-9a-z]. They sort by the time they were made, so that
 * neighbours in time are neighbours in every index; nobody can guess one.
 */
import { randomFillSync } from 'node:crypto';
import type { QueueId } from './queue.ts';

const POOL_WORDS = 512;
const TIME_LENGTH = 9;
const RANDOM_LENGTH = 11;

/** Makes ids; one a thread is enough. */
export class QueueIds {
  readonly #pool = new Uint32Array(POOL_WORDS);
  #used = POOL_WORDS;

  next(nowMs: number): QueueId {
    if (this.#used === POOL_WORDS) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const high = this.#pool[this.#used++] ?? 0;
    const low = this.#pool[this.#used++] ?? 0;
    const random = (high & 0xfffff) * 0x1_0000_0000 + low;
    return nowMs.toString(36).padStart(TIME_LENGTH, '0') + random.toString(36).padStart(RANDOM_LENGTH, '0');
  }
}
