/**
 * Group commit: all work that arrives in one turn of the event loop becomes one transaction and one fsync.
 *
 * 1. A promise resolves after the commit; `after` runs between the commit and that, in order.
 * 2. When the group fails each piece is tried in a transaction of its own, so one bad piece harms nobody else. Pieces
 *    therefore change nothing but the database; memory changes in `after`.
 * 3. A transaction takes at most MAX_PIECES pieces or MAX_BYTES; the rest follows in the next turn.
 */
import type { Connection, Tx } from '../database/connection.ts';

const MAX_PIECES = 256;
const MAX_BYTES = 8 << 20;

interface Piece {
  readonly bytes: number;
  readonly run: (tx: Tx) => void;
  readonly committed: () => void;
  readonly failed: (error: unknown) => void;
}

export class GroupCommit {
  readonly #connection: Connection;
  readonly #afterGroup: () => void;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #scheduled = false;

  /** `afterGroup` runs once after each committed group. */
  constructor(connection: Connection, afterGroup: () => void) {
    this.#connection = connection;
    this.#afterGroup = afterGroup;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  add<T>(bytes: number, work: (tx: Tx) => T, after: (result: T) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        bytes,
        run: (tx) => {
          result = work(tx);
        },
        committed: () => {
          after(result);
          resolve(result);
        },
        failed: reject,
      });
      this.#waitingBytes += bytes;
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  /** Commits what waits, now. */
  drain(): void {
    while (this.#waiting.length > 0) this.#flush();
  }

  #flush(): void {
    this.#scheduled = false;
    const group = this.#take();
    if (group.length === 0) return;
    if (this.#waiting.length > 0) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    const failure = this.#tryCommit(group);
    if (failure === undefined) for (const piece of group) piece.committed();
    else if (group.length === 1) group[0]?.failed(failure.error);
    else for (const piece of group) this.#commitAlone(piece);
    this.#afterGroup();
  }

  #tryCommit(group: readonly Piece[]): { readonly error: unknown } | undefined {
    try {
      this.#connection.transact((tx) => {
        for (const piece of group) piece.run(tx);
      });
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #commitAlone(piece: Piece): void {
    const failure = this.#tryCommit([piece]);
    if (failure === undefined) piece.committed();
    else piece.failed(failure.error);
  }

  #take(): Piece[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < MAX_PIECES && (count === 0 || bytes < MAX_BYTES)) {
      bytes += this.#waiting[count]?.bytes ?? 0;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }
}
