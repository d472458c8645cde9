/**
 * What a person may do to queued messages: try now, keep back, let go, give back, throw away.
 * Runs inside the ledger's transactions; what has to follow in memory is pushed to `effects` and runs after the commit.
 *
 * 1. A recipient that is being tried at the moment is touched in the database only; the runner's settlement finds it so.
 * 2. `next_at = 0` marks a try that a person asked for (ClaimedRecipient.urgent).
 */
import type { CustomerId } from '../wire/ids.ts';
import type { Lanes } from './lanes.ts';
import type { QueueId } from './queue.ts';
import { type QueueStore, reasonOf } from './queue-store.ts';
import { STATE_HELD, STATE_WAITING } from './schema.ts';
import type { Tally } from './tally.ts';

export type Effects = (() => void)[];

/** For tracking: what was done to which recipients. */
export interface QueueNote {
  readonly kind: 'held' | 'released' | 'dropped';
  readonly id: QueueId;
  readonly sender: string;
  readonly account: number | null;
  readonly customer: CustomerId | null;
  readonly subject: string;
  readonly messageId: string;
  readonly sizeBytes: number;
  readonly recipients: readonly string[];
  readonly reason: string;
}

interface Row {
  readonly number: number;
  readonly lane: string;
  readonly original: string;
  readonly state: number;
  readonly reason: number;
  readonly customer: number | null;
}

export class Interventions {
  readonly #store: QueueStore;
  readonly #lanes: Pick<Lanes<never>, 'unload' | 'due'>;
  readonly #tally: Tally;
  readonly #tell: (note: QueueNote) => void;

  constructor(store: QueueStore, lanes: Pick<Lanes<never>, 'unload' | 'due'>, tally: Tally, tell: (note: QueueNote) => void) {
    this.#store = store;
    this.#lanes = lanes;
    this.#tally = tally;
    this.#tell = tell;
  }

  retry(id: QueueId, effects: Effects): number {
    return this.#each(id, (seq, rows) => {
      const waiting = rows.filter(({ state }) => state === STATE_WAITING);
      this.#sql('UPDATE recipient SET next_at = 0 WHERE message = ? AND state = 0').run(seq);
      effects.push(() => this.#makeDue(seq, waiting, 0));
      return waiting.length;
    });
  }

  hold(id: QueueId, reason: string, effects: Effects): number {
    const seq = this.#store.seqOf(id);
    return seq === undefined ? 0 : this.holdSeq(seq, reason, effects);
  }

  holdSeq(seq: number, reason: string, effects: Effects): number {
    const changed = this.#rows(seq).filter(({ state }) => state === STATE_WAITING);
    if (changed.length === 0) return 0;
    this.#sql('UPDATE recipient SET state = 2 WHERE message = ? AND state = 0').run(seq);
    this.#sql('UPDATE message SET held = ? WHERE seq = ?').run(reason, seq);
    const note = this.#note(seq, changed, { kind: 'held', reason });
    effects.push(() => {
      this.#lanes.unload(new Set([seq]));
      this.#recount(changed, STATE_HELD);
      note();
    });
    return changed.length;
  }

  release(id: QueueId, nowMs: number, effects: Effects): number {
    return this.#each(id, (seq, rows) => {
      const changed = rows.filter(({ state }) => state === STATE_HELD);
      if (changed.length === 0) return 0;
      this.#sql('UPDATE recipient SET state = 0, next_at = ? WHERE message = ? AND state = 2').run(nowMs, seq);
      this.#sql('UPDATE message SET held = NULL WHERE seq = ?').run(seq);
      const note = this.#note(seq, changed, { kind: 'released', reason: '' });
      effects.push(() => {
        this.#recount(changed, STATE_WAITING);
        this.#makeDue(seq, changed, nowMs);
        note();
      });
      return changed.length;
    });
  }

  /** The runner claims them at once and returns them to the sender. */
  giveBack(id: QueueId, effects: Effects): number {
    return this.#each(id, (seq, rows) => {
      const held = rows.filter(({ state }) => state === STATE_HELD);
      this.#sql('UPDATE recipient SET give_up = 1, state = 0, next_at = 0 WHERE message = ?').run(seq);
      this.#sql('UPDATE message SET held = NULL WHERE seq = ?').run(seq);
      effects.push(() => {
        this.#recount(held, STATE_WAITING);
        this.#makeDue(seq, rows, 0);
      });
      return rows.length;
    });
  }

  drop(id: QueueId, effects: Effects): number {
    return this.#each(id, (seq, rows) => {
      const note = this.#note(seq, rows, { kind: 'dropped', reason: '' });
      for (const { number } of rows) this.#store.remove(seq, number);
      this.#store.removeIfEmpty(seq);
      effects.push(() => {
        this.#lanes.unload(new Set([seq]));
        for (const row of rows) this.#tally.recipients(row.customer, reasonOf(row.reason, row.state), -1);
        this.#tally.messages(rows[0]?.customer ?? null, -1);
        note();
      });
      return rows.length;
    });
  }

  #each(id: QueueId, act: (seq: number, rows: readonly Row[]) => number): number {
    const seq = this.#store.seqOf(id);
    return seq === undefined ? 0 : act(seq, this.#rows(seq));
  }

  #rows(seq: number): Row[] {
    return this.#store.connection
      .statement<Row>('SELECT number, lane, original, state, reason, customer FROM recipient WHERE message = ? ORDER BY number')
      .all(seq);
  }

  #makeDue(seq: number, rows: readonly Row[], atMs: number): void {
    this.#lanes.unload(new Set([seq]));
    for (const lane of new Set(rows.map((row) => row.lane))) this.#lanes.due(lane, atMs);
  }

  #recount(rows: readonly Row[], state: number): void {
    for (const row of rows) {
      this.#tally.recipients(row.customer, reasonOf(row.reason, row.state), -1);
      this.#tally.recipients(row.customer, reasonOf(row.reason, state), 1);
    }
  }

  #note(seq: number, rows: readonly Row[], { kind, reason }: { kind: QueueNote['kind']; reason: string }): () => void {
    const message = this.#store.message(seq);
    if (message === undefined) return () => undefined;
    const { id, sender, account, customer, subject, messageId, sizeBytes } = message;
    const recipients = rows.map(({ original }) => original);
    return () => this.#tell({ kind, id, sender, account, customer, subject, messageId, sizeBytes, recipients, reason });
  }

  #sql(text: string): ReturnType<QueueStore['connection']['statement']> {
    return this.#store.connection.statement(text);
  }
}
