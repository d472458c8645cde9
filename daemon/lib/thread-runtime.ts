/**
 * The worker's end of the supervisor: ports to its peers, handlers for its clients, notices from main, and an orderly stop.
 *
 * 1. `slots(role)` has one PortSlot per thread of that role from the start; until the port arrives calls fail as Unavailable.
 * 2. `serve` may be called once; clients that came earlier wait for it.
 * 3. The thread ends by itself after `onStop` resolved.
 */
import { flushCompileCache } from 'node:module';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { keepIdleMemoryLow } from './idle-memory.ts';
import { type Handlers, PortSlot, servePort } from './port-call.ts';
import type { FromWorker, ThreadRole, ToWorker, WorkerBoot } from './thread-roles.ts';

export interface ThreadRuntime<T> {
  readonly index: number;
  readonly boot: T;
  /** How many threads of the role there are. */
  count(role: ThreadRole): number;
  slots(role: ThreadRole): readonly PortSlot[];
  serve(handlers: Handlers, onDefect: (error: unknown, method: string) => void): void;
  /** The listener may be async: main is told when it is done. */
  onNotice(name: string, listener: (value: never) => void | Promise<void>): void;
  notify(name: string, value: unknown): void;
  onStop(stop: (deadlineMs: number) => Promise<void>): void;
  ready(info: Readonly<Record<string, string>>): void;
}

export function threadRuntime<T>(): ThreadRuntime<T> {
  if (parentPort === null) throw new Error('not a worker thread');
  const parent = parentPort;
  const data = workerData as WorkerBoot<T>;
  const slots = new Map<ThreadRole, PortSlot[]>();
  const listeners = new Map<string, (value: never) => void | Promise<void>>();
  const early: MessagePort[] = [];
  let serving: ((port: MessagePort) => void) | undefined;
  let stopping: ((deadlineMs: number) => Promise<void>) | undefined;
  const send = (frame: FromWorker): void => parent.postMessage(frame);

  const slotsOf = (role: ThreadRole): PortSlot[] => {
    let list = slots.get(role);
    if (list === undefined) {
      list = Array.from({ length: data.counts[role] ?? 1 }, () => new PortSlot());
      slots.set(role, list);
    }
    return list;
  };

  const acceptClient = (port: MessagePort): void => {
    if (serving === undefined) early.push(port);
    else serving(port);
  };

  const hear = async (frame: Extract<ToWorker, { type: 'notice' }>): Promise<void> => {
    try {
      await listeners.get(frame.name)?.(frame.value as never);
    } finally {
      if (frame.id !== undefined) send({ type: 'ack', id: frame.id });
    }
  };

  const stop = async (deadlineMs: number): Promise<void> => {
    await stopping?.(deadlineMs);
    // Open ports to peers would keep the thread alive; everything that must be kept is on disk by now.
    process.exit(0);
  };

  parent.on('message', (frame: ToWorker) => {
    if (frame.type === 'peer') slotsOf(frame.role)[frame.index]?.attach(frame.port);
    else if (frame.type === 'serve') acceptClient(frame.port);
    else if (frame.type === 'notice') void hear(frame);
    else void stop(frame.deadlineMs);
  });

  return {
    index: data.index,
    boot: data.boot,
    count: (role) => data.counts[role] ?? 0,
    slots: slotsOf,
    serve(handlers, onDefect) {
      serving = (port) => servePort(port, handlers, onDefect);
      for (const port of early.splice(0)) serving(port);
    },
    onNotice: (name, listener) => void listeners.set(name, listener),
    notify: (name, value) => send({ type: 'notice', name, value }),
    onStop: (run) => {
      stopping = run;
    },
    ready(info) {
      send({ type: 'ready', info });
      // What this thread compiled (and stripped of types: that costs 15 MB and 100 ms a thread) serves the next start.
      flushCompileCache();
      keepIdleMemoryLow();
    },
  };
}
