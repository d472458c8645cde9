/**
 * The maildrop of one session: INBOX as it was at log-in, numbered from 1, with the session's deletion marks.
 *
 * 1. Numbers never change within a session (RFC 1939 §4), whatever IMAP sessions do meanwhile.
 * 2. Nothing is removed before `commit` (QUIT).
 */
import { Field, Flag, type FolderHandle, type FolderSnapshot, type Mailstore } from '../../mailstore/mailstore.ts';
import type { AccountId } from '../../wire/ids.ts';

export class Maildrop {
  readonly #mailstore: Mailstore;
  readonly #handle: FolderHandle;
  readonly #snapshot: FolderSnapshot;
  readonly #sizes: Uint32Array;
  readonly #deleted: Uint8Array;
  readonly #read: Uint8Array;

  private constructor(mailstore: Mailstore, handle: FolderHandle, snapshot: FolderSnapshot, sizes: Uint32Array) {
    this.#mailstore = mailstore;
    this.#handle = handle;
    this.#snapshot = snapshot;
    this.#sizes = sizes;
    this.#deleted = new Uint8Array(snapshot.uids.length);
    this.#read = new Uint8Array(snapshot.uids.length);
  }

  static async open(mailstore: Mailstore, account: AccountId): Promise<Maildrop> {
    const snapshot = await mailstore.open(account, 'INBOX', false);
    const handle = { account, folder: snapshot.id };
    const sizes = new Uint32Array(snapshot.uids.length);
    let row = 0;
    for await (const page of mailstore.fetch({ handle, uids: snapshot.uids, fields: Field.size })) {
      for (let i = 0; i < page.uids.length; i++) {
        while (row < snapshot.uids.length && snapshot.uids[row] !== page.uids[i]) row++;
        if (row < sizes.length) sizes[row] = page.sizes?.[i] ?? 0;
      }
    }
    return new Maildrop(mailstore, handle, snapshot, sizes);
  }

  get length(): number {
    return this.#snapshot.uids.length;
  }

  /** True for a number of this session that is not marked as deleted. */
  has(number: number): boolean {
    return number >= 1 && number <= this.length && this.#deleted[number - 1] === 0;
  }

  *numbers(): Generator<number> {
    for (let number = 1; number <= this.length; number++) if (this.#deleted[number - 1] === 0) yield number;
  }

  sizeOf(number: number): number {
    return this.#sizes[number - 1] ?? 0;
  }

  /** RFC 1939 §7 UIDL: 1 to 70 characters, the same in every session. */
  uidlOf(number: number): string {
    return `${this.#snapshot.uidValidity}.${this.#snapshot.uids[number - 1]}`;
  }

  totals(): { readonly count: number; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const number of this.numbers()) {
      count += 1;
      bytes += this.sizeOf(number);
    }
    return { count, bytes };
  }

  /** The message in chunks. Ends early and says false when it is gone by now (expunged by another session). */
  async *bytes(number: number): AsyncGenerator<Buffer> {
    const uids = this.#snapshot.uids.subarray(number - 1, number).slice();
    for await (const page of this.#mailstore.fetch({ handle: this.#handle, uids, fields: Field.raw })) {
      const data = page.raw?.data;
      if (data !== undefined && data.length > 0) yield Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    }
  }

  markRead(number: number): void {
    this.#read[number - 1] = 1;
  }

  markDeleted(number: number): void {
    this.#deleted[number - 1] = 1;
  }

  unmarkAll(): void {
    this.#deleted.fill(0);
  }

  /** RFC 1939 §6 UPDATE state: removes what was marked; what was retrieved and stays becomes \Seen. */
  async commit(): Promise<void> {
    const removed = this.#snapshot.uids.filter((_uid, row) => this.#deleted[row] === 1);
    const seen = this.#snapshot.uids.filter(
      (_uid, row) => this.#read[row] === 1 && this.#deleted[row] === 0 && ((this.#snapshot.flags[row] ?? 0) & Flag.seen) === 0,
    );
    if (seen.length > 0)
      await this.#mailstore.storeFlags({ handle: this.#handle, uids: seen, mode: 'add', flags: Flag.seen, keywords: [] });
    if (removed.length > 0) await this.#mailstore.expunge(this.#handle, removed, { force: true });
  }
}
