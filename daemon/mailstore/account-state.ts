/**
 * The small rows of an account that every operation needs, held in memory while its file is open: its folders, keywords and counters.
 *
 * 1. Changes are made to the objects and written by `saveFolder` or `saveAccount` in the same transaction.
 * 2. After a rollback the caller loads it anew: memory never runs ahead of the file.
 * 3. One modseq counter serves the whole account, so that it also grows within each folder (RFC 7162 §3.1).
 */
import type { Connection } from '../database/connection.ts';
import { Invalid, NotFound, Rejected, Unavailable } from '../lib/errors.ts';
import { MAX_KEYWORDS } from './account-schema.ts';
import { ancestors, INBOX, MAX_FOLDERS, standardFolders } from './folder-names.ts';
import type { FolderRole, Usage } from './mailstore.ts';

export interface FolderRow {
  readonly id: number;
  name: string;
  readonly role: FolderRole | null;
  subscribed: number;
  uid_validity: number;
  uid_next: number;
  recent_from: number;
  modseq: number;
  messages: number;
  unseen: number;
  deleted: number;
  bytes: number;
}

interface AccountRow {
  readonly next_folder: number;
  readonly last_uid_validity: number;
  readonly modseq_floor: number;
  readonly keywords: string;
  readonly unfinished: number;
  readonly swept_day: number;
}

const SAVE_FOLDER = `UPDATE folder SET uid_next=?, recent_from=?, modseq=?, messages=?, unseen=?, deleted=?, bytes=? WHERE id=?`;
const ADD_FOLDER = 'INSERT INTO folder VALUES(?,?,?,?,?,?,?,?,?,?,?,?)';

export class AccountState {
  readonly #connection: Connection;
  readonly #byName = new Map<string, FolderRow>();
  readonly #byId = new Map<number, FolderRow>();
  /** Names that are only subscribed. */
  readonly #absent = new Map<string, FolderRow>();
  readonly keywords: string[];
  /** The highest modseq given so far. */
  modseq: number;
  #nextFolder: number;
  #lastUidValidity: number;
  unfinished: number;
  sweptDay: number;

  private constructor(connection: Connection, account: AccountRow) {
    this.#connection = connection;
    this.keywords = JSON.parse(account.keywords) as string[];
    this.#nextFolder = account.next_folder;
    this.#lastUidValidity = account.last_uid_validity;
    this.unfinished = account.unfinished;
    this.sweptDay = account.swept_day;
    this.modseq = account.modseq_floor;
    for (const folder of connection.statement<FolderRow>('SELECT * FROM folder').all()) {
      this.modseq = Math.max(this.modseq, folder.modseq);
      this.#remember(folder);
    }
  }

  /** What the file says. Throws Unavailable when it is no account. */
  static load(connection: Connection): AccountState {
    const account = connection.statement<AccountRow>('SELECT * FROM account').get();
    if (account === undefined) throw new Unavailable('The data is damaged');
    return new AccountState(connection, account);
  }

  /** The rows of a new file: to be called once, in the transaction that makes them. */
  static create(connection: Connection, firstUidValidity: number): AccountState {
    const today = Math.floor(Date.now() / 86_400_000);
    connection.statement("INSERT INTO account VALUES(1, 1, ?, 1, '[]', 0, ?)").run(firstUidValidity - 1, today);
    const state = AccountState.load(connection);
    for (const { name, role } of standardFolders) state.addFolder(name, role, true);
    return state;
  }

  get folders(): Iterable<FolderRow> {
    return this.#byName.values();
  }

  get subscribedNames(): Set<string> {
    const names = new Set(this.#absent.keys());
    for (const folder of this.folders) if (folder.subscribed === 1) names.add(folder.name);
    return names;
  }

  get usage(): Usage {
    let bytes = 0;
    let messages = 0;
    for (const folder of this.folders) {
      bytes += folder.bytes;
      messages += folder.messages;
    }
    return { bytes, messages };
  }

  /** The folder of that normal name; undefined when there is none. */
  find(name: string): FolderRow | undefined {
    return this.#byName.get(name);
  }

  named(name: string): FolderRow {
    const folder = this.#byName.get(name);
    if (folder === undefined) throw new NotFound('There is no such folder');
    return folder;
  }

  withId(id: number): FolderRow {
    const folder = this.#byId.get(id);
    if (folder === undefined) throw new NotFound('There is no such folder');
    return folder;
  }

  /** The folder for a purpose; made anew when its owner has deleted it. */
  withRole(role: FolderRole): { folder: FolderRow; made: boolean } {
    if (role === 'inbox') return { folder: this.named(INBOX), made: false };
    for (const folder of this.folders) if (folder.role === role) return { folder, made: false };
    const standard = standardFolders.find((folder) => folder.role === role);
    if (standard === undefined) throw new Invalid('folder', 'No folder can be made for this purpose');
    const named = this.find(standard.name);
    if (named !== undefined) return { folder: named, made: false };
    return { folder: this.addFolder(standard.name, role, false), made: true };
  }

  /** Makes the folder and its superior names. A name that was subscribed without a folder stays subscribed. */
  addFolder(name: string, role: FolderRole | null, subscribed: boolean): FolderRow {
    for (const parent of ancestors(name)) if (this.find(parent) === undefined) this.addFolder(parent, null, false);
    if (this.#byName.size >= MAX_FOLDERS) throw new Rejected('The account has too many folders');
    const absent = this.#absent.get(name);
    if (absent !== undefined) this.removeFolder(absent);
    this.modseq += 1;
    const folder: FolderRow = {
      id: this.#nextFolder++,
      name,
      role,
      subscribed: subscribed || absent !== undefined ? 1 : 0,
      uid_validity: this.#newUidValidity(),
      uid_next: 1,
      recent_from: 1,
      modseq: this.modseq,
      messages: 0,
      unseen: 0,
      deleted: 0,
      bytes: 0,
    };
    this.#insert(folder);
    this.saveAccount();
    return folder;
  }

  /** Keeps a subscription to a name without a folder. */
  addAbsent(name: string): void {
    if (this.#absent.has(name)) return;
    if (this.#absent.size >= MAX_FOLDERS) throw new Rejected('The account has too many subscriptions');
    const zero = { uid_next: 0, recent_from: 0, modseq: 0, messages: 0, unseen: 0, deleted: 0, bytes: 0 };
    this.#insert({ id: this.#nextFolder++, name, role: null, subscribed: 1, uid_validity: 0, ...zero });
    this.saveAccount();
  }

  removeAbsent(name: string): void {
    const absent = this.#absent.get(name);
    if (absent !== undefined) this.removeFolder(absent);
  }

  /** Removes the row alone; its messages are the caller's. */
  removeFolder(folder: FolderRow): void {
    this.#connection.statement('DELETE FROM folder WHERE id=?').run(folder.id);
    if (folder.uid_validity === 0) {
      this.#absent.delete(folder.name);
      return;
    }
    this.#byName.delete(folder.name);
    this.#byId.delete(folder.id);
    // The floor keeps the account's modseq when the folder with the highest one goes.
    this.saveAccount();
  }

  /** Renames all at once, so that names may be exchanged within the list. */
  renameFolders(pairs: readonly (readonly [FolderRow, string])[]): void {
    for (const [folder] of pairs) this.#byName.delete(folder.name);
    for (const [folder, name] of pairs) {
      const absent = this.#absent.get(name);
      if (absent !== undefined) {
        this.removeFolder(absent);
        folder.subscribed = 1;
      }
      folder.name = name;
      this.#byName.set(name, folder);
      this.#connection.statement('UPDATE folder SET name=?, subscribed=? WHERE id=?').run(name, folder.subscribed, folder.id);
    }
  }

  saveSubscription(folder: FolderRow): void {
    this.#connection.statement('UPDATE folder SET subscribed=? WHERE id=?').run(folder.subscribed, folder.id);
  }

  /** Writes the counters of one folder. */
  saveFolder(folder: FolderRow): void {
    this.#connection
      .statement(SAVE_FOLDER)
      .run(folder.uid_next, folder.recent_from, folder.modseq, folder.messages, folder.unseen, folder.deleted, folder.bytes, folder.id);
  }

  /** Sliced work that a crash would leave half done begins (1) or is complete (-1); AccountFile sweeps after a crash. */
  countUnfinished(by: 1 | -1): void {
    this.unfinished = Math.max(0, this.unfinished + by);
    this.saveAccount();
  }

  saveAccount(): void {
    this.#connection
      .statement('UPDATE account SET next_folder=?, last_uid_validity=?, modseq_floor=?, keywords=?, unfinished=?, swept_day=?')
      .run(this.#nextFolder, this.#lastUidValidity, this.modseq, JSON.stringify(this.keywords), this.unfinished, this.sweptDay);
  }

  /** The next modseq, taken by `folder`. */
  bump(folder: FolderRow): number {
    this.modseq += 1;
    folder.modseq = this.modseq;
    return this.modseq;
  }

  /**
   * The bits of keyword names; names are compared without case. Unknown ones are added when `grow`, else left out.
   * Throws Rejected beyond 64 (RFC 9051 §2.3.2: a server may limit them).
   */
  keywordBits(names: readonly string[], grow: boolean): { low: number; high: number; grew: boolean } {
    let low = 0;
    let high = 0;
    let grew = false;
    for (const name of names) {
      const folded = name.toLowerCase();
      let bit = this.keywords.findIndex((known) => known.toLowerCase() === folded);
      if (bit === -1) {
        if (!grow) continue;
        if (this.keywords.length >= MAX_KEYWORDS) throw new Rejected('The account has too many keywords');
        bit = this.keywords.push(name) - 1;
        grew = true;
      }
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    if (grew) this.saveAccount();
    return { low: low >>> 0, high: high >>> 0, grew };
  }

  // A UIDVALIDITY follows the clock, and runs ahead of it when many folders are made in a second.
  #newUidValidity(): number {
    this.#lastUidValidity = Math.max(this.#lastUidValidity + 1, Math.floor(Date.now() / 1000));
    return this.#lastUidValidity;
  }

  #insert(folder: FolderRow): void {
    this.#connection
      .statement(ADD_FOLDER)
      .run(
        folder.id,
        folder.name,
        folder.role,
        folder.subscribed,
        folder.uid_validity,
        folder.uid_next,
        folder.recent_from,
        folder.modseq,
        folder.messages,
        folder.unseen,
        folder.deleted,
        folder.bytes,
      );
    this.#remember(folder);
  }

  #remember(folder: FolderRow): void {
    if (folder.uid_validity === 0) this.#absent.set(folder.name, folder);
    else {
      this.#byName.set(folder.name, folder);
      this.#byId.set(folder.id, folder);
    }
  }
}
