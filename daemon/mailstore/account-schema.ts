/**
 * The layout of an account's file and its migrations (by user_version, daemon/database/open.ts).
 *
 * 1. Few b-trees, because each costs a page in an empty file and a little at every open. Files are opened cold for one delivery.
 * 2. message.key = folder * 2^32 + UID, a number below 2^53: one b-tree serves all folders, a folder is one key range.
 * 3. A message row is small and has all that SELECT, FETCH FLAGS, STORE and most searches read; what is computed once at
 *    delivery lies in `content`; the octets after the header block in `chunk`, keyed content * 4096 + number.
 * 4. COPY shares content: `shared.uses` counts its messages, no row means one.
 * 5. folder.uid_validity = 0 marks a name that is only subscribed.
 * 6. expunged.uids are pairs first, last of 32 bits each, little endian (RFC 7162 §3.2.5.2 VANISHED).
 */
import type { Migration, OpenOptions } from '../database/open.ts';

export const accountMigrations: readonly Migration[] = [
  `CREATE TABLE account(
     id INTEGER PRIMARY KEY,
     next_folder INTEGER NOT NULL,
     last_uid_validity INTEGER NOT NULL,
     modseq_floor INTEGER NOT NULL,
     keywords TEXT NOT NULL,
     unfinished INTEGER NOT NULL,
     swept_day INTEGER NOT NULL
   );
   CREATE TABLE folder(
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     role TEXT,
     subscribed INTEGER NOT NULL,
     uid_validity INTEGER NOT NULL,
     uid_next INTEGER NOT NULL,
     recent_from INTEGER NOT NULL,
     modseq INTEGER NOT NULL,
     messages INTEGER NOT NULL,
     unseen INTEGER NOT NULL,
     deleted INTEGER NOT NULL,
     bytes INTEGER NOT NULL
   );
   CREATE TABLE message(
     key INTEGER PRIMARY KEY,
     flags INTEGER NOT NULL,
     keywords_low INTEGER NOT NULL,
     keywords_high INTEGER NOT NULL,
     modseq INTEGER NOT NULL,
     size INTEGER NOT NULL,
     received_ms INTEGER NOT NULL,
     saved_ms INTEGER NOT NULL,
     sent_ms INTEGER,
     content INTEGER NOT NULL
   );
   CREATE TABLE content(
     id INTEGER PRIMARY KEY,
     envelope BLOB NOT NULL,
     body_structure BLOB NOT NULL,
     body BLOB NOT NULL,
     parts BLOB NOT NULL,
     preview BLOB,
     header BLOB NOT NULL
   );
   CREATE TABLE chunk(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
   CREATE TABLE shared(content INTEGER PRIMARY KEY, uses INTEGER NOT NULL);
   CREATE TABLE delivery(id TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE expunged(folder INTEGER, modseq INTEGER, uids BLOB NOT NULL, PRIMARY KEY(folder, modseq)) WITHOUT ROWID;`,
];

/** Measured on 8 KiB messages: 4 KiB pages write the least per delivery and keep an empty file at 40 KiB. */
export const accountFileOptions: OpenOptions = {
  migrations: accountMigrations,
  pageSize: 4096,
  incrementalVacuum: true,
  cacheKiB: 1024,
};

const UIDS = 2 ** 32;

export function messageKey(folder: number, uid: number): number {
  return folder * UIDS + uid;
}

export function uidOfKey(key: number): number {
  return key % UIDS;
}

export function folderOfKey(key: number): number {
  return Math.floor(key / UIDS);
}

/** The octets of one chunk row, and the size from which a body is written ahead in slices of it. */
export const CHUNK_BYTES = 1024 * 1024;
const CHUNKS = 4096;

export function chunkKey(content: number, number: number): number {
  return content * CHUNKS + number;
}

/** The largest message: chunk numbers have to fit. */
export const MAX_MESSAGE_BYTES = CHUNKS * CHUNK_BYTES;

/** How long a delivery id is remembered. */
export const DELIVERY_ID_DAYS = 10;

export const MAX_KEYWORDS = 64;
