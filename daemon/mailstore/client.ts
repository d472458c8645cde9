/**
 * The mailstore as protocol, runner and main threads use it: the contract over ports to store and reader threads.
 *
 * 1. Writes go to the account's own store thread (id modulo their number), reads to a reader thread by the same rule.
 * 2. `raw` of a delivery or an append is transferred: the caller's array is empty afterwards.
 * 3. An account without a file is made on its first use, by its store thread.
 */
import { NotFound, OutOfSpace } from '../lib/errors.ts';
import { type PortSlot, transferring } from '../lib/port-call.ts';
import type { AccountId, Uid } from '../wire/ids.ts';
import { type CrossAccountSteps, copyAcross, moveAcross } from './cross-account.ts';
import { FeedClient } from './feed-client.ts';
import type * as Contract from './mailstore.ts';
import type { SearchCriteria } from './search-criteria.ts';
import type { ReaderApi, StoreApi } from './store-api.ts';

export interface MailstoreClientOptions {
  readonly stores: readonly PortSlot[];
  readonly readers: readonly PortSlot[];
  /** What a change listener threw, and other defects that no caller hears of. */
  readonly onDefect?: (error: unknown) => void;
}

export interface MailstoreClient extends Contract.Mailstore {
  /** Ends the change feeds. The ports are their owner's. */
  close(): void;
}

export function createMailstoreClient(options: MailstoreClientOptions): MailstoreClient {
  return new Client(options);
}

type ReadMethod = 'folders' | 'status' | 'open' | 'usage' | 'usageByFolder' | 'keywordNames';
type Answer<Method extends keyof StoreApi | keyof ReaderApi> = Awaited<ReturnType<(StoreApi & ReaderApi)[Method]>>;

class Client implements MailstoreClient {
  readonly #stores: readonly PortSlot[];
  readonly #readers: readonly PortSlot[];
  readonly #feeds: readonly FeedClient[];
  readonly #across: CrossAccountSteps;

  constructor({ stores, readers, onDefect = () => undefined }: MailstoreClientOptions) {
    this.#stores = stores;
    this.#readers = readers;
    this.#feeds = stores.map((slot) => new FeedClient(slot, onDefect));
    this.#across = {
      store: this,
      adopt: (adoption) => {
        const owned = { ...adoption, raw: ownBytes(adoption.raw) };
        return this.#store(adoption.handle.account).call('adopt', transferring(owned, [owned.raw.buffer as ArrayBuffer]));
      },
      keywordNames: (handle) => this.#read(handle.account, 'keywordNames'),
      uidValidity: async (handle) => {
        const folder = (await this.folders(handle.account)).find((candidate) => candidate.id === handle.folder);
        if (folder === undefined) throw new NotFound('There is no such folder');
        return (await this.status(handle.account, folder.name)).uidValidity;
      },
    };
  }

  deliver(delivery: Contract.Delivery): Promise<Contract.DeliveryOutcome> {
    const owned = { ...delivery, raw: ownBytes(delivery.raw) };
    return this.#store(delivery.account).call('deliver', transferring(owned, [owned.raw.buffer as ArrayBuffer]));
  }

  folders(account: AccountId): Promise<readonly Contract.FolderInfo[]> {
    return this.#read(account, 'folders');
  }

  createFolder(account: AccountId, name: string, role: Contract.FolderRole | null): Promise<Contract.FolderInfo> {
    return this.#store(account).call('createFolder', account, name, role);
  }

  deleteFolder(account: AccountId, name: string): Promise<void> {
    return this.#store(account).call('deleteFolder', account, name);
  }

  renameFolder(account: AccountId, from: string, to: string): Promise<void> {
    return this.#store(account).call('renameFolder', account, from, to);
  }

  subscribeFolder(account: AccountId, name: string, subscribed: boolean): Promise<void> {
    return this.#store(account).call('subscribeFolder', account, name, subscribed);
  }

  status(account: AccountId, name: string): Promise<Contract.FolderStatus> {
    return this.#read(account, 'status', name);
  }

  async open(account: AccountId, name: string, claimRecent: boolean): Promise<Contract.FolderSnapshot> {
    const snapshot = await this.#read(account, 'open', name);
    if (!claimRecent || snapshot.firstRecentUid >= snapshot.uidNext) return snapshot;
    const handle = { account, folder: snapshot.id };
    const first = await this.#store(account)
      .call<number>('claimRecent', handle, snapshot.uidNext)
      .catch((error: unknown) => {
        // A full disk keeps nobody from reading: the marks stay, and a second session may see them too (RFC 3501 §2.3.2).
        if (error instanceof OutOfSpace) return snapshot.firstRecentUid;
        throw error;
      });
    if (first === snapshot.firstRecentUid) return snapshot;
    // Another session was faster: what it took is not recent here.
    return { ...snapshot, firstRecentUid: first, recent: snapshot.uids.reduce((count, uid) => (uid >= first ? count + 1 : count), 0) };
  }

  append(request: Contract.AppendRequest, origin?: string): Promise<{ uidValidity: number; uid: Uid }> {
    const owned = { ...request, raw: ownBytes(request.raw) };
    return this.#store(request.handle.account).call('append', transferring(owned, [owned.raw.buffer as ArrayBuffer]), origin);
  }

  fetch(request: Contract.FetchRequest): AsyncIterable<Contract.FetchPage> {
    const { account } = request.handle;
    return this.#reader(account).stream<Contract.FetchPage>('fetch', { ...request, uids: ownUids(request.uids) });
  }

  storeFlags(request: Contract.StoreFlagsRequest, origin?: string): Promise<Contract.StoreFlagsResult> {
    return this.#store(request.handle.account).call('storeFlags', { ...request, uids: ownUids(request.uids) }, origin);
  }

  expunge(handle: Contract.FolderHandle, uids?: Uint32Array, options: { force?: boolean; origin?: string } = {}): Promise<Uint32Array> {
    return this.#store(handle.account).call('expunge', handle, uids && ownUids(uids), options);
  }

  copy(
    from: Contract.FolderHandle,
    uids: Uint32Array,
    to: Contract.FolderHandle,
    options: { quotaBytes: number | null },
  ): Promise<Contract.CopyResult> {
    const request = { from, uids: ownUids(uids), to, quotaBytes: options.quotaBytes };
    if (from.account !== to.account) return copyAcross(this.#across, request);
    return this.#store(to.account).call('copy', request);
  }

  move(
    from: Contract.FolderHandle,
    uids: Uint32Array,
    to: Contract.FolderHandle,
    options: { quotaBytes: number | null; origin?: string },
  ): Promise<Contract.CopyResult> {
    const request = { from, uids: ownUids(uids), to, quotaBytes: options.quotaBytes };
    if (from.account !== to.account) return moveAcross(this.#across, request, options.origin);
    return this.#store(to.account).call('move', { ...request, origin: options.origin });
  }

  search(handle: Contract.FolderHandle, criteria: SearchCriteria): Promise<Uint32Array> {
    return this.#reader(handle.account).call('search', handle, criteria);
  }

  usage(account: AccountId): Promise<Contract.Usage> {
    return this.#read(account, 'usage');
  }

  usageByFolder(account: AccountId): Promise<readonly Contract.FolderUsage[]> {
    return this.#read(account, 'usageByFolder');
  }

  async remove(account: AccountId): Promise<void> {
    await this.#store(account).call('remove', account);
    // All reader threads: another number of them may have served the account before.
    await Promise.all(this.#readers.map((reader) => reader.call('forget', account)));
  }

  subscribe(account: AccountId, listener: (change: Contract.Change) => void): Contract.Subscription {
    return (this.#feeds[account % this.#feeds.length] as FeedClient).subscribe(account, listener);
  }

  close(): void {
    for (const feed of this.#feeds) feed.close();
  }

  #store(account: AccountId): PortSlot {
    return this.#stores[account % this.#stores.length] as PortSlot;
  }

  #reader(account: AccountId): PortSlot {
    return this.#readers[account % this.#readers.length] as PortSlot;
  }

  /** Asks a reader thread; has the store thread make the account's file, or file what waits for it, when it has to. */
  async #read<Method extends ReadMethod>(account: AccountId, method: Method, ...args: unknown[]): Promise<NonNullable<Answer<Method>>> {
    const reader = this.#reader(account);
    const answer = await reader.call<Answer<Method> | null>(method, account, false, ...args);
    if (answer !== null) return answer as NonNullable<Answer<Method>>;
    await this.#store(account).call('create', account);
    const second = await reader.call<Answer<Method> | null>(method, account, true, ...args);
    if (second === null) throw new NotFound('There is no such account');
    return second as NonNullable<Answer<Method>>;
  }
}

/** Bytes whose buffer is theirs alone, so that it can be transferred. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** A view would drag the whole buffer behind it over the port. */
function ownUids(uids: Uint32Array): Uint32Array {
  return uids.byteLength === uids.buffer.byteLength ? uids : uids.slice();
}
