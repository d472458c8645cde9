/**
 * The newest UID list of each folder that some session of this thread has selected, so that sessions on one folder share its memory.
 * 1. An entry lives as long as a session holds it: acquire() and release() are paired.
 */
import type { FolderSnapshot } from '../../mailstore/mailstore.ts';
import type { AccountId, FolderId } from '../../wire/ids.ts';
import { shareUidView, type UidView } from './uid-list.ts';

interface Entry {
  view: UidView;
  holders: number;
}

export class SharedFolders {
  readonly #entries = new Map<string, Entry>();

  acquire(account: AccountId, snapshot: FolderSnapshot): { view: UidView; release(): void } {
    const key = `${account}:${snapshot.id}`;
    const entry = this.#entries.get(key) ?? { view: shareUidView(snapshot.uids, undefined), holders: 0 };
    const view = shareUidView(snapshot.uids, entry.view);
    if (view.length >= entry.view.length || view.list !== entry.view.list) entry.view = view;
    entry.holders++;
    this.#entries.set(key, entry);
    let isHeld = true;
    return {
      view,
      release: () => {
        if (isHeld && --entry.holders === 0) this.#entries.delete(key);
        isHeld = false;
      },
    };
  }

  /** A session has come further than the others. */
  update(account: AccountId, folder: FolderId, view: UidView): void {
    const entry = this.#entries.get(`${account}:${folder}`);
    if (entry !== undefined) entry.view = view;
  }

  get size(): number {
    return this.#entries.size;
  }
}
