/**
 * The reader thread: read-only connections to all accounts' files, for SELECT, FETCH, SEARCH and lists.
 * `handlers` go to lib/port-call's servePort, once for every port that main lays to this thread.
 *
 * 1. A call sees everything that was committed before it was made.
 * 2. `null` answers for an account without a file, or with mail in the intake: the client has the store thread see to it.
 * 3. It writes nothing; previews are handed to the store thread that asked.
 */
import { isDamage } from '../database/failures.ts';
import { type Handlers, transferring } from '../lib/port-call.ts';
import { type AccountId, brand, type FolderId, type ModSeq } from '../wire/ids.ts';
import { messageKey, uidOfKey } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';
import { packKeywords } from './changes.ts';
import { fetchPages } from './fetch-pages.ts';
import { folderList } from './folder-list.ts';
import { compareFolderNames, normalFolderName } from './folder-names.ts';
import { IntakeReader } from './intake-reader.ts';
import type { FolderInfo, FolderSnapshot, FolderStatus, FolderUsage, Usage } from './mailstore.ts';
import { OpenAccounts } from './open-accounts.ts';
import { createPreviewer } from './previews.ts';
import { NoFile, ReaderFile } from './reader-file.ts';
import { search } from './search.ts';
import type { ReaderApi } from './store-api.ts';

export interface ReaderServerOptions {
  readonly directory: string;
  /** How many store threads there are: set when they keep intakes (StoreServerOptions.thread). */
  readonly storeThreads?: number;
  readonly maxOpenFiles?: number;
  readonly idleCloseMs?: number;
}

export interface ReaderServer {
  readonly handlers: Handlers;
  close(): void;
}

export function createReaderServer(options: ReaderServerOptions): ReaderServer {
  const files = new OpenAccounts((account) => ReaderFile.open(options.directory, account as AccountId), {
    maxOpen: options.maxOpenFiles ?? 128,
    idleMs: options.idleCloseMs ?? 5000,
  });
  const intakes = options.storeThreads === undefined ? undefined : new IntakeReader(options.directory, options.storeThreads);
  const read = <T>(account: AccountId, isSettled: boolean, work: (file: ReaderFile) => T): T | null => {
    try {
      if (!isSettled && intakes?.has(account) === true) return null;
      const file = files.get(account);
      return file.connection.snapshot((() => work(file)) as never);
    } catch (error) {
      if (error instanceof NoFile) return null;
      if (isDamage(error)) files.close(account);
      throw error;
    }
  };

  const makePreviews = createPreviewer();

  const api: ReaderApi = {
    folders: (account, isSettled) => read(account, isSettled, listFolders),
    status: (account, isSettled, name) => read(account, isSettled, (file) => statusOf(file, file.named(normalFolderName(name)))),
    open: (account, isSettled, name) => read(account, isSettled, (file) => snapshotOf(file, file.named(normalFolderName(name)))),
    usage: (account, isSettled) => read(account, isSettled, usageOf),
    usageByFolder: (account, isSettled) => read(account, isSettled, usageByFolder),
    keywordNames: (account, isSettled) => read(account, isSettled, (file) => file.keywordNames()),
    search: (handle, criteria) =>
      files.keep(handle.account, async (file) => {
        file.withId(handle.folder);
        return search(file, handle.folder, criteria);
      }),
    fetch: async function* (request) {
      const file = files.get(request.handle.account);
      file.users += 1;
      try {
        file.withId(request.handle.folder);
        yield* fetchPages(file, request);
      } finally {
        file.users -= 1;
      }
    },
    previews: (account, contents) => files.keep(account, (file) => makePreviews(file, contents)),
    forget: (account) => files.close(account),
  };
  return {
    handlers: { ...api },
    close: () => {
      intakes?.close();
      files.closeAll();
    },
  };
}

function listFolders(file: ReaderFile): FolderInfo[] {
  const rows = file.folders(true);
  const there = rows.filter((row) => row.uid_validity !== 0).map(({ id, name, role }) => ({ id: brand<FolderId>(id), name, role }));
  return folderList(there, new Set(rows.filter((row) => row.subscribed === 1).map((row) => row.name)));
}

function usageOf(file: ReaderFile): Usage {
  const folders = file.folders();
  return {
    bytes: folders.reduce((sum, folder) => sum + folder.bytes, 0),
    messages: folders.reduce((sum, folder) => sum + folder.messages, 0),
  };
}

function usageByFolder(file: ReaderFile): FolderUsage[] {
  return file
    .folders()
    .sort((a, b) => compareFolderNames(a.name, b.name))
    .map(({ name, bytes, messages }) => ({ name, bytes, messages }));
}

function statusOf(file: ReaderFile, folder: FolderRow): FolderStatus {
  return {
    id: brand<FolderId>(folder.id),
    name: folder.name,
    uidValidity: folder.uid_validity,
    uidNext: folder.uid_next,
    highestModSeq: brand<ModSeq>(folder.modseq),
    messages: folder.messages,
    unseen: folder.unseen,
    deleted: folder.deleted,
    recent: file.recentCount(folder),
    sizeBytes: folder.bytes,
  };
}

type Row = [key: number, flags: number, low: number, high: number, modseq: number];

function snapshotOf(file: ReaderFile, folder: FolderRow): FolderSnapshot {
  const statement = file.connection.statement(
    'SELECT key, flags, keywords_low, keywords_high, modseq FROM message WHERE key BETWEEN ? AND ?',
  );
  const rows = statement.raw().all(messageKey(folder.id, 0), messageKey(folder.id + 1, 0) - 1) as Row[];
  const uids = new Uint32Array(rows.length);
  const flags = new Uint8Array(rows.length);
  const modseqs = new Float64Array(rows.length);
  let hasKeywords = false;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Row;
    uids[i] = uidOfKey(row[0]);
    flags[i] = row[1];
    modseqs[i] = row[4];
    if (row[2] !== 0 || row[3] !== 0) hasKeywords = true;
  }
  const keywords = hasKeywords
    ? packKeywords(
        rows.length,
        (i) => (rows[i] as Row)[2],
        (i) => (rows[i] as Row)[3],
      )
    : undefined;
  const snapshot = {
    ...statusOf(file, folder),
    uids,
    flags,
    ...(keywords && { keywords }),
    keywordNames: file.keywordNames(),
    modseqs,
    firstRecentUid: folder.recent_from,
  };
  return transferring(snapshot, [
    uids.buffer,
    flags.buffer,
    modseqs.buffer,
    ...(keywords === undefined ? [] : [keywords.buffer as ArrayBuffer]),
  ]);
}
