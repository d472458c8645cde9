/**
 * CREATE, DELETE, RENAME and SUBSCRIBE on the store thread. Names are in normal form here (folder-names.ts).
 */
import { Conflict, NotFound, Rejected } from '../lib/errors.ts';
import { type AccountId, brand, type FolderId } from '../wire/ids.ts';
import type { AccountState, FolderRow } from './account-state.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { moveWithin } from './copy.ts';
import { removeOrphans } from './expunge.ts';
import { INBOX, isBelow, normalFolderName, renamed } from './folder-names.ts';
import type { GroupedWrites, Work } from './grouped-writes.ts';
import type { FolderInfo, FolderRole } from './mailstore.ts';

export class FolderWrites {
  readonly #writes: GroupedWrites;
  readonly #feeds: ChangeFeeds;

  constructor(writes: GroupedWrites, feeds: ChangeFeeds) {
    this.#writes = writes;
    this.#feeds = feeds;
  }

  async create(account: AccountId, name: string, role: FolderRole | null): Promise<FolderInfo> {
    const normal = normalFolderName(name);
    return this.#change(account, (state) => {
      refuseExisting(state, normal);
      for (const folder of state.folders) {
        if (role !== null && folder.role === role) throw new Conflict('Another folder serves this purpose already');
      }
      const folder = state.addFolder(normal, role, false);
      return { id: brand<FolderId>(folder.id), name: normal, role, subscribed: folder.subscribed === 1, selectable: true };
    });
  }

  async remove(account: AccountId, name: string): Promise<void> {
    const normal = normalFolderName(name);
    if (normal === INBOX) throw new Rejected('INBOX cannot be deleted');
    await this.#writes.files.keep(account, async () => {
      const id = await this.#change(account, (state) => {
        const folder = state.find(normal);
        if (folder === undefined) throw missing(state, normal);
        state.removeFolder(folder);
        // RFC 9051 §6.3.5: a deletion does not unsubscribe.
        if (folder.subscribed === 1) state.addAbsent(normal);
        state.countUnfinished(1);
        return folder.id;
      });
      await removeOrphans(this.#writes, account, id);
      await this.#writes.run(account, (file) => file.state.countUnfinished(-1));
    });
  }

  async rename(account: AccountId, from: string, to: string): Promise<void> {
    const [source, target] = [normalFolderName(from), normalFolderName(to)];
    if (source === INBOX) return this.#renameInbox(account, target);
    await this.#change(account, (state) => {
      refuseExisting(state, target);
      const names = renamed(
        Array.from(state.folders, (folder) => folder.name),
        source,
        target,
      );
      if (names.length === 0) throw new NotFound('There is no such folder');
      const pairs = names.map(([old, name]) => {
        refuseExisting(state, name);
        return [state.named(old), name] as const;
      });
      state.renameFolders(pairs);
      createParents(state, target);
    });
  }

  async subscribe(account: AccountId, name: string, subscribed: boolean): Promise<void> {
    const normal = normalFolderName(name);
    await this.#change(account, (state) => {
      const folder = state.find(normal);
      if (folder !== undefined) {
        folder.subscribed = subscribed ? 1 : 0;
        state.saveSubscription(folder);
      } else if (subscribed) state.addAbsent(normal);
      else state.removeAbsent(normal);
    });
  }

  /** RFC 9051 §6.3.6: the messages of INBOX move to a new folder, INBOX stays and so does what is below it. */
  async #renameInbox(account: AccountId, target: string): Promise<void> {
    const made = await this.#change(account, (state) => {
      refuseExisting(state, target);
      return { to: state.addFolder(target, null, false).id, inbox: state.named(INBOX).id, last: state.named(INBOX).uid_next - 1 };
    });
    const uids = await this.#writes.run(account, (file) => {
      const keys = file.connection.statement('SELECT key FROM message WHERE key BETWEEN ? AND ?').raw();
      const rows = keys.all(made.inbox * 2 ** 32, made.inbox * 2 ** 32 + made.last) as [number][];
      return Uint32Array.from(rows, ([key]) => key % 2 ** 32);
    });
    const handles = { from: { account, folder: brand<FolderId>(made.inbox) }, to: { account, folder: brand<FolderId>(made.to) } };
    await moveWithin(this.#writes, this.#feeds, { ...handles, uids, quotaBytes: null });
  }

  #change<T>(account: AccountId, work: (state: AccountState) => T): Promise<T> {
    const change: Work<unknown> = (file, tx) => {
      const result = work(file.state);
      tx.afterCommit(() => this.#feeds.publish({ kind: 'folders', account }));
      return result;
    };
    return this.#writes.run(account, change) as Promise<T>;
  }
}

function refuseExisting(state: AccountState, name: string): void {
  if (state.find(name) !== undefined) throw new Conflict('The folder exists already');
}

/** Why a name without a folder cannot be deleted. */
function missing(state: AccountState, name: string): Error {
  const hasBelow = [...state.folders].some((folder: FolderRow) => isBelow(folder.name, name));
  return hasBelow ? new Rejected('The folder has others below it') : new NotFound('There is no such folder');
}

function createParents(state: AccountState, name: string): void {
  const slash = name.lastIndexOf('/');
  if (slash === -1) return;
  const parent = name.slice(0, slash);
  if (state.find(parent) === undefined) state.addFolder(parent, null, false);
}
