/**
 * One client's protocol state: who is logged in, what is selected, what was enabled. Commands work on it; the connection owns the socket.
 *
 * 1. `selected` and its subscription to the change feed begin and end together.
 * 2. The feed is subscribed before the folder is opened, so no change falls between snapshot and feed.
 * 3. Nothing is announced except through announce(): it decides on EXPUNGE, resync and deleted folders.
 * Specifications: RFC 9051 §3, §5.2, §7.5.1.
 */
import { NotFound } from '../../lib/errors.ts';
import type { Change, FolderHandle, FolderSnapshot, Subscription } from '../../mailstore/mailstore.ts';
import type { AccountId } from '../../wire/ids.ts';
import type { ReaderEvent } from '../../wire/imap/command-reader.ts';
import type { ResponseWriter } from '../../wire/imap/response-writer.ts';
import type { SessionState } from './command-spec.ts';
import type { ImapContext } from './context.ts';
import { type MessagesChange, SessionView } from './session-view.ts';
import type { SharedFolders } from './shared-folders.ts';

/** How long the answer to APPEND waits for the feed. */
const ARRIVAL_MS = 250;

/** What the session needs of its connection. */
export interface SessionIo {
  readonly writer: ResponseWriter;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  readonly isLoopback: boolean;
  readonly isClosed: boolean;
  /** Sends what was written; waits while the client does not take it. */
  flush(): Promise<void>;
  /** Waits for octets of the client, a change, or the end of the connection. */
  wait(): Promise<void>;
  nextLine(): ReaderEvent | null;
  /** Ends a wait(). */
  wake(): void;
  /** After the present answer was sent, TLS begins. */
  startTls(): void;
  /** After the present answer was sent, the connection ends. */
  end(): void;
  /** Ends the connection at once, in the middle of a response. */
  abort(): void;
  /** Counts the session as one of the account's; false when there are too many. */
  enter(account: AccountId): boolean;
}

export interface LoginState {
  readonly account: AccountId;
  readonly address: string;
}

export interface SelectedFolder {
  readonly handle: FolderHandle;
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly uidValidity: number;
  readonly view: SessionView;
  readonly subscription: Subscription;
  release(): void;
}

export class Session {
  readonly context: ImapContext;
  readonly io: SessionIo;
  /** Marks changes as made here. */
  readonly origin: string;
  readonly #shared: SharedFolders;
  login: LoginState | null = null;
  selected: SelectedFolder | null = null;
  /** Tag of the command that runs, for ESEARCH. */
  tag = '';
  /** RFC 7162 §3.1: the client has shown that it knows CONDSTORE. */
  isCondstoreOn = false;
  #foldersChanged = false;
  #early: MessagesChange[] | null = null;
  #arrival: { readonly uid: number; resolve(): void } | null = null;

  constructor(context: ImapContext, io: SessionIo, shared: SharedFolders, origin: string) {
    this.context = context;
    this.io = io;
    this.#shared = shared;
    this.origin = origin;
  }

  get writer(): ResponseWriter {
    return this.io.writer;
  }

  get isSecure(): boolean {
    return this.io.isSecure;
  }

  get mayLogIn(): boolean {
    return this.io.isSecure || this.io.isLoopback;
  }

  get state(): SessionState {
    return this.login === null ? 'not-authenticated' : this.selected === null ? 'authenticated' : 'selected';
  }

  hasCertificate(): boolean {
    return this.context.secureContext(null) !== null;
  }

  /** The account; commands that need it are legal only when there is one. */
  get account(): AccountId {
    if (this.login === null) throw new Error('no account in this state');
    return this.login.account;
  }

  get folder(): SelectedFolder {
    if (this.selected === null) throw new Error('no folder in this state');
    return this.selected;
  }

  get quotaBytes(): number | null {
    return this.context.quotaBytes(this.account);
  }

  /** Opens a folder; the one before must be closed. */
  async select(name: string, isReadOnly: boolean): Promise<{ folder: SelectedFolder; snapshot: FolderSnapshot }> {
    const early: MessagesChange[] = [];
    this.#early = early;
    const subscription = this.context.mailstore.subscribe(this.account, (change) => this.#receive(change));
    try {
      const snapshot = await this.context.mailstore.open(this.account, name, !isReadOnly);
      const shared = this.#shared.acquire(this.account, snapshot);
      const view = new SessionView(snapshot, shared.view);
      for (const change of early) if (change.folder === snapshot.id && change.modseq > snapshot.highestModSeq) view.receive(change);
      const handle = { account: this.account, folder: snapshot.id };
      const folder: SelectedFolder = {
        handle,
        name,
        isReadOnly,
        uidValidity: snapshot.uidValidity,
        view,
        subscription,
        release: () => shared.release(),
      };
      this.selected = folder;
      return { folder, snapshot };
    } catch (error) {
      subscription.close();
      throw error;
    } finally {
      this.#early = null;
    }
  }

  /** Leaves the selected folder, if any. */
  unselect(): void {
    this.selected?.subscription.close();
    this.selected?.release();
    this.selected = null;
    this.#foldersChanged = false;
  }

  #receive(change: Change): void {
    if (change.kind === 'messages') {
      if (this.#early !== null) this.#early.push(change);
      else if (change.folder !== this.selected?.handle.folder) return;
      else this.#take(this.selected.view, change);
    } else if (change.kind === 'folders') this.#foldersChanged = true;
    else if (change.kind === 'resync') this.selected?.view.requireResync();
    else this.bye('The account was removed');
    this.io.wake();
  }

  #take(view: SessionView, change: MessagesChange): void {
    view.receive(change);
    if (this.#arrival !== null && view.isAware(this.#arrival.uid)) this.#arrival.resolve();
  }

  /** Ends the session at the next chance, telling why. */
  bye(text: string): void {
    if (this.io.isClosed) return;
    this.writer.status('*', 'BYE', null, text);
    this.io.end();
  }

  /** Writes what happened in the selected folder. */
  async announce(mayExpunge: boolean, withUid = false): Promise<void> {
    const folder = this.selected;
    if (folder === null) return;
    if (this.#foldersChanged) await this.#checkFolder(folder);
    if (!folder.view.hasPending || this.selected !== folder) return;
    if (folder.view.needsResync) {
      try {
        folder.view.resync(await this.context.mailstore.open(this.account, folder.name, false));
      } catch (error) {
        if (error instanceof NotFound) return this.bye('The selected folder is gone');
        throw error;
      }
    }
    folder.view.announce(this.writer, { mayExpunge, withUid, origin: this.origin, withModSeq: this.isCondstoreOn });
    this.#shared.update(this.account, folder.handle.folder, folder.view.uidView);
  }

  /** Waits until the feed has brought a message that this session has just stored; gives up when the feed is slow. */
  async awaitArrival(uid: number): Promise<void> {
    const folder = this.selected;
    if (folder === null || folder.view.isAware(uid)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arrival = { uid, resolve };
    const timer = setTimeout(resolve, ARRIVAL_MS);
    await promise;
    clearTimeout(timer);
    this.#arrival = null;
  }

  async #checkFolder(folder: SelectedFolder): Promise<void> {
    this.#foldersChanged = false;
    const folders = await this.context.mailstore.folders(this.account);
    const present = folders.find((entry) => entry.id === folder.handle.folder && entry.selectable);
    // RFC 9051 §7.1 (BYE): without its folder the session has no meaning.
    if (present === undefined) this.bye('The selected folder is gone');
    else if (present.name !== folder.name && this.selected === folder) this.selected = { ...folder, name: present.name };
  }
}
