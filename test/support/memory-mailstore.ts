/**
 * The mailstore in memory: small, slow and plain to see through. It says what the contract means, and the contract suite
 * (mailstore-contract.ts) holds the SQLite driver against it. Nothing outlives the process.
 */
import { Conflict, Invalid, NotFound, Rejected } from '../../daemon/lib/errors.ts';
import { folderList } from '../../daemon/mailstore/folder-list.ts';
import { ancestors, INBOX, isBelow, MAX_FOLDERS, normalFolderName, renamed, standardFolders } from '../../daemon/mailstore/folder-names.ts';
import type * as Contract from '../../daemon/mailstore/mailstore.ts';
import { Field, Flag } from '../../daemon/mailstore/mailstore.ts';
import { matcher } from '../../daemon/mailstore/match.ts';
import { searchText } from '../../daemon/mailstore/message-text.ts';
import type { SearchCriteria } from '../../daemon/mailstore/search-criteria.ts';
import { type StoredForm, storedForm } from '../../daemon/mailstore/stored-form.ts';
import { indexOfUid } from '../../daemon/mailstore/uid-set.ts';
import { type AccountId, brand, type FolderId, type ModSeq, type Uid } from '../../daemon/wire/ids.ts';

const PAGE_BYTES = 256 * 1024;
const MAX_KEYWORDS = 64;

interface Message {
  uid: number;
  flags: number;
  keywords: bigint;
  modseq: number;
  readonly internalDateMs: number;
  readonly raw: Uint8Array;
  readonly form: StoredForm;
}

interface Folder {
  readonly id: FolderId;
  name: string;
  readonly role: Contract.FolderRole | null;
  readonly uidValidity: number;
  uidNext: number;
  recentFrom: number;
  highestModSeq: number;
  messages: Message[];
}

interface Account {
  readonly id: AccountId;
  readonly folders: Map<string, Folder>;
  readonly subscribed: Set<string>;
  readonly keywords: string[];
  readonly deliveryIds: Set<string>;
  modseq: number;
  nextFolder: number;
  nextUidValidity: number;
}

type Listener = (change: Contract.Change) => void;

export class MemoryMailstore implements Contract.Mailstore {
  readonly #accounts = new Map<AccountId, Account>();
  readonly #listeners = new Map<AccountId, Set<Listener>>();

  async deliver(delivery: Contract.Delivery): Promise<Contract.DeliveryOutcome> {
    const account = this.#account(delivery.account);
    if (account.deliveryIds.has(delivery.deliveryId)) return { kind: 'duplicate' };
    if (!delivery.vouched && isFull(account, delivery.quotaBytes)) return { kind: 'over-quota' };
    const folder =
      'role' in delivery.folder ? this.#byRole(account, delivery.folder.role) : this.#byNameOrNew(account, delivery.folder.name);
    account.deliveryIds.add(delivery.deliveryId);
    const message = this.#add(account, folder, delivery.raw, {
      flags: delivery.flags ?? 0,
      keywords: 0n,
      internalDateMs: delivery.receivedAtMs,
    });
    this.#announce(account, folder, { added: [message] });
    return { kind: 'stored', folder: folder.id, uidValidity: folder.uidValidity, uid: brand<Uid>(message.uid) };
  }

  async folders(id: AccountId): Promise<readonly Contract.FolderInfo[]> {
    const account = this.#account(id);
    return folderList(account.folders.values(), account.subscribed);
  }

  async createFolder(id: AccountId, name: string, role: Contract.FolderRole | null): Promise<Contract.FolderInfo> {
    const account = this.#account(id);
    const normal = normalFolderName(name);
    if (account.folders.has(normal)) throw new Conflict('The folder exists already');
    if (role !== null && [...account.folders.values()].some((folder) => folder.role === role)) {
      throw new Conflict('Another folder serves this purpose already');
    }
    const folder = this.#create(account, normal, role);
    this.#foldersChanged(account);
    return { id: folder.id, name: normal, role, subscribed: account.subscribed.has(normal), selectable: true };
  }

  async deleteFolder(id: AccountId, name: string): Promise<void> {
    const account = this.#account(id);
    const normal = normalFolderName(name);
    if (normal === INBOX) throw new Rejected('INBOX cannot be deleted');
    const folder = account.folders.get(normal);
    if (folder === undefined) {
      if ([...account.folders.keys()].some((other) => isBelow(other, normal))) throw new Rejected('The folder has others below it');
      throw new NotFound('There is no such folder');
    }
    account.folders.delete(normal);
    this.#foldersChanged(account);
  }

  async renameFolder(id: AccountId, from: string, to: string): Promise<void> {
    const account = this.#account(id);
    const [source, target] = [normalFolderName(from), normalFolderName(to)];
    if (account.folders.has(target)) throw new Conflict('The folder exists already');
    if (source === INBOX) return this.#renameInbox(account, target);
    const pairs = renamed(account.folders.keys(), source, target);
    if (pairs.length === 0) throw new NotFound('There is no such folder');
    if (pairs.some(([, name]) => account.folders.has(name))) throw new Conflict('The folder exists already');
    const moved = pairs.map(([old, name]) => [account.folders.get(old) as Folder, name] as const);
    for (const [old] of pairs) account.folders.delete(old);
    for (const [folder, name] of moved) {
      folder.name = name;
      account.folders.set(name, folder);
    }
    this.#createAncestors(account, target);
    this.#foldersChanged(account);
  }

  async subscribeFolder(id: AccountId, name: string, subscribed: boolean): Promise<void> {
    const account = this.#account(id);
    const normal = normalFolderName(name);
    if (subscribed) account.subscribed.add(normal);
    else account.subscribed.delete(normal);
    this.#foldersChanged(account);
  }

  async status(id: AccountId, name: string): Promise<Contract.FolderStatus> {
    return statusOf(this.#named(this.#account(id), name));
  }

  async open(id: AccountId, name: string, claimRecent: boolean): Promise<Contract.FolderSnapshot> {
    const account = this.#account(id);
    const folder = this.#named(account, name);
    const status = statusOf(folder);
    const firstRecentUid = folder.recentFrom;
    if (claimRecent) folder.recentFrom = folder.uidNext;
    const { messages } = folder;
    return {
      ...status,
      uids: uidsOf(messages),
      flags: flagsOf(messages),
      ...keywordsOf(messages),
      keywordNames: [...account.keywords],
      modseqs: Float64Array.from(messages, (message) => message.modseq),
      firstRecentUid,
    };
  }

  async append(request: Contract.AppendRequest, origin?: string): Promise<{ uidValidity: number; uid: Uid }> {
    const { account, folder } = this.#opened(request.handle);
    if (isFull(account, request.quotaBytes)) throw new Rejected('The mailbox is full');
    const known = account.keywords.length;
    const keywords = this.#keywordBits(account, request.keywords, true);
    const message = this.#add(account, folder, request.raw, { ...request, keywords });
    this.#announce(account, folder, { added: [message], origin, grew: account.keywords.length > known });
    return { uidValidity: folder.uidValidity, uid: brand<Uid>(message.uid) };
  }

  async *fetch(request: Contract.FetchRequest): AsyncGenerator<Contract.FetchPage> {
    const { folder } = this.#opened(request.handle);
    const chosen = folder.messages.filter((message) => indexOfUid(request.uids, message.uid) !== -1);
    for (let at = 0; at < chosen.length; ) {
      const from = at;
      let bytes = 0;
      do bytes += pageWeight(chosen[at++] as Message, request.fields);
      while (at < chosen.length && bytes + pageWeight(chosen[at] as Message, request.fields) <= PAGE_BYTES);
      const page = pageOf(chosen.slice(from, at), request.fields);
      if (request.slices === true && page.raw !== undefined && page.raw.data.length > PAGE_BYTES) yield* slicesOf(page);
      else yield page;
    }
  }

  async storeFlags(request: Contract.StoreFlagsRequest, origin?: string): Promise<Contract.StoreFlagsResult> {
    const { account, folder } = this.#opened(request.handle);
    const known = account.keywords.length;
    const keywords = this.#keywordBits(account, request.keywords, request.mode !== 'remove');
    const modified: number[] = [];
    const touched: Message[] = [];
    const changed: Message[] = [];
    const modseq = account.modseq + 1;
    for (const message of folder.messages) {
      if (indexOfUid(request.uids, message.uid) === -1) continue;
      if (request.unchangedSince !== undefined && message.modseq > request.unchangedSince) {
        modified.push(message.uid);
        continue;
      }
      touched.push(message);
      if (applyFlags(message, request, keywords)) {
        message.modseq = modseq;
        changed.push(message);
      }
    }
    if (changed.length > 0) {
      this.#bump(account, folder);
      this.#announce(account, folder, { changed, origin, grew: account.keywords.length > known });
    }
    return {
      uids: uidsOf(touched),
      flags: flagsOf(touched),
      ...keywordsOf(touched),
      modseqs: Float64Array.from(touched, (message) => message.modseq),
      keywordNames: [...account.keywords],
      modified: Uint32Array.from(modified),
    };
  }

  async expunge(
    handle: Contract.FolderHandle,
    uids?: Uint32Array,
    options: { force?: boolean; origin?: string } = {},
  ): Promise<Uint32Array> {
    const { account, folder } = this.#opened(handle);
    const goes = (message: Message): boolean =>
      (uids === undefined || indexOfUid(uids, message.uid) !== -1) && (options.force === true || (message.flags & Flag.deleted) !== 0);
    return uidsOf(this.#expunge(account, folder, goes, options.origin));
  }

  async copy(
    from: Contract.FolderHandle,
    uids: Uint32Array,
    to: Contract.FolderHandle,
    options: { quotaBytes: number | null },
  ): Promise<Contract.CopyResult> {
    const source = this.#opened(from);
    const target = this.#opened(to);
    const chosen = source.folder.messages.filter((message) => indexOfUid(uids, message.uid) !== -1);
    const growth = chosen.reduce((sum, message) => sum + message.raw.length, 0);
    if (options.quotaBytes !== null && usageOf(target.account).bytes + growth > options.quotaBytes)
      throw new Rejected('The mailbox is full');
    return this.#copy(source, chosen, target);
  }

  async move(
    from: Contract.FolderHandle,
    uids: Uint32Array,
    to: Contract.FolderHandle,
    options: { quotaBytes: number | null; origin?: string },
  ): Promise<Contract.CopyResult> {
    const source = this.#opened(from);
    const target = this.#opened(to);
    const chosen = source.folder.messages.filter((message) => indexOfUid(uids, message.uid) !== -1);
    const growth = from.account === to.account ? 0 : chosen.reduce((sum, message) => sum + message.raw.length, 0);
    if (growth > 0 && options.quotaBytes !== null && usageOf(target.account).bytes + growth > options.quotaBytes) {
      throw new Rejected('The mailbox is full');
    }
    const result = this.#copy(source, chosen, target);
    const gone = new Set(chosen);
    this.#expunge(source.account, source.folder, (message) => gone.has(message), options.origin);
    return result;
  }

  async search(handle: Contract.FolderHandle, criteria: SearchCriteria): Promise<Uint32Array> {
    const { account, folder } = this.#opened(handle);
    const matches = matcher(criteria);
    const found = folder.messages.filter((message) =>
      matches({
        uid: message.uid,
        flags: message.flags,
        sizeBytes: message.raw.length,
        receivedMs: message.internalDateMs,
        sentMs: message.form.sentMs ?? message.internalDateMs,
        modseq: message.modseq,
        hasKeyword: (name) => (message.keywords & this.#keywordBits(account, [name], false)) !== 0n,
        text: () => searchText(message.raw.subarray(0, message.form.headerBytes), () => message.raw),
      }),
    );
    return uidsOf(found);
  }

  async usage(id: AccountId): Promise<Contract.Usage> {
    return usageOf(this.#account(id));
  }

  async usageByFolder(id: AccountId): Promise<readonly Contract.FolderUsage[]> {
    const account = this.#account(id);
    return folderList(account.folders.values(), new Set())
      .filter((info) => info.selectable)
      .map(({ name }) => {
        const { sizeBytes, messages } = statusOf(account.folders.get(name) as Folder);
        return { name, bytes: sizeBytes, messages };
      });
  }

  async remove(id: AccountId): Promise<void> {
    this.#accounts.delete(id);
    this.#emit(id, { kind: 'removed', account: id });
  }

  subscribe(id: AccountId, listener: Listener): Contract.Subscription {
    const listeners = this.#listeners.get(id) ?? new Set<Listener>();
    this.#listeners.set(id, listeners);
    // A listener of its own, so that the same function may subscribe twice.
    const own: Listener = (change) => listener(change);
    listeners.add(own);
    return { close: () => void listeners.delete(own) };
  }

  #account(id: AccountId): Account {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      account = {
        id,
        folders: new Map(),
        subscribed: new Set(),
        keywords: [],
        deliveryIds: new Set(),
        modseq: 1,
        nextFolder: 1,
        nextUidValidity: Math.floor(Date.now() / 1000),
      };
      this.#accounts.set(id, account);
      for (const { name, role } of standardFolders) {
        this.#create(account, name, role);
        account.subscribed.add(name);
      }
    }
    return account;
  }

  #named(account: Account, name: string): Folder {
    const folder = account.folders.get(normalFolderName(name));
    if (folder === undefined) throw new NotFound('There is no such folder');
    return folder;
  }

  #opened(handle: Contract.FolderHandle): { account: Account; folder: Folder } {
    const account = this.#account(handle.account);
    const folder = [...account.folders.values()].find((candidate) => candidate.id === handle.folder);
    if (folder === undefined) throw new NotFound('There is no such folder');
    return { account, folder };
  }

  #byRole(account: Account, role: Contract.FolderRole): Folder {
    const found = [...account.folders.values()].find((folder) => folder.role === role);
    if (found !== undefined) return found;
    const standard = standardFolders.find((folder) => folder.role === role);
    if (standard === undefined) throw new Invalid('folder', 'No folder can be made for this purpose');
    const named = account.folders.get(standard.name);
    if (named !== undefined) return named;
    this.#foldersChanged(account);
    return this.#create(account, standard.name, role);
  }

  #byNameOrNew(account: Account, name: string): Folder {
    const normal = normalFolderName(name);
    const found = account.folders.get(normal);
    if (found !== undefined) return found;
    const made = this.#create(account, normal, null);
    account.subscribed.add(normal);
    this.#foldersChanged(account);
    return made;
  }

  #create(account: Account, name: string, role: Contract.FolderRole | null): Folder {
    if (account.folders.size >= MAX_FOLDERS) throw new Rejected('The account has too many folders');
    this.#createAncestors(account, name);
    const folder: Folder = {
      id: brand<FolderId>(account.nextFolder++),
      name,
      role,
      uidValidity: account.nextUidValidity++,
      uidNext: 1,
      recentFrom: 1,
      highestModSeq: ++account.modseq,
      messages: [],
    };
    account.folders.set(name, folder);
    return folder;
  }

  #createAncestors(account: Account, name: string): void {
    for (const parent of ancestors(name)) {
      if (!account.folders.has(parent)) this.#create(account, parent, null);
    }
  }

  #renameInbox(account: Account, target: string): void {
    const inbox = this.#named(account, INBOX);
    const folder = this.#create(account, target, null);
    this.#foldersChanged(account);
    this.#copy({ account, folder: inbox }, inbox.messages, { account, folder });
    this.#expunge(account, inbox, () => true, undefined);
  }

  #add(account: Account, folder: Folder, raw: Uint8Array, as: Pick<Message, 'flags' | 'keywords' | 'internalDateMs'>): Message {
    const message: Message = {
      uid: folder.uidNext++,
      flags: as.flags,
      keywords: as.keywords,
      modseq: this.#bump(account, folder),
      internalDateMs: as.internalDateMs,
      raw: raw.slice(),
      form: storedForm(raw),
    };
    folder.messages.push(message);
    return message;
  }

  #copy(
    source: { folder: Folder; account: Account },
    chosen: readonly Message[],
    target: { folder: Folder; account: Account },
  ): Contract.CopyResult {
    const added: Message[] = [];
    const known = target.account.keywords.length;
    for (const message of [...chosen]) {
      const names = source.account.keywords.filter((_, bit) => (message.keywords & (1n << BigInt(bit))) !== 0n);
      const keywords = this.#keywordBits(target.account, names, true);
      added.push(this.#add(target.account, target.folder, message.raw, { ...message, keywords }));
    }
    if (added.length > 0) this.#announce(target.account, target.folder, { added, grew: target.account.keywords.length > known });
    return { uidValidity: target.folder.uidValidity, sourceUids: uidsOf(chosen), targetUids: uidsOf(added) };
  }

  #expunge(account: Account, folder: Folder, goes: (message: Message) => boolean, origin: string | undefined): Message[] {
    const gone = folder.messages.filter(goes);
    if (gone.length === 0) return gone;
    folder.messages = folder.messages.filter((message) => !goes(message));
    this.#bump(account, folder);
    this.#announce(account, folder, { expunged: gone, origin });
    return gone;
  }

  #bump(account: Account, folder: Folder): number {
    account.modseq += 1;
    folder.highestModSeq = account.modseq;
    return account.modseq;
  }

  #keywordBits(account: Account, names: readonly string[], grow: boolean): bigint {
    let bits = 0n;
    for (const name of names) {
      let bit = account.keywords.findIndex((known) => known.toLowerCase() === name.toLowerCase());
      if (bit === -1) {
        if (!grow) continue;
        if (account.keywords.length === MAX_KEYWORDS) throw new Rejected('The account has too many keywords');
        bit = account.keywords.push(name) - 1;
      }
      bits |= 1n << BigInt(bit);
    }
    return bits;
  }

  #announce(
    account: Account,
    folder: Folder,
    what: { added?: Message[]; changed?: Message[]; expunged?: Message[]; origin?: string | undefined; grew?: boolean },
  ): void {
    const { added = [], changed = [], expunged = [] } = what;
    const addedKeywords = keywordsOf(added).keywords;
    const changedKeywords = keywordsOf(changed).keywords;
    this.#emit(account.id, {
      kind: 'messages',
      account: account.id,
      folder: folder.id,
      modseq: brand<ModSeq>(folder.highestModSeq),
      added: uidsOf(added),
      addedFlags: flagsOf(added),
      ...(addedKeywords && { addedKeywords }),
      changed: uidsOf(changed),
      changedFlags: flagsOf(changed),
      ...(changedKeywords && { changedKeywords }),
      expunged: uidsOf(expunged),
      ...(what.grew === true && { keywordNames: [...account.keywords] }),
      ...(what.origin !== undefined && { origin: what.origin }),
    });
  }

  #foldersChanged(account: Account): void {
    this.#emit(account.id, { kind: 'folders', account: account.id });
  }

  #emit(id: AccountId, change: Contract.Change): void {
    for (const listener of this.#listeners.get(id) ?? []) queueMicrotask(() => listener(change));
  }
}

function isFull(account: Account, quotaBytes: number | null): boolean {
  return quotaBytes !== null && usageOf(account).bytes >= quotaBytes;
}

function usageOf(account: Account): Contract.Usage {
  let bytes = 0;
  let messages = 0;
  for (const folder of account.folders.values()) {
    messages += folder.messages.length;
    for (const message of folder.messages) bytes += message.raw.length;
  }
  return { bytes, messages };
}

function applyFlags(message: Message, request: Contract.StoreFlagsRequest, keywords: bigint): boolean {
  const { flags: oldFlags, keywords: oldKeywords } = message;
  if (request.mode === 'add') {
    message.flags |= request.flags;
    message.keywords |= keywords;
  } else if (request.mode === 'remove') {
    message.flags &= ~request.flags;
    message.keywords &= ~keywords;
  } else {
    message.flags = request.flags;
    message.keywords = keywords;
  }
  return message.flags !== oldFlags || message.keywords !== oldKeywords;
}

function statusOf(folder: Folder): Contract.FolderStatus {
  const count = (matches: (message: Message) => boolean): number => folder.messages.filter(matches).length;
  return {
    id: folder.id,
    name: folder.name,
    uidValidity: folder.uidValidity,
    uidNext: folder.uidNext,
    highestModSeq: brand<ModSeq>(folder.highestModSeq),
    messages: folder.messages.length,
    unseen: count((message) => (message.flags & Flag.seen) === 0),
    deleted: count((message) => (message.flags & Flag.deleted) !== 0),
    recent: count((message) => message.uid >= folder.recentFrom),
    sizeBytes: folder.messages.reduce((sum, message) => sum + message.raw.length, 0),
  };
}

function uidsOf(messages: readonly Message[]): Uint32Array {
  return Uint32Array.from(messages, (message) => message.uid);
}

function flagsOf(messages: readonly Message[]): Uint8Array {
  return Uint8Array.from(messages, (message) => message.flags);
}

function keywordsOf(messages: readonly Message[]): { keywords?: BigUint64Array } {
  if (messages.every((message) => message.keywords === 0n)) return {};
  return { keywords: BigUint64Array.from(messages, (message) => message.keywords) };
}

const bytesFields: readonly (readonly [keyof typeof Field & keyof Contract.FetchPage, (message: Message) => Uint8Array])[] = [
  ['envelope', (message) => message.form.envelope],
  ['bodyStructure', (message) => message.form.bodyStructure],
  ['body', (message) => message.form.body],
  ['header', (message) => message.raw.subarray(0, message.form.headerBytes)],
  ['raw', (message) => message.raw],
  ['parts', (message) => message.form.parts],
  ['preview', () => new Uint8Array(0)],
];

function pageWeight(message: Message, fields: number): number {
  return bytesFields.reduce((sum, [field, bytes]) => ((fields & Field[field]) === 0 ? sum : sum + bytes(message).length), 32);
}

function* slicesOf(page: Contract.FetchPage): Generator<Contract.FetchPage> {
  const { data } = page.raw as Contract.BytesColumn;
  for (let at = 0; at < data.length; at += PAGE_BYTES) {
    const slice = data.slice(at, at + PAGE_BYTES);
    yield { ...(at === 0 ? page : { uids: page.uids }), raw: { data: slice, offsets: Uint32Array.of(0, slice.length) }, rawOffset: at };
  }
}

function pageOf(messages: readonly Message[], fields: number): Contract.FetchPage {
  const columns: Record<string, Contract.BytesColumn> = {};
  for (const [field, bytes] of bytesFields) {
    if ((fields & Field[field]) === 0) continue;
    const chunks = messages.map(bytes);
    const offsets = new Uint32Array(chunks.length + 1);
    for (const [i, chunk] of chunks.entries()) offsets[i + 1] = (offsets[i] as number) + chunk.length;
    columns[field] = { data: new Uint8Array(Buffer.concat(chunks)), offsets };
  }
  return {
    uids: uidsOf(messages),
    ...((fields & Field.flags) !== 0 && { flags: flagsOf(messages), ...keywordsOf(messages) }),
    ...((fields & Field.modseq) !== 0 && { modseqs: Float64Array.from(messages, (message) => message.modseq) }),
    ...((fields & Field.internalDate) !== 0 && { internalDatesMs: Float64Array.from(messages, (message) => message.internalDateMs) }),
    ...((fields & Field.size) !== 0 && { sizes: Uint32Array.from(messages, (message) => message.raw.length) }),
    ...columns,
  };
}
