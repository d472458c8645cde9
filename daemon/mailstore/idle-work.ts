/**
 * What a store thread does for its open files when nothing else waits: old delivery ids are forgotten, freed pages go back
 * to the file system, the log is folded into the file, previews are fetched from a reader thread and stored.
 *
 * 1. It begins after the thread wrote nothing for a quarter of a second and gives way to the next write.
 * 2. Each step takes about 8 ms at most; what a closed file still lacks is taken up when it is next written.
 * 3. Losing any of it is harmless: a message without a preview has an empty one, pages are freed later.
 */
import type { PortSlot } from '../lib/port-call.ts';
import type { AccountFile } from './account-file.ts';
import type { OpenAccounts } from './open-accounts.ts';
import type { Preview } from './store-api.ts';

const QUIET_MS = 250;
const VACUUM_PAGES = 200;
const PREVIEWS_AT_ONCE = 16;

export class IdleWork {
  readonly #files: OpenAccounts<AccountFile>;
  readonly #previews: PortSlot | undefined;
  readonly #changed = new Set<AccountFile['id']>();
  #lastWriteMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(files: OpenAccounts<AccountFile>, previews: PortSlot | undefined) {
    this.#files = files;
    this.#previews = previews;
  }

  note(file: AccountFile): void {
    this.#changed.add(file.id);
    this.#lastWriteMs = performance.now();
    this.#timer ??= this.#later();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => void this.#step(), QUIET_MS).unref();
  }

  async #step(): Promise<void> {
    const isQuiet = performance.now() - this.#lastWriteMs >= QUIET_MS - 5;
    try {
      if (isQuiet) await this.#work();
    } catch {
      // The disk or the reader thread is in trouble: whoever asks for the file next is told; this work can wait.
    }
    this.#timer = this.#stopped || this.#changed.size === 0 ? undefined : this.#later();
  }

  async #work(): Promise<void> {
    for (const id of this.#changed) {
      const startedMs = this.#lastWriteMs;
      const file = this.#files.peek(id);
      if (file === undefined || (await this.#files.keep(id, (open) => this.#isDone(open)))) this.#changed.delete(id);
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#stopped || this.#lastWriteMs !== startedMs) return;
    }
  }

  async #isDone(file: AccountFile): Promise<boolean> {
    const { sql } = file.connection;
    file.sweepDeliveries();
    if ((sql.pragma('freelist_count', { simple: true }) as number) > 0) {
      sql.pragma(`incremental_vacuum(${VACUUM_PAGES})`);
      if ((sql.pragma('freelist_count', { simple: true }) as number) > 0) return false;
    }
    if (await this.#storePreviews(file)) return false;
    sql.pragma('wal_checkpoint(PASSIVE)');
    return true;
  }

  /** True when there may be more to do. */
  async #storePreviews(file: AccountFile): Promise<boolean> {
    const slot = this.#previews;
    if (slot?.client === undefined || file.unpreviewed.length === 0) return false;
    const contents = file.unpreviewed.splice(0, PREVIEWS_AT_ONCE);
    const previews = await slot.call<readonly Preview[]>('previews', file.id, contents);
    if (this.#stopped) return false;
    file.connection.transact((tx) => {
      for (const { content, text } of previews) {
        tx.sql.prepare('UPDATE content SET preview=? WHERE id=?').run(Buffer.from(text), content);
      }
    });
    return true;
  }
}
