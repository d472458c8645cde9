/**
 * The list of an account's folders as clients see it, from the folders that are there and the names that are subscribed.
 *
 * 1. A parent that is no folder itself is listed as not selectable (RFC 9051 §7.3.1 \NonExistent).
 * 2. A subscribed name without a folder stays listed, as `absent` (RFC 9051 §6.3.7: never unsubscribed by the server).
 */
import { brand, type FolderId } from '../wire/ids.ts';
import { ancestors, compareFolderNames } from './folder-names.ts';
import type { FolderInfo, FolderRole } from './mailstore.ts';

export interface StoredFolder {
  readonly id: FolderId;
  readonly name: string;
  readonly role: FolderRole | null;
}

/** INBOX first, then by name. */
export function folderList(folders: Iterable<StoredFolder>, subscribed: ReadonlySet<string>): FolderInfo[] {
  const byName = new Map<string, FolderInfo>();
  for (const { id, name, role } of folders) {
    byName.set(name, { id, name, role, subscribed: subscribed.has(name), selectable: true });
  }
  for (const name of [...byName.keys()]) {
    for (const parent of ancestors(name)) {
      if (byName.has(parent)) continue;
      byName.set(parent, { id: brand<FolderId>(0), name: parent, role: null, subscribed: subscribed.has(parent), selectable: false });
    }
  }
  for (const name of subscribed) {
    if (byName.has(name)) continue;
    byName.set(name, { id: brand<FolderId>(0), name, role: null, subscribed: true, selectable: false, absent: true });
  }
  return [...byName.values()].sort((a, b) => compareFolderNames(a.name, b.name));
}
