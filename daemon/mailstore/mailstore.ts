/**
 * The mailstore's contract: folders, messages, flags, bodies and the change feed of all accounts, asynchronously.
 * Nothing outside this folder knows that an account is a SQLite file. Every driver passes test/support/mailstore-contract.ts.
 *
 * 1. What resolved is durable: a promise of a write resolves after its commit (fsync).
 * 2. Everything that may be many crosses as columns (typed arrays) and concatenated bytes, in pages of at most 256 KiB.
 *    One message larger than that is a page of its own, or several when the request asks for slices.
 * 3. UIDs and modseqs only grow within a folder; a UIDVALIDITY never serves twice (RFC 9051 §2.3.1.1).
 * 4. Errors: NotFound (account, folder, message), Conflict (folder exists), Rejected (over quota, not allowed), Invalid, Unavailable.
 */
import type { AccountId, FolderId, ModSeq, Uid } from '../wire/ids.ts';
import type { SearchCriteria } from './search-criteria.ts';

/** System flags as bits of a `flags` column. */
export const Flag = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const;

/** RFC 6154 uses, and INBOX. */
export type FolderRole = 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive' | 'all' | 'flagged';

export interface FolderHandle {
  readonly account: AccountId;
  readonly folder: FolderId;
}

/** One folder of a LIST; names are NFC UTF-8 with `/` between levels, INBOX in capitals. */
export interface FolderInfo {
  readonly id: FolderId;
  readonly name: string;
  readonly role: FolderRole | null;
  readonly subscribed: boolean;
  /** False for a name that exists only as the parent of others (\NonExistent / \Noselect). */
  readonly selectable: boolean;
  /** Only a subscription is left of it: for LSUB and LIST (SUBSCRIBED), not for a plain LIST. */
  readonly absent?: true;
}

export interface FolderStatus {
  readonly id: FolderId;
  readonly name: string;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModSeq: ModSeq;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly recent: number;
  /** Octets of all messages. */
  readonly sizeBytes: number;
}

/** What SELECT needs. Columns run in ascending UID order, one entry a message. */
export interface FolderSnapshot extends FolderStatus {
  readonly uids: Uint32Array;
  readonly flags: Uint8Array;
  /** Bit n = keywordNames[n]; absent when no message of the folder has a keyword. */
  readonly keywords?: BigUint64Array;
  readonly keywordNames: readonly string[];
  readonly modseqs: Float64Array;
  /** Messages with a UID at or above this are \Recent for this session, also for one that does not claim them. */
  readonly firstRecentUid: number;
}

/** A message to be filed by the MDA. */
export interface Delivery {
  readonly account: AccountId;
  /** Where it goes: by role, or by name (made when absent). */
  readonly folder: { readonly role: FolderRole } | { readonly name: string };
  /** queue id + recipient, unique in the account and remembered 10 days: repeating a delivery is harmless. */
  readonly deliveryId: string;
  /** Unix time in ms, becomes INTERNALDATE. */
  readonly receivedAtMs: number;
  /** The whole message with trace fields, CRLF line ends. Transferred: the caller gives it away. */
  readonly raw: Uint8Array;
  readonly flags?: number;
  /** Bytes, null = unlimited. A message is refused only when usage already reaches it, unless `vouched`. */
  readonly quotaBytes: number | null;
  /** The space was promised before a 250: accept though the account is full. */
  readonly vouched: boolean;
}

export type DeliveryOutcome =
  /** Folder, uidValidity and uid are 0 when the message is filed later (durable already): with the account's next use. */
  | { readonly kind: 'stored'; readonly folder: FolderId; readonly uidValidity: number; readonly uid: Uid }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'over-quota' };

export interface AppendRequest {
  readonly handle: FolderHandle;
  readonly raw: Uint8Array;
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly internalDateMs: number;
  readonly quotaBytes: number | null;
}

/** Columns that a fetch may ask for; combine by `|`. */
export const Field = {
  flags: 1,
  modseq: 2,
  internalDate: 4,
  size: 8,
  /** Final IMAP form, `(... )` with literals where needed. */
  envelope: 16,
  bodyStructure: 32,
  /** BODY without extension data. */
  body: 64,
  /** The header block of the message, blank line included. */
  header: 128,
  /** The whole message. */
  raw: 256,
  /** Packed part tree (wire/mime packParts) to slice sections from `raw`. */
  parts: 512,
  preview: 1024,
} as const;

export interface FetchRequest {
  readonly handle: FolderHandle;
  /** Ascending. Absent messages are left out of the answer. */
  readonly uids: Uint32Array;
  readonly fields: number;
  /**
   * Bounds memory: `raw` of a message over 256 KiB comes in consecutive pages of that one message, told by `rawOffset`;
   * the first of them has the other columns, the last ends at the message's size.
   */
  readonly slices?: boolean;
}

/** Bytes of several rows: row i is data[offsets[i], offsets[i+1]). */
export interface BytesColumn {
  readonly data: Uint8Array;
  readonly offsets: Uint32Array;
}

export interface FetchPage {
  readonly uids: Uint32Array;
  readonly flags?: Uint8Array;
  readonly keywords?: BigUint64Array;
  readonly modseqs?: Float64Array;
  readonly internalDatesMs?: Float64Array;
  readonly sizes?: Uint32Array;
  readonly envelope?: BytesColumn;
  readonly bodyStructure?: BytesColumn;
  readonly body?: BytesColumn;
  readonly header?: BytesColumn;
  readonly raw?: BytesColumn;
  /** Where this page's `raw` starts in its only message; set on each slice and on nothing else. */
  readonly rawOffset?: number;
  readonly parts?: BytesColumn;
  readonly preview?: BytesColumn;
}

export interface StoreFlagsRequest {
  readonly handle: FolderHandle;
  readonly uids: Uint32Array;
  readonly mode: 'add' | 'remove' | 'replace';
  readonly flags: number;
  readonly keywords: readonly string[];
  /** CONDSTORE: rows changed since are left alone and named in `modified`. */
  readonly unchangedSince?: ModSeq;
}

export interface StoreFlagsResult {
  readonly uids: Uint32Array;
  readonly flags: Uint8Array;
  readonly keywords?: BigUint64Array;
  readonly modseqs: Float64Array;
  readonly keywordNames: readonly string[];
  readonly modified: Uint32Array;
}

export interface CopyResult {
  readonly uidValidity: number;
  readonly sourceUids: Uint32Array;
  readonly targetUids: Uint32Array;
}

export interface Usage {
  readonly bytes: number;
  readonly messages: number;
}

/** Per folder, for the storage page of a mailbox. */
export interface FolderUsage {
  readonly name: string;
  readonly bytes: number;
  readonly messages: number;
}

/**
 * What happened in an account, published after its commit, in order. Uids ascend within each array.
 * A subscriber that fell behind gets `resync` and reads again from its modseq.
 */
export type Change =
  | {
      readonly kind: 'messages';
      readonly account: AccountId;
      readonly folder: FolderId;
      readonly modseq: ModSeq;
      readonly added: Uint32Array;
      readonly addedFlags: Uint8Array;
      readonly addedKeywords?: BigUint64Array;
      readonly changed: Uint32Array;
      readonly changedFlags: Uint8Array;
      readonly changedKeywords?: BigUint64Array;
      readonly expunged: Uint32Array;
      /** Present when the account's keyword list grew. */
      readonly keywordNames?: readonly string[];
      /** Opaque mark of the session that caused it (`origin` argument), so that it can stay silent about its own. */
      readonly origin?: string;
    }
  | { readonly kind: 'folders'; readonly account: AccountId }
  | { readonly kind: 'removed'; readonly account: AccountId }
  | { readonly kind: 'resync'; readonly account: AccountId };

export interface Subscription {
  close(): void;
}

export interface Mailstore {
  deliver(delivery: Delivery): Promise<DeliveryOutcome>;

  /** All folders, INBOX first then by name; makes the account's file with its standard folders on first use. */
  folders(account: AccountId): Promise<readonly FolderInfo[]>;
  createFolder(account: AccountId, name: string, role: FolderRole | null): Promise<FolderInfo>;
  deleteFolder(account: AccountId, name: string): Promise<void>;
  /** Renames children too; renaming INBOX moves its messages (RFC 9051 §6.3.6). */
  renameFolder(account: AccountId, from: string, to: string): Promise<void>;
  subscribeFolder(account: AccountId, name: string, subscribed: boolean): Promise<void>;
  status(account: AccountId, name: string): Promise<FolderStatus>;
  /** `claimRecent`: a read-write SELECT takes the \Recent marks, EXAMINE does not. */
  open(account: AccountId, name: string, claimRecent: boolean): Promise<FolderSnapshot>;

  append(request: AppendRequest, origin?: string): Promise<{ uidValidity: number; uid: Uid }>;
  fetch(request: FetchRequest): AsyncIterable<FetchPage>;
  storeFlags(request: StoreFlagsRequest, origin?: string): Promise<StoreFlagsResult>;
  /** Removes messages with \Deleted (all, or among `uids`); `force` removes `uids` whatever their flags (POP3). */
  expunge(handle: FolderHandle, uids?: Uint32Array, options?: { force?: boolean; origin?: string }): Promise<Uint32Array>;
  copy(from: FolderHandle, uids: Uint32Array, to: FolderHandle, options: { quotaBytes: number | null }): Promise<CopyResult>;
  move(
    from: FolderHandle,
    uids: Uint32Array,
    to: FolderHandle,
    options: { quotaBytes: number | null; origin?: string },
  ): Promise<CopyResult>;
  /** Ascending UIDs that match. */
  search(handle: FolderHandle, criteria: SearchCriteria): Promise<Uint32Array>;

  usage(account: AccountId): Promise<Usage>;
  usageByFolder(account: AccountId): Promise<readonly FolderUsage[]>;
  /** Ends the account's file for good. */
  remove(account: AccountId): Promise<void>;

  /** Changes of `account` from now on, after commit and in order. */
  subscribe(account: AccountId, listener: (change: Change) => void): Subscription;
}
