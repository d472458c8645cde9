/**
 * Promises that belong together: a stop waits for them, a failure is reported, none floats.
 */
export class TaskGroup {
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#running.size;
  }

  run(task: () => Promise<void>): void {
    const promise = task()
      .catch(this.#onError)
      .finally(() => this.#running.delete(promise));
    this.#running.add(promise);
  }

  /** Resolves when nothing runs any more, or after `deadlineMs`; says which. */
  async drain(deadlineMs: number): Promise<boolean> {
    if (this.#running.size === 0) return true;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), deadlineMs);
    });
    const done = Promise.all([...this.#running]).then(() => true);
    const result = await Promise.race([done, expired]);
    clearTimeout(timer);
    return result;
  }
}
