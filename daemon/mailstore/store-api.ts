/** What the client asks of store and reader threads over their ports: the same names and shapes at both ends. */
import type { AccountId, Uid } from '../wire/ids.ts';
import type { CopyRequest } from './copy.ts';
import type { Adoption } from './deliver.ts';
import type { ExpungeOptions } from './expunge.ts';
import type {
  AppendRequest,
  Change,
  CopyResult,
  Delivery,
  DeliveryOutcome,
  FetchPage,
  FetchRequest,
  FolderHandle,
  FolderInfo,
  FolderRole,
  FolderSnapshot,
  FolderStatus,
  FolderUsage,
  StoreFlagsRequest,
  StoreFlagsResult,
  Usage,
} from './mailstore.ts';
import type { SearchCriteria } from './search-criteria.ts';

type Answer<T> = T | Promise<T>;

/** Writes of the accounts that hash to the thread. */
export interface StoreApi {
  deliver(delivery: Delivery): Promise<DeliveryOutcome>;
  append(request: AppendRequest, origin?: string): Promise<{ uidValidity: number; uid: Uid }>;
  adopt(adoption: Adoption): Promise<Uid | null>;
  storeFlags(request: StoreFlagsRequest, origin?: string): Promise<StoreFlagsResult>;
  expunge(handle: FolderHandle, uids: Uint32Array | undefined, options: ExpungeOptions): Promise<Uint32Array>;
  copy(request: CopyRequest): Promise<CopyResult>;
  move(request: CopyRequest): Promise<CopyResult>;
  createFolder(account: AccountId, name: string, role: FolderRole | null): Promise<FolderInfo>;
  deleteFolder(account: AccountId, name: string): Promise<void>;
  renameFolder(account: AccountId, from: string, to: string): Promise<void>;
  subscribeFolder(account: AccountId, name: string, subscribed: boolean): Promise<void>;
  /** Takes the \Recent marks up to `uidNext`; gives the first UID that is recent for the caller. */
  claimRecent(handle: FolderHandle, uidNext: number): Promise<number>;
  /** Makes the file with its standard folders when there is none, and files what waits. */
  create(account: AccountId): Promise<void>;
  remove(account: AccountId): Promise<void>;
  /** The change feed of one client; see ChangeFeeds. */
  feed(id: string): AsyncIterable<Change[]>;
  subscribe(feed: string, account: AccountId): void;
  unsubscribe(feed: string, account: AccountId): void;
}

/**
 * Reads of any account; each answers `null` when the store thread has something to do first: make the file, or file what
 * waits in its intake. The client asks it to (`create`) and reads again with `isSettled`.
 */
export interface ReaderApi {
  folders(account: AccountId, isSettled: boolean): Answer<readonly FolderInfo[] | null>;
  status(account: AccountId, isSettled: boolean, name: string): Answer<FolderStatus | null>;
  open(account: AccountId, isSettled: boolean, name: string): Answer<FolderSnapshot | null>;
  fetch(request: FetchRequest): AsyncIterable<FetchPage>;
  search(handle: FolderHandle, criteria: SearchCriteria): Promise<Uint32Array>;
  usage(account: AccountId, isSettled: boolean): Answer<Usage | null>;
  usageByFolder(account: AccountId, isSettled: boolean): Answer<readonly FolderUsage[] | null>;
  keywordNames(account: AccountId, isSettled: boolean): Answer<readonly string[] | null>;
  /** For store threads: texts for those of the contents that have one. */
  previews(account: AccountId, contents: readonly number[]): Promise<readonly Preview[]>;
  /** The account's file goes or is replaced: lets go of it. */
  forget(account: AccountId): void;
}

/** The beginning of a message's text in one line (RFC 8970). */
export interface Preview {
  readonly content: number;
  readonly text: string;
}
