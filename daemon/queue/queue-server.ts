/**
 * The ledger thread's half of the queue: owns queue.db and its group commit; claims are handed out by claim-desk.ts.
 * The port's handlers and both clients (everyone's and the runner's) are in queue-client.ts.
 *
 * 1. One writer, one transaction a turn of the event loop; memory (lanes, tally) follows the commit, never leads it.
 * 2. No statement takes long: large bodies are written and removed in slices, lists are read in pages.
 */
import type { Tx } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import { Invalid, Unavailable } from '../lib/errors.ts';
import { transferring } from '../lib/port-call.ts';
import type { CustomerId } from '../wire/ids.ts';
import type { ClaimedMessage, ClaimLimits, Settlement } from './claim.ts';
import { ClaimDesk, type IdentifiedMessage } from './claim-desk.ts';
import { GroupCommit } from './group-commit.ts';
import { type Effects, Interventions, type QueueNote } from './interventions.ts';
import type { LaneLimits } from './lanes.ts';
import type { NewQueueMessage, QueueFilter, QueueId, QueueSummary } from './queue.ts';
import { QueueIds } from './queue-id.ts';
import { QueueLists } from './queue-lists.ts';
import { QueueStore, reasonOf } from './queue-store.ts';
import { BODY_PART_BYTES, MAX_BODY_BYTES, queueMigrations } from './schema.ts';
import { Tally } from './tally.ts';

export interface QueueServerOptions {
  readonly path: string;
  readonly now?: () => number;
  /** Told after a person's hold, release or drop has been committed (tracking). */
  readonly onIntervention?: (note: QueueNote) => void;
  readonly laneLimits?: LaneLimits;
}

const MAX_WAITING_BYTES = 256 << 20;
const MAX_RECIPIENTS = 10_000;
const RESERVE = 10_000;
const WRITE_AHEAD_BYTES = 4 * BODY_PART_BYTES;
const SUMMARY_EVERY_MS = 1000;

export class QueueServer {
  readonly #now: () => number;
  readonly #store: QueueStore;
  readonly #commit: GroupCommit;
  readonly #desk: ClaimDesk;
  readonly #tally: Tally;
  readonly #lists: QueueLists;
  readonly #interventions: Interventions;
  readonly #ids = new QueueIds();
  #nextSeq: number;
  #reservedBelow: number;
  #sweepTimer: NodeJS.Timeout | undefined;
  #version = 0;
  #closed = false;

  constructor(options: QueueServerOptions) {
    this.#now = options.now ?? Date.now;
    const connection = openConnection(options.path, { migrations: queueMigrations, cacheKiB: 16_000, autoCheckpointPages: 4000 });
    this.#store = new QueueStore(connection);
    this.#commit = new GroupCommit(connection, () => this.#afterGroup());
    this.#desk = new ClaimDesk(this.#store, this.#now, options.laneLimits ?? { local: 512, remote: 100 });
    this.#tally = new Tally(connection);
    this.#lists = new QueueLists(connection, this.#tally, (seq, number) => this.#desk.lanes.isClaimed(seq, number));
    this.#interventions = new Interventions(this.#store, this.#desk.lanes, this.#tally, options.onIntervention ?? (() => undefined));
    this.#nextSeq = this.#store.reservedBelow();
    this.#reservedBelow = this.#nextSeq;
    this.#sweepSoon();
  }

  /** Commits what waits and closes the file. Calls that come later fail as Unavailable. */
  close(): void {
    if (this.#closed) return;
    this.#commit.drain();
    this.#closed = true;
    clearTimeout(this.#sweepTimer);
    this.#desk.close();
    this.#store.connection.close();
  }

  async put(message: NewQueueMessage): Promise<QueueId> {
    this.#mustBeOpen();
    check(message);
    const size = message.body.byteLength;
    if (this.#commit.waitingBytes + size > MAX_WAITING_BYTES) throw new Unavailable('Too much mail is on its way to the disk');
    const identified: IdentifiedMessage = { ...message, id: message.id ?? this.#ids.next(this.#now()) };
    const seq = this.#takeSeq();
    const large = size > WRITE_AHEAD_BYTES;
    if (large) await this.#writeAhead(seq, identified.body);
    await this.#commit.add(
      large ? 0 : size,
      (tx) => this.#insert(tx, { seq, message: identified, withBody: !large }),
      (inserted) => {
        if (inserted) this.#admit(seq, identified);
      },
    );
    return identified.id;
  }

  attach(): void {
    this.#mustBeOpen();
    this.#desk.attach();
  }

  claim(limits: ClaimLimits): Promise<readonly ClaimedMessage[]> {
    this.#mustBeOpen();
    return this.#desk.claim(limits);
  }

  settle(settlements: readonly Settlement[], puts: readonly NewQueueMessage[]): Promise<void> {
    this.#mustBeOpen();
    for (const message of puts) check(message);
    const news = puts.map((message) => ({ seq: this.#takeSeq(), message: { ...message, id: message.id ?? this.#ids.next(this.#now()) } }));
    const bytes = puts.reduce((total, { body }) => total + body.byteLength, 0);
    const work = (tx: Tx): Effects => {
      const effects: Effects = [];
      for (const settlement of settlements) this.#settleOne(settlement, effects);
      for (const { seq, message } of news) {
        if (this.#insert(tx, { seq, message, withBody: true })) effects.push(() => this.#admit(seq, message));
      }
      return effects;
    };
    return this.#commit.add(bytes, work, runAll).then(() => undefined);
  }

  /** The clock was set: what is due now is handed out. */
  wake(): void {
    this.#desk.serve();
  }

  bodyPart(seq: number, index: number): Uint8Array {
    this.#mustBeOpen();
    const part = this.#store.bodyPart(seq, index) ?? new Uint8Array();
    return part.byteLength > 0 && part.byteLength === part.buffer.byteLength ? transferring(part, [part.buffer as ArrayBuffer]) : part;
  }

  /** Summaries, when something changed, at most one a second; one every 30 s to notice that nobody listens. */
  async *watch(): AsyncGenerator<QueueSummary, void, undefined> {
    let seen = -1;
    for (let quiet = 0; !this.#closed; quiet += 1) {
      if (this.#version !== seen || quiet >= 30) {
        seen = this.#version;
        quiet = 0;
        yield this.#tally.summary(undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, SUMMARY_EVERY_MS).unref());
    }
  }

  list = (filter: QueueFilter) => this.#lists.list(filter);
  show = (id: QueueId) => this.#lists.show(id);
  summary = (customer?: CustomerId): QueueSummary => this.#tally.summary(customer);
  retry = (ids: readonly QueueId[]): Promise<number> => this.#intervene(ids, (id, effects) => this.#interventions.retry(id, effects));
  release = (ids: readonly QueueId[]): Promise<number> =>
    this.#intervene(ids, (id, effects) => this.#interventions.release(id, this.#now(), effects));

  hold(ids: readonly QueueId[], reason: string): Promise<number> {
    return this.#intervene(ids, (id, effects) => this.#interventions.hold(id, reason.slice(0, 200), effects));
  }

  drop(ids: readonly QueueId[], options: { readonly bounce: boolean }): Promise<number> {
    return this.#intervene(ids, (id, effects) =>
      options.bounce ? this.#interventions.giveBack(id, effects) : this.#interventions.drop(id, effects),
    );
  }

  async #intervene(ids: readonly QueueId[], act: (id: QueueId, effects: Effects) => number): Promise<number> {
    this.#mustBeOpen();
    let touched = 0;
    for (let start = 0; start < ids.length; start += 100) {
      const slice = ids.slice(start, start + 100);
      let count = 0;
      const work = (): Effects => {
        const effects: Effects = [];
        count = 0;
        for (const id of slice) count += act(id, effects);
        return effects;
      };
      await this.#commit.add(0, work, runAll);
      touched += count;
    }
    return touched;
  }

  #insert(tx: Tx, { seq, message, withBody }: { seq: number; message: IdentifiedMessage; withBody: boolean }): boolean {
    if (this.#store.has(message.id)) {
      if (!withBody) this.#store.markUnlinked(seq);
      return false;
    }
    this.#reserve(tx, seq);
    this.#store.insert(seq, message, { dueMs: this.#now(), withBody });
    return true;
  }

  #reserve(tx: Tx, seq: number): void {
    if (seq < this.#reservedBelow) return;
    this.#store.reserveBelow(seq + RESERVE);
    tx.afterCommit(() => {
      this.#reservedBelow = Math.max(this.#reservedBelow, seq + RESERVE);
    });
  }

  /** The parts of a large body, a transaction each; they lie there unlinked until the message is written. */
  async #writeAhead(seq: number, body: Uint8Array): Promise<void> {
    for (let index = 0; index * BODY_PART_BYTES < body.byteLength; index++) {
      const part = body.subarray(index * BODY_PART_BYTES, (index + 1) * BODY_PART_BYTES);
      const write = (tx: Tx): void => {
        if (index === 0) this.#store.markUnlinked(seq);
        this.#reserve(tx, seq);
        this.#store.insertPart(seq, index, part);
      };
      await this.#commit.add(part.byteLength, write, () => undefined);
    }
  }

  /** Memory after the commit of a new message. */
  #admit(seq: number, message: IdentifiedMessage): void {
    this.#tally.messages(message.customer, 1);
    this.#tally.recipients(message.customer, message.hold === undefined ? 'new' : 'held', message.recipients.length);
    if (message.hold === undefined) this.#desk.admit(seq, message);
  }

  #settleOne(settlement: Settlement, effects: Effects): void {
    const { seq } = settlement;
    const customer = { id: null as number | null };
    for (const number of settlement.done) {
      const row = this.#store.remove(seq, number);
      if (row !== undefined) customer.id = row.customer;
      effects.push(() => {
        if (row !== undefined) this.#tally.recipients(row.customer, reasonOf(row.reason, row.state), -1);
        this.#desk.lanes.settle(seq, number, undefined);
      });
    }
    for (const retry of settlement.retry) {
      const rows = this.#store.retry(seq, retry);
      effects.push(() => {
        if (rows === undefined) return this.#desk.lanes.settle(seq, retry.number, undefined);
        this.#tally.recipients(rows.before.customer, reasonOf(rows.before.reason, rows.before.state), -1);
        this.#tally.recipients(rows.after.customer, reasonOf(rows.after.reason, rows.after.state), 1);
        const waits = rows.after.state === 0;
        this.#desk.lanes.settle(seq, retry.number, waits ? { lane: rows.after.lane, atMs: rows.after.nextAtMs } : undefined);
      });
    }
    if (settlement.done.length > 0 && this.#store.removeIfEmpty(seq)) effects.push(() => this.#tally.messages(customer.id, -1));
    if (settlement.hold !== undefined) this.#interventions.holdSeq(seq, settlement.hold, effects);
  }

  /** Claims are answered after the settlements of the group: the runner has to know that a recipient is out of its hands. */
  #afterGroup(): void {
    this.#version += 1;
    if (this.#desk.isWanted) setImmediate(() => this.#desk.serve());
  }

  #takeSeq(): number {
    return this.#nextSeq++;
  }

  #sweepSoon(): void {
    this.#sweepTimer = setTimeout(() => void this.#sweep(), 1000);
    this.#sweepTimer.unref();
  }

  async #sweep(): Promise<void> {
    try {
      while (
        !this.#closed &&
        (await this.#commit.add(
          0,
          () => this.#store.sweep(),
          () => undefined,
        ))
      );
    } catch {
      // A full disk: the bodies stay listed and are swept another time.
    }
    if (!this.#closed) this.#sweepSoon();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new Unavailable('The queue is closing');
  }
}

function runAll(effects: Effects): void {
  for (const effect of effects) effect();
}

function check(message: NewQueueMessage): void {
  if (message.recipients.length === 0 || message.recipients.length > MAX_RECIPIENTS)
    throw new Invalid('recipients', 'A message needs 1 to 10000 recipients');
  if (message.body.byteLength > MAX_BODY_BYTES) throw new Invalid('body', 'The message is too large to be queued');
}
