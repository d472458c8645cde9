/**
 * Main's end of the threads: starts the workers, lays the ports between them, restarts the dead, stops all in order.
 *
 * 1. Every (client thread, server thread) pair of LINKS has one channel; a restarted thread gets new ones on both sides.
 * 2. A worker that dies without being asked is started again; three deaths within a minute call `onHopeless`, once.
 * 3. `stop` is bounded: after the deadline the rest is terminated.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import { type Handlers, PortSlot, servePort } from './port-call.ts';
import { type FromWorker, LINKS, type ThreadRole, type ToWorker, type WorkerBoot } from './thread-roles.ts';

export interface RolePlan {
  readonly role: Exclude<ThreadRole, 'main'>;
  readonly count: number;
  readonly entry: URL;
  readonly boot: unknown;
}

export interface SupervisorEvents {
  /** A worker said something by `notify`. */
  readonly onNotice: (role: ThreadRole, index: number, name: string, value: unknown) => void;
  readonly onDied: (role: ThreadRole, index: number, reason: string) => void;
  readonly onHopeless: () => void;
  readonly onDefect: (error: unknown, method: string) => void;
}

interface Thread {
  readonly plan: RolePlan;
  readonly index: number;
  worker: Worker;
  state: 'starting' | 'ready' | 'dead';
  info: Readonly<Record<string, string>>;
}

const DEATHS_PER_MINUTE = 3;
/** What a thread has to leave after its deadline, before it is terminated. */
const LEAVE_MS = 1_000;

export class ThreadSupervisor {
  readonly #threads: Thread[] = [];
  readonly #slots = new Map<ThreadRole, PortSlot[]>();
  readonly #counts: Partial<Record<ThreadRole, number>>;
  readonly #events: SupervisorEvents;
  readonly #mainHandlers: Handlers;
  readonly #acks = new Map<number, { left: number; done: () => void }>();
  readonly #deaths: number[] = [];
  #nextNotice = 1;
  #stopping = false;
  #onReady: (() => void) | undefined;
  #lastNotices = new Map<string, unknown>();

  constructor(plans: readonly RolePlan[], mainHandlers: Handlers, events: SupervisorEvents) {
    this.#events = events;
    this.#mainHandlers = mainHandlers;
    this.#counts = { main: 1 };
    for (const plan of plans) this.#counts[plan.role] = plan.count;
    for (const role of LINKS.main)
      this.#slots.set(
        role,
        Array.from({ length: this.#counts[role] ?? 0 }, () => new PortSlot()),
      );
    for (const plan of plans) {
      for (let index = 0; index < plan.count; index++) this.#threads.push(this.#start(plan, index));
    }
    for (const [position, thread] of this.#threads.entries()) this.#lay(thread, this.#threads.slice(position + 1));
  }

  slots(role: ThreadRole): readonly PortSlot[] {
    return this.#slots.get(role) ?? [];
  }

  /** Resolves when every worker said `ready`. */
  whenReady(): Promise<void> {
    if (this.#threads.every((thread) => thread.state === 'ready')) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  /** `role index` to state, for `status`. */
  states(): Record<string, string> {
    return Object.fromEntries(this.#threads.map((thread) => [`${thread.plan.role}-${thread.index}`, thread.state]));
  }

  infos(role: ThreadRole): readonly Readonly<Record<string, string>>[] {
    return this.#threads.filter((thread) => thread.plan.role === role).map((thread) => thread.info);
  }

  /** Tells all threads; resolves when each has acknowledged. Threads started later hear the latest value too. */
  broadcast(name: string, value: unknown): Promise<void> {
    this.#lastNotices.set(name, value);
    const living = this.#threads.filter((thread) => thread.state !== 'dead');
    if (living.length === 0) return Promise.resolve();
    const id = this.#nextNotice++;
    return new Promise((done) => {
      this.#acks.set(id, { left: living.length, done });
      for (const thread of living) thread.worker.postMessage({ type: 'notice', name, value, id } satisfies ToWorker);
    });
  }

  /** To all threads of one role, without waiting. */
  notify(role: ThreadRole, name: string, value: unknown): void {
    for (const thread of this.#threads) {
      if (thread.plan.role === role && thread.state !== 'dead')
        thread.worker.postMessage({ type: 'notice', name, value } satisfies ToWorker);
    }
  }

  /**
   * Roles stop one after another in the order given, so that a server outlives its clients; all within `deadlineMs`, and
   * LEAVE_MS for each role that is late. Answers whether every thread ended by itself.
   */
  async stop(order: readonly ThreadRole[], deadlineMs: number): Promise<boolean> {
    this.#stopping = true;
    const until = performance.now() + deadlineMs;
    let orderly = this.#threads.every((thread) => thread.state !== 'dead');
    for (const role of order) {
      const group = this.#threads.filter((thread) => thread.plan.role === role && thread.state !== 'dead');
      const leftMs = Math.max(0, until - performance.now());
      const ended = await Promise.all(group.map((thread) => stopWorker(thread.worker, leftMs)));
      orderly &&= ended.every(Boolean);
    }
    return orderly;
  }

  #start(plan: RolePlan, index: number): Thread {
    const thread: Thread = { plan, index, worker: this.#spawn(plan, index), state: 'starting', info: {} };
    this.#watch(thread);
    return thread;
  }

  #spawn(plan: RolePlan, index: number): Worker {
    const boot: WorkerBoot<unknown> = { role: plan.role, index, counts: this.#counts, boot: plan.boot };
    return new Worker(plan.entry, { workerData: boot, name: `${plan.role}-${index}` });
  }

  #watch(thread: Thread): void {
    const { worker } = thread;
    let reason = 'ended';
    worker.on('message', (frame: FromWorker) => this.#hear(thread, frame));
    worker.on('error', (error) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('exit', () => {
      if (this.#stopping) thread.state = 'dead';
      else this.#revive(thread, reason);
    });
  }

  #hear(thread: Thread, frame: FromWorker): void {
    if (frame.type === 'ready') {
      thread.state = 'ready';
      thread.info = frame.info;
      for (const [name, value] of this.#lastNotices) thread.worker.postMessage({ type: 'notice', name, value } satisfies ToWorker);
      if (this.#threads.every((each) => each.state === 'ready')) this.#onReady?.();
    } else if (frame.type === 'notice') this.#events.onNotice(thread.plan.role, thread.index, frame.name, frame.value);
    else if (frame.type === 'ack') this.#acknowledge(frame.id);
  }

  #acknowledge(id: number): void {
    const ack = this.#acks.get(id);
    if (ack === undefined) return;
    ack.left -= 1;
    if (ack.left > 0) return;
    this.#acks.delete(id);
    ack.done();
  }

  #revive(thread: Thread, reason: string): void {
    thread.state = 'dead';
    this.#events.onDied(thread.plan.role, thread.index, reason);
    for (const id of [...this.#acks.keys()]) this.#acknowledge(id);
    const now = performance.now();
    this.#deaths.push(now);
    while ((this.#deaths[0] ?? now) < now - 60_000) this.#deaths.shift();
    if (this.#deaths.length >= DEATHS_PER_MINUTE) return this.#events.onHopeless();
    thread.worker = this.#spawn(thread.plan, thread.index);
    thread.state = 'starting';
    this.#watch(thread);
    this.#lay(
      thread,
      this.#threads.filter((other) => other !== thread),
    );
  }

  /** Lays the channels between `thread` and `others`, in both directions, and between it and main. */
  #lay(thread: Thread, others: readonly Thread[]): void {
    for (const other of others) {
      if (other.state === 'dead') continue;
      this.#connect(thread, other);
      this.#connect(other, thread);
    }
    this.#connectMain(thread);
  }

  #connect(client: Thread, server: Thread): void {
    if (!LINKS[client.plan.role].includes(server.plan.role)) return;
    const { port1, port2 } = new MessageChannel();
    server.worker.postMessage({ type: 'serve', port: port2, from: client.plan.role } satisfies ToWorker, [port2]);
    client.worker.postMessage({ type: 'peer', port: port1, role: server.plan.role, index: server.index } satisfies ToWorker, [port1]);
  }

  #connectMain(thread: Thread): void {
    const slot = this.#slots.get(thread.plan.role)?.[thread.index];
    if (slot !== undefined) {
      const { port1, port2 } = new MessageChannel();
      thread.worker.postMessage({ type: 'serve', port: port2, from: 'main' } satisfies ToWorker, [port2]);
      slot.attach(port1);
    }
    if (LINKS[thread.plan.role].includes('main')) {
      const { port1, port2 } = new MessageChannel();
      servePort(port1, this.#mainHandlers, this.#events.onDefect);
      thread.worker.postMessage({ type: 'peer', port: port2, role: 'main', index: 0 } satisfies ToWorker, [port2]);
    }
  }
}

/** False when it had to be terminated, or ended by a failure. */
async function stopWorker(worker: Worker, deadlineMs: number): Promise<boolean> {
  const exited = new Promise<boolean>((resolve) => worker.once('exit', (code) => resolve(code === 0)));
  worker.postMessage({ type: 'stop', deadlineMs } satisfies ToWorker);
  const timer = setTimeout(() => void worker.terminate(), deadlineMs + LEAVE_MS);
  const orderly = await exited;
  clearTimeout(timer);
  return orderly;
}
