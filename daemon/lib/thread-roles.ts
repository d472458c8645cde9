/**
 * Who talks to whom: every thread role, and for each client role the roles it holds ports to.
 * The supervisor lays one MessageChannel for each pair of threads; requests never pass through a third thread.
 */
export type ThreadRole = 'main' | 'protocol' | 'store' | 'reader' | 'ledger' | 'runner';

export const LINKS: Readonly<Record<ThreadRole, readonly ThreadRole[]>> = {
  main: ['store', 'reader', 'ledger', 'runner'],
  protocol: ['store', 'reader', 'ledger', 'runner', 'main'],
  runner: ['store', 'reader', 'ledger', 'main'],
  // A store thread asks a reader for previews of new messages.
  store: ['reader', 'main'],
  reader: [],
  ledger: [],
};

/** Frames from main to a worker. */
export type ToWorker =
  /** Answer calls that arrive on this port. */
  | { readonly type: 'serve'; readonly port: import('node:worker_threads').MessagePort; readonly from: ThreadRole }
  /** A port to `role`[index]; replaces an earlier one. */
  | { readonly type: 'peer'; readonly port: import('node:worker_threads').MessagePort; readonly role: ThreadRole; readonly index: number }
  /** Something all threads of the role hear (certificates, settings, log level). Acknowledged by `id` when present. */
  | { readonly type: 'notice'; readonly name: string; readonly value: unknown; readonly id?: number }
  | { readonly type: 'stop'; readonly deadlineMs: number };

/** Frames from a worker to main. */
export type FromWorker =
  | { readonly type: 'ready'; readonly info: Readonly<Record<string, string>> }
  | { readonly type: 'notice'; readonly name: string; readonly value: unknown }
  | { readonly type: 'ack'; readonly id: number };

/** What a worker is born with. `boot` is the composition root's own data for that role. */
export interface WorkerBoot<T> {
  readonly role: ThreadRole;
  readonly index: number;
  readonly counts: Readonly<Partial<Record<ThreadRole, number>>>;
  readonly boot: T;
}
