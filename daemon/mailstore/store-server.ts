/**
 * The store thread: it owns the files of the accounts that hash to it and is the only one that writes them.
 * `handlers` go to lib/port-call's servePort, once for every port that main lays to this thread.
 *
 * 1. Everything is durable before it is answered (grouped-writes.ts).
 * 2. Changes are published after their commit (change-feed.ts), totals within a second (usage-reports.ts).
 * 3. Beside short writes it does background work in idle slices: previews, giving freed pages back.
 */
import { rmSync } from 'node:fs';
import type { Tx } from '../database/connection.ts';
import type { Handlers, PortSlot } from '../lib/port-call.ts';
import type { AccountId } from '../wire/ids.ts';
import { AccountFile, accountPath } from './account-file.ts';
import { AccountTemplate } from './account-template.ts';
import { ChangeFeeds } from './change-feed.ts';
import { ColdDeliveries } from './cold-deliveries.ts';
import { copyWithin, moveWithin } from './copy.ts';
import { Incoming } from './deliver.ts';
import { expunge } from './expunge.ts';
import { FolderWrites } from './folder-writes.ts';
import { GroupedWrites } from './grouped-writes.ts';
import { IdleWork } from './idle-work.ts';
import { Intake, type IntakeThread } from './intake.ts';
import type { FolderHandle } from './mailstore.ts';
import { OpenAccounts } from './open-accounts.ts';
import type { StoreApi } from './store-api.ts';
import { storeFlags } from './store-flags.ts';
import { UsageReports, type UsageRows } from './usage-reports.ts';

export interface StoreServerOptions {
  /** Where accounts/<id>.db lie; it has to exist. */
  readonly directory: string;
  /** Totals of accounts that changed, at most a second old. */
  readonly onUsage?: (rows: UsageRows) => void;
  /** Resolves once the marks are durable; asked once per account and start, before its first write. */
  readonly markDirty?: (accounts: readonly AccountId[]) => Promise<void>;
  /** A reader thread that makes previews; without it there are none. */
  readonly previews?: PortSlot;
  /** UIDVALIDITYs of new files start at or above this (rule 7 of the design). */
  readonly firstUidValidity?: number;
  /** Which of how many store threads this is: lets deliveries to cold accounts share a commit (intake.ts). */
  readonly thread?: IntakeThread;
  readonly maxOpenFiles?: number;
  readonly idleCloseMs?: number;
}

export interface StoreServer {
  readonly handlers: Handlers;
  /** Reports the last totals and closes all files: what follows fails. */
  close(): void;
}

export function createStoreServer(options: StoreServerOptions): StoreServer {
  const parts = assemble(options);
  const { files, usage, idle, intake, cold } = parts;
  return {
    handlers: { ...storeApi(parts, options.directory) },
    close: () => {
      idle.stop();
      cold?.stop();
      intake?.close();
      usage.flush();
      files.closeAll();
    },
  };
}

/** The thread's parts, each told of what the others need to hear of it. */
function assemble(options: StoreServerOptions) {
  const template = new AccountTemplate(Math.max(options.firstUidValidity ?? 1, 1));
  const files = new OpenAccounts((account) => AccountFile.open(options.directory, account as AccountId, template), {
    maxOpen: options.maxOpenFiles ?? 128,
    idleMs: options.idleCloseMs ?? 10_000,
  });
  const feeds = new ChangeFeeds();
  const usage = new UsageReports(options.onUsage);
  const idle = new IdleWork(files, options.previews);
  const intake = options.thread && new Intake(options.directory, options.thread);
  const fileWaiting = (file: AccountFile, tx: Tx): void => {
    for (const waiting of intake?.waitingFor(file.id) ?? []) incoming.file(file, tx, waiting);
  };
  const writes = new GroupedWrites(files, {
    markDirty: options.markDirty,
    beforeWork: fileWaiting,
    afterWrite: (file) => {
      const total = file.state.usage;
      intake?.filed(file.id);
      cold?.known(file.id, total);
      usage.note(file.id, total);
      idle.note(file);
    },
  });
  const incoming = new Incoming(writes, feeds);
  const cold =
    intake &&
    new ColdDeliveries(intake, {
      directory: options.directory,
      isWarm: (account) => files.peek(account) !== undefined || feeds.isHeard(account),
      settle: (account) => writes.run(account, () => undefined),
      onUsage: (account, total) => usage.note(account, total),
    });
  intake?.adoptForeign((waiting) => files.get(waiting.account).write((tx) => incoming.file(files.get(waiting.account), tx, waiting)));
  return { files, feeds, usage, idle, intake, cold, incoming, writes };
}

function storeApi({ files, feeds, usage, intake, cold, incoming, writes }: ReturnType<typeof assemble>, directory: string): StoreApi {
  const folders = new FolderWrites(writes, feeds);
  const keep = <T>(account: AccountId, work: () => Promise<T>): Promise<T> => files.keep(account, work);
  return {
    deliver: (delivery) => cold?.deliver(delivery) ?? incoming.deliver(delivery),
    append: (request, origin) => incoming.append(request, origin),
    adopt: (adoption) => incoming.adopt(adoption),
    storeFlags: (request, origin) => storeFlags(writes, feeds, request, origin),
    expunge: (handle, uids, how) => expunge(writes, feeds, handle, { ...how, uids }),
    copy: (request) => keep(request.to.account, () => copyWithin(writes, feeds, request)),
    move: (request) => keep(request.to.account, () => moveWithin(writes, feeds, request)),
    createFolder: (account, name, role) => folders.create(account, name, role),
    deleteFolder: (account, name) => folders.remove(account, name),
    renameFolder: (account, from, to) => folders.rename(account, from, to),
    subscribeFolder: (account, name, subscribed) => folders.subscribe(account, name, subscribed),
    claimRecent: (handle, uidNext) => claimRecent(writes, handle, uidNext),
    create: (account) => writes.run(account, () => undefined),
    remove: async (account) => {
      // After the writes that were asked for before: they are grouped into this turn.
      await writes.run(account, () => undefined);
      files.close(account);
      for (const suffix of ['', '-wal', '-shm']) rmSync(accountPath(directory, account) + suffix, { force: true });
      usage.forget(account);
      cold?.forget(account);
      intake?.flush();
      feeds.publish({ kind: 'removed', account });
    },
    feed: (id) => feeds.open(id),
    subscribe: (id, account) => feeds.subscribe(id, account),
    unsubscribe: (id, account) => feeds.unsubscribe(id, account),
  };
}

/** RFC 3501 §2.3.2: one session gets the marks. `uidNext` is what it has seen: later messages stay recent. */
function claimRecent(writes: GroupedWrites, handle: FolderHandle, uidNext: number): Promise<number> {
  return writes.run(handle.account, (file) => {
    const folder = file.state.withId(handle.folder);
    const first = folder.recent_from;
    if (first < uidNext) {
      folder.recent_from = Math.min(uidNext, folder.uid_next);
      file.state.saveFolder(folder);
    }
    return first;
  });
}
