/**
 * Messages that come in: deliveries of the MDA, APPEND, and copies from other accounts.
 *
 * 1. A delivery id is noted in the transaction that stores its message: both are there or neither.
 * 2. A body over 1 MiB is written ahead in slices that no message names yet; the last, small transaction links it.
 *    What a crash leaves is swept when the file is opened (account-file.ts).
 * 3. A message is refused when usage has already reached the quota, not when it would exceed it, unless it was vouched for.
 */
import type { Tx } from '../database/connection.ts';
import { Invalid, Rejected } from '../lib/errors.ts';
import { brand, type FolderId, type Uid } from '../wire/ids.ts';
import type { AccountFile } from './account-file.ts';
import { deleteContent } from './account-file.ts';
import { CHUNK_BYTES, MAX_MESSAGE_BYTES } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { messagesChange } from './changes.ts';
import { normalFolderName } from './folder-names.ts';
import type { GroupedWrites, Work } from './grouped-writes.ts';
import type { WaitingDelivery } from './intake.ts';
import type { AppendRequest, Delivery, DeliveryOutcome, FolderHandle } from './mailstore.ts';
import { chunkCount, insertChunk, insertContent, insertMessage, type NewRow } from './message-rows.ts';
import { type StoredForm, storedForm } from './stored-form.ts';

const DAY_MS = 86_400_000;
/** Up to this size a message is stored in one transaction. */
const AT_ONCE_BYTES = CHUNK_BYTES;

/** A message copied from another account; `id` makes repeating it harmless. */
export interface Adoption {
  readonly handle: FolderHandle;
  readonly id: string;
  readonly raw: Uint8Array;
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly internalDateMs: number;
}

/** Stores the message with content id `content`, or one that `insertContent` makes on demand. */
type Link<T> = (file: AccountFile, tx: Tx, content: () => number) => T | Refused<T>;

interface Place {
  readonly file: AccountFile;
  readonly tx: Tx;
  readonly folder: FolderRow;
}

/** The outcome of a link that did not take the content. */
interface Refused<T> {
  readonly refused: T;
}

export class Incoming {
  readonly #writes: GroupedWrites;
  readonly #feeds: ChangeFeeds;

  constructor(writes: GroupedWrites, feeds: ChangeFeeds) {
    this.#writes = writes;
    this.#feeds = feeds;
  }

  deliver(delivery: Delivery): Promise<DeliveryOutcome> {
    const form = storedForm(delivery.raw);
    return this.#store<DeliveryOutcome>(delivery.account, form, delivery.raw, (file, tx, content) => {
      const { state, connection } = file;
      if (!delivery.vouched && isFull(file, delivery.quotaBytes)) {
        const known = connection.statement('SELECT 1 FROM delivery WHERE id=?').get(delivery.deliveryId) !== undefined;
        return { refused: { kind: known ? 'duplicate' : 'over-quota' } };
      }
      if (!noteDelivery(file, delivery.deliveryId)) return { refused: { kind: 'duplicate' } };
      const { folder, made } = targetFolder(file, delivery.folder);
      const row = {
        flags: delivery.flags ?? 0,
        keywordsLow: 0,
        keywordsHigh: 0,
        size: delivery.raw.length,
        receivedMs: delivery.receivedAtMs,
        sentMs: form.sentMs,
        content: content(),
      };
      const uid = this.#add({ file, tx, folder }, row, {});
      if (made) this.#foldersChanged(file, tx);
      state.saveFolder(folder);
      return { kind: 'stored', folder: brand<FolderId>(folder.id), uidValidity: folder.uid_validity, uid: brand<Uid>(uid) };
    });
  }

  /** Files what waited in the intake, inside a transaction of its account; a repeated id is left out. */
  file(file: AccountFile, tx: Tx, waiting: WaitingDelivery): void {
    const { state, connection } = file;
    if (!noteDelivery(file, waiting.deliveryId)) return;
    const form = storedForm(waiting.raw);
    const { folder, made } = state.withRole(waiting.role);
    const row = {
      flags: waiting.flags,
      keywordsLow: 0,
      keywordsHigh: 0,
      size: waiting.raw.length,
      receivedMs: waiting.receivedAtMs,
      sentMs: form.sentMs,
      content: insertContent(connection, form, waiting.raw),
    };
    this.#add({ file, tx, folder }, row, {});
    if (made) this.#foldersChanged(file, tx);
    state.saveFolder(folder);
  }

  append(request: AppendRequest, origin: string | undefined): Promise<{ uidValidity: number; uid: Uid }> {
    const form = storedForm(request.raw);
    return this.#store(request.handle.account, form, request.raw, (file, tx, content) => {
      const folder = file.state.withId(request.handle.folder);
      if (isFull(file, request.quotaBytes)) throw new Rejected('The mailbox is full');
      const uid = this.#addMarked({ file, tx, folder }, { ...request, form, content: content() }, origin);
      return { uidValidity: folder.uid_validity, uid };
    });
  }

  /** Gives the new UID, or null when it was adopted before. */
  adopt(adoption: Adoption): Promise<Uid | null> {
    const form = storedForm(adoption.raw);
    return this.#store<Uid | null>(adoption.handle.account, form, adoption.raw, (file, tx, content) => {
      const folder = file.state.withId(adoption.handle.folder);
      if (!noteDelivery(file, adoption.id)) return { refused: null };
      return this.#addMarked({ file, tx, folder }, { ...adoption, form, content: content() }, undefined);
    });
  }

  async #store<T>(account: Delivery['account'], form: StoredForm, raw: Uint8Array, link: Link<T>): Promise<T> {
    if (raw.length > MAX_MESSAGE_BYTES) throw new Invalid('raw', 'The message is too large');
    if (raw.length - form.headerBytes <= AT_ONCE_BYTES) {
      const work: Work<T | Refused<T>> = (file, tx) => link(file, tx, () => insertContent(file.connection, form, raw));
      return unwrap((await this.#writes.run(account, work as Work<unknown>)) as T | Refused<T>);
    }
    return this.#writes.files.keep(account, () => this.#storeLarge(account, form, raw, link));
  }

  async #storeLarge<T>(account: Delivery['account'], form: StoredForm, raw: Uint8Array, link: Link<T>): Promise<T> {
    const writes = this.#writes;
    const content = await writes.run(account, (file) => {
      file.state.countUnfinished(1);
      return insertContent(file.connection, form, raw);
    });
    try {
      for (let number = 1; number < chunkCount(form, raw); number++) {
        await writes.run(account, (file) => insertChunk(file.connection, { content, form, raw, number }));
      }
      const linkIt: Work<unknown> = (file, tx) => {
        const result = link(file, tx, () => content);
        if (isRefused(result)) deleteContent(file.connection, content);
        file.state.countUnfinished(-1);
        return result;
      };
      return unwrap((await writes.run(account, linkIt)) as T | Refused<T>);
    } catch (error) {
      // Should this fail too (the disk), the sweep at the next open does it.
      await writes
        .run(account, (file) => {
          deleteContent(file.connection, content);
          file.state.countUnfinished(-1);
        })
        .catch(() => undefined);
      throw error;
    }
  }

  #addMarked(
    at: Place,
    message: { flags: number; keywords: readonly string[]; internalDateMs: number; raw: Uint8Array; form: StoredForm; content: number },
    origin: string | undefined,
  ): Uid {
    const { state } = at.file;
    const bits = state.keywordBits(message.keywords, true);
    const row = {
      flags: message.flags,
      keywordsLow: bits.low,
      keywordsHigh: bits.high,
      size: message.raw.length,
      receivedMs: message.internalDateMs,
      sentMs: message.form.sentMs,
      content: message.content,
    };
    const uid = this.#add(at, row, { origin, keywordNames: bits.grew ? state.keywords : undefined });
    state.saveFolder(at.folder);
    return brand<Uid>(uid);
  }

  #add(
    { file, tx, folder }: Place,
    row: NewRow,
    told: { origin?: string | undefined; keywordNames?: readonly string[] | undefined },
  ): number {
    const modseq = file.state.bump(folder);
    const uid = insertMessage(file.connection, folder, modseq, row);
    file.wantPreview(row.content);
    if (this.#feeds.isHeard(file.id)) {
      const change = messagesChange({ account: file.id, folder: folder.id, modseq, added: [{ uid, ...row }], ...told });
      tx.afterCommit(() => this.#feeds.publish(change));
    }
    return uid;
  }

  #foldersChanged(file: AccountFile, tx: Tx): void {
    const change = { kind: 'folders', account: file.id } as const;
    tx.afterCommit(() => this.#feeds.publish(change));
  }
}

function isRefused<T>(result: T | Refused<T>): result is Refused<T> {
  return typeof result === 'object' && result !== null && 'refused' in result;
}

function unwrap<T>(result: T | Refused<T>): T {
  return isRefused(result) ? result.refused : result;
}

function isFull(file: AccountFile, quotaBytes: number | null): boolean {
  return quotaBytes !== null && file.state.usage.bytes >= quotaBytes;
}

/** False when the id was there already. */
function noteDelivery(file: AccountFile, id: string): boolean {
  const day = Math.floor(Date.now() / DAY_MS);
  return file.connection.statement('INSERT OR IGNORE INTO delivery VALUES(?,?)').run(id, day).changes === 1;
}

function targetFolder(file: AccountFile, where: Delivery['folder']): { folder: FolderRow; made: boolean } {
  if ('role' in where) return file.state.withRole(where.role);
  const name = normalFolderName(where.name);
  const folder = file.state.find(name);
  if (folder !== undefined) return { folder, made: false };
  return { folder: file.state.addFolder(name, null, true), made: true };
}
