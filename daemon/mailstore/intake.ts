/**
 * The intake of a store thread: first messages for accounts whose files are closed, committed together.
 * Opening an account's file for one message costs twenty times a row here; the intake lets many accounts share one fsync.
 *
 * 1. What is in the intake is delivered: durable, counted, and filed before anybody reads or writes the account
 *    (GroupedWrites files it first; a reader thread that finds a row has it filed, see reader-server.ts).
 * 2. Only small deliveries to INBOX or Junk of accounts that nobody listens to, at most `MAX_WAITING_MESSAGES` an account: the
 *    next one opens the file and takes them along, and while the file stays open the account stays out of the intake.
 * 3. A row goes after the commit that filed it; a crash between the two files it again, which its delivery id makes harmless.
 * 4. Bounded by `MAX_WAITING_BYTES`; beyond that deliveries go to their files as ever.
 * 5. Rows of a thread that is no more (another number of threads) are filed before the first call is answered.
 */
import { readdirSync } from 'node:fs';
import type { Connection } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import type { AccountId } from '../wire/ids.ts';
import type { Delivery } from './mailstore.ts';

/** Messages over this open their account's file: the file's cost is small beside theirs. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Enough to share the cost of opening a file, few enough to file within a turn. */
export const MAX_WAITING_MESSAGES = 8;
const MAX_WAITING_BYTES = 128 * 1024 * 1024;

export interface IntakeThread {
  readonly index: number;
  /** How many store threads there are; accounts belong to thread id % count. */
  readonly count: number;
}

/** A delivery as it waits. */
export type WaitingDelivery = Pick<Delivery, 'account' | 'deliveryId' | 'receivedAtMs' | 'raw'> & {
  readonly row: number;
  readonly role: 'inbox' | 'junk';
  readonly flags: number;
};

/** What one account has here. */
interface Waiting {
  /** In order; 0 for what is put but not yet committed. */
  readonly rows: number[];
  readonly deliveryIds: Set<string>;
  bytes: number;
}

interface Put {
  readonly delivery: Delivery;
  readonly role: 'inbox' | 'junk';
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const migrations = [
  `CREATE TABLE waiting(
     row INTEGER PRIMARY KEY, account INTEGER NOT NULL, delivery TEXT NOT NULL, role TEXT NOT NULL,
     received_ms INTEGER NOT NULL, flags INTEGER NOT NULL, raw BLOB NOT NULL
   );
   CREATE INDEX waiting_account ON waiting(account);`,
];
const SELECT = `SELECT row, account, delivery AS deliveryId, role, received_ms AS receivedAtMs, flags, raw FROM waiting`;

export function intakePath(directory: string, index: number): string {
  return `${directory}/intake-${index}.db`;
}

export class Intake {
  readonly #directory: string;
  readonly #thread: IntakeThread;
  readonly #connection: Connection;
  /** Rows not yet filed, by account. */
  readonly #waiting = new Map<AccountId, Waiting>();
  #bytes = 0;
  #puts: Put[] = [];
  #filed: number[] = [];
  #isScheduled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, thread: IntakeThread) {
    this.#directory = directory;
    this.#thread = thread;
    this.#connection = openConnection(intakePath(directory, thread.index), { migrations, autoCheckpointPages: 4000 });
    const rows = this.#connection.sql
      .prepare('SELECT row, account, delivery, length(raw) FROM waiting WHERE account % ? = ? ORDER BY row')
      .raw();
    for (const [row, account, id, bytes] of rows.all(thread.count, thread.index) as [number, AccountId, string, number][]) {
      this.#remember(account, { row, id, bytes });
    }
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Accounts with something to file, the one that waits longest first. */
  accounts(): AccountId[] {
    return [...this.#waiting.keys()];
  }

  has(account: AccountId): boolean {
    return this.#waiting.has(account);
  }

  /** True when `delivery` may wait here, as far as the intake can tell. */
  takes(delivery: Delivery): boolean {
    if (delivery.raw.length > MAX_MESSAGE_BYTES || this.#bytes > MAX_WAITING_BYTES) return false;
    const isPlain = 'role' in delivery.folder && (delivery.folder.role === 'inbox' || delivery.folder.role === 'junk');
    if (!isPlain) return false;
    const waiting = this.#waiting.get(delivery.account);
    // A repeated id goes to the file, which says so.
    return waiting === undefined || (waiting.rows.length < MAX_WAITING_MESSAGES && !waiting.deliveryIds.has(delivery.deliveryId));
  }

  /** Resolves once the message is durable; what comes in one turn is one transaction. */
  put(delivery: Delivery): Promise<void> {
    // Noted at once: whoever opens the file in this turn has it committed and files it.
    this.#remember(delivery.account, { row: 0, id: delivery.deliveryId, bytes: delivery.raw.length });
    const role = 'role' in delivery.folder && delivery.folder.role === 'junk' ? 'junk' : 'inbox';
    return new Promise((resolve, reject) => {
      this.#puts.push({ delivery, role, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Commits what was put and forgets what was filed. */
  flush(): void {
    this.#isScheduled = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const puts = this.#puts;
    const filed = this.#filed;
    if (puts.length === 0 && filed.length === 0) return;
    this.#puts = [];
    this.#filed = [];
    try {
      const rows = this.#connection.transact(() => {
        for (const row of filed) this.#connection.statement('DELETE FROM waiting WHERE row=?').run(row);
        return puts.map((put) => this.#insert(put));
      });
      for (const [i, put] of puts.entries()) {
        const { rows: known } = this.#waiting.get(put.delivery.account) as Waiting;
        known[known.indexOf(0)] = rows[i] as number;
        put.resolve();
      }
    } catch (error) {
      this.#filed.push(...filed);
      for (const put of puts) {
        this.#forget(put.delivery);
        put.reject(error);
      }
    }
  }

  /** What waits for `account`, oldest first; durable, because what was just put is committed first. */
  waitingFor(account: AccountId): WaitingDelivery[] {
    const waiting = this.#waiting.get(account);
    if (waiting === undefined) return [];
    if (waiting.rows.includes(0)) this.flush();
    return (this.#waiting.get(account)?.rows ?? []).map(
      (row) => this.#connection.statement<WaitingDelivery>(`${SELECT} WHERE row=?`).get(row) as WaitingDelivery,
    );
  }

  /** To be called after the commit that filed all of `account`. */
  filed(account: AccountId): void {
    const waiting = this.#waiting.get(account);
    if (waiting === undefined) return;
    this.#waiting.delete(account);
    this.#bytes -= waiting.bytes;
    this.#filed.push(...waiting.rows);
    this.#timer ??= setTimeout(() => this.flush(), 100);
  }

  /** Files what waits in other threads' intakes for accounts that now belong to this thread. */
  adoptForeign(file: (delivery: WaitingDelivery) => void): void {
    const own = `intake-${this.#thread.index}.db`;
    const where = `account % ${this.#thread.count} = ${this.#thread.index}`;
    for (const name of readdirSync(this.#directory)) {
      if (!/^intake-\d+\.db$/.test(name) || name === own) continue;
      const path = `${this.#directory}/${name}`;
      const reader = openConnection(path, { readonly: true });
      const isFilled = reader.sql.prepare("SELECT 1 FROM sqlite_schema WHERE name='waiting'").get() !== undefined;
      const waiting = isFilled ? reader.sql.prepare<[], WaitingDelivery>(`${SELECT} WHERE ${where} ORDER BY row`).all() : [];
      reader.close();
      if (waiting.length === 0) continue;
      for (const delivery of waiting) file(delivery);
      const writer = openConnection(path, { mustExist: true, migrations });
      writer.transact((tx) => void tx.sql.exec(`DELETE FROM waiting WHERE ${where}`));
      writer.close();
    }
  }

  close(): void {
    this.flush();
    this.#connection.close();
  }

  #insert({ delivery, role }: Put): number {
    return this.#connection
      .statement('INSERT INTO waiting VALUES(NULL,?,?,?,?,?,?)')
      .run(delivery.account, delivery.deliveryId, role, delivery.receivedAtMs, delivery.flags ?? 0, delivery.raw).lastInsertRowid as number;
  }

  #remember(account: AccountId, message: { row: number; id: string; bytes: number }): void {
    let waiting = this.#waiting.get(account);
    if (waiting === undefined) {
      waiting = { rows: [], deliveryIds: new Set(), bytes: 0 };
      this.#waiting.set(account, waiting);
    }
    waiting.rows.push(message.row);
    waiting.deliveryIds.add(message.id);
    waiting.bytes += message.bytes;
    this.#bytes += message.bytes;
  }

  /** Takes back what could not be committed. */
  #forget(delivery: Delivery): void {
    const waiting = this.#waiting.get(delivery.account) as Waiting;
    waiting.rows.splice(waiting.rows.indexOf(0), 1);
    waiting.deliveryIds.delete(delivery.deliveryId);
    waiting.bytes -= delivery.raw.length;
    this.#bytes -= delivery.raw.length;
    if (waiting.rows.length === 0) this.#waiting.delete(delivery.account);
  }
}
