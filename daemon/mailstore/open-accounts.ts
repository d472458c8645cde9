/**
 * The account files that a thread has open: the least recently used is closed first.
 *
 * 1. At most `maxOpen` files are open, those with sliced work under way aside.
 * 2. A file unused for `idleMs` is closed, so that an idle daemon holds none.
 * 3. A file that showed damage is closed at once and opened anew by the next call.
 */
export interface OpenFile {
  users: number;
  lastUsedMs: number;
  close(): void;
}

export class OpenAccounts<File extends OpenFile> {
  // Insertion order is the order of use: the first is the one used longest ago.
  readonly #files = new Map<number, File>();
  readonly #open: (account: number) => File;
  readonly #maxOpen: number;
  readonly #idleMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(open: (account: number) => File, limits: { readonly maxOpen: number; readonly idleMs: number }) {
    this.#open = open;
    this.#maxOpen = limits.maxOpen;
    this.#idleMs = limits.idleMs;
  }

  get size(): number {
    return this.#files.size;
  }

  /** The open file of `account`. It may be closed when the caller's turn ends, unless `users` says otherwise. */
  get(account: number): File {
    let file = this.#files.get(account);
    if (file === undefined) {
      this.#shrink(this.#maxOpen - 1);
      file = this.#open(account);
    } else {
      this.#files.delete(account);
    }
    this.#files.set(account, file);
    file.lastUsedMs = performance.now();
    this.#timer ??= setInterval(() => this.#closeIdle(), Math.max(50, this.#idleMs / 4)).unref();
    return file;
  }

  peek(account: number): File | undefined {
    return this.#files.get(account);
  }

  /** Runs `work` with the file kept open across its awaits. */
  async keep<T>(account: number, work: (file: File) => Promise<T>): Promise<T> {
    const file = this.get(account);
    file.users += 1;
    try {
      return await work(file);
    } finally {
      file.users -= 1;
      file.lastUsedMs = performance.now();
    }
  }

  close(account: number): void {
    const file = this.#files.get(account);
    this.#files.delete(account);
    file?.close();
  }

  closeAll(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const account of [...this.#files.keys()]) this.close(account);
  }

  #shrink(most: number): void {
    if (this.#files.size <= most) return;
    for (const [account, file] of this.#files) {
      if (file.users > 0) continue;
      this.close(account);
      if (this.#files.size <= most) return;
    }
  }

  #closeIdle(): void {
    const before = performance.now() - this.#idleMs;
    for (const [account, file] of this.#files) {
      if (file.lastUsedMs > before) break;
      if (file.users === 0) this.close(account);
    }
    if (this.#files.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
