/**
 * Typed calls over a MessagePort: the only way in which threads talk.
 *
 * 1. All calls (and all answers) of one turn of the event loop leave in one postMessage.
 * 2. A call that returns an async iterable streams pages; the receiver grants credits, so at most
 *    `STREAM_WINDOW` pages wait; ending the iteration early cancels the other side.
 * 3. When the peer dies (port closes) every open call fails as Unavailable; `isOpen` is false from then on.
 * 4. A Buffer from Node's pool drags its whole slab through structured clone: bytes over 1 KiB travel as
 *    non-pooled buffers named in a transfer list (`transferring`).
 */
import type { MessagePort, Transferable } from 'node:worker_threads';
import { type ErrorRecord, fromErrorRecord, toErrorRecord, Unavailable } from './errors.ts';

const STREAM_WINDOW = 4;

type CallFrame = [kind: 'call', id: number, method: string, args: unknown[]];
type Frame =
  | CallFrame
  | [kind: 'result', id: number, value: unknown]
  | [kind: 'error', id: number, error: ErrorRecord]
  | [kind: 'stream', id: number]
  | [kind: 'page', id: number, value: unknown]
  | [kind: 'end', id: number]
  | [kind: 'credit', id: number, count: number]
  | [kind: 'cancel', id: number];

/** Any method name to a function; what it returns (value, promise or async iterable) is the answer. */
// biome-ignore lint/suspicious/noExplicitAny: the argument lists are typed by the API interface at both ends
// oxlint-disable-next-line typescript/no-explicit-any
export type Handlers = Record<string, (...args: any[]) => unknown>;

const transferLists = new WeakMap<object, readonly Transferable[]>();

/** Marks `value` (an object) so that `list` is transferred, not copied, when it crosses a port. */
export function transferring<T extends object>(value: T, list: readonly Transferable[]): T {
  transferLists.set(value, list);
  return value;
}

class Outbox {
  readonly #port: MessagePort;
  #frames: Frame[] = [];
  #transfers: Transferable[] = [];
  #scheduled = false;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  push(frame: Frame, payload?: unknown): void {
    this.#frames.push(frame);
    this.#collectTransfers(payload);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    const frames = this.#frames;
    if (frames.length === 0) return;
    const transfers = this.#transfers;
    this.#frames = [];
    this.#transfers = [];
    this.#port.postMessage(frames, transfers);
  }

  #collectTransfers(payload: unknown): void {
    const values = Array.isArray(payload) ? payload : [payload];
    for (const value of values) {
      if (typeof value !== 'object' || value === null) continue;
      const list = transferLists.get(value);
      if (list !== undefined) this.#transfers.push(...list);
    }
  }
}

interface OpenStream {
  readonly credit: (count: number) => void;
  readonly cancel: () => void;
}

/** Answers calls on `port` with `handlers` until the port closes. Unknown errors go to `onDefect` as well. */
export function servePort(port: MessagePort, handlers: Handlers, onDefect: (error: unknown, method: string) => void): void {
  const outbox = new Outbox(port);
  const streams = new Map<number, OpenStream>();

  const fail = (id: number, method: string, error: unknown): void => {
    const record = toErrorRecord(error);
    if (record.kind === 'unknown') onDefect(error, method);
    outbox.push(['error', id, record]);
  };

  const pump = async (id: number, method: string, pages: AsyncIterable<unknown>): Promise<void> => {
    let credits = STREAM_WINDOW;
    let cancelled = false;
    let wake: (() => void) | undefined;
    streams.set(id, {
      credit: (count) => {
        credits += count;
        wake?.();
      },
      cancel: () => {
        cancelled = true;
        wake?.();
      },
    });
    outbox.push(['stream', id]);
    try {
      for await (const page of pages) {
        while (credits === 0 && !cancelled) await new Promise<void>((resolve) => (wake = resolve));
        if (cancelled) return;
        credits -= 1;
        outbox.push(['page', id, page], page);
      }
      outbox.push(['end', id]);
    } catch (error) {
      fail(id, method, error);
    } finally {
      streams.delete(id);
    }
  };

  const answer = async (id: number, method: string, args: unknown[]): Promise<void> => {
    try {
      const handler = handlers[method];
      if (handler === undefined) throw new Error(`no handler for ${method}`);
      const returned = handler(...args);
      if (isAsyncIterable(returned)) return await pump(id, method, returned);
      const value = isPromise(returned) ? await returned : returned;
      outbox.push(['result', id, value], value);
    } catch (error) {
      fail(id, method, error);
    }
  };

  port.on('message', (frames: Frame[]) => {
    for (const frame of frames) {
      if (frame[0] === 'call') void answer(frame[1], frame[2], frame[3]);
      else if (frame[0] === 'credit') streams.get(frame[1])?.credit(frame[2]);
      else if (frame[0] === 'cancel') streams.get(frame[1])?.cancel();
    }
  });
  port.on('close', () => {
    for (const stream of streams.values()) stream.cancel();
  });
}

interface OpenCall {
  readonly onFrame: (frame: Frame) => void;
  readonly onClosed: (error: Error) => void;
}

/** The calling end of a port. `Api` names the methods; `proxy` gives them as functions. */
export class PortClient {
  readonly #port: MessagePort;
  readonly #outbox: Outbox;
  readonly #open = new Map<number, OpenCall>();
  readonly #closeListeners: (() => void)[] = [];
  #nextId = 1;
  #closed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#outbox = new Outbox(port);
    port.on('message', (frames: Frame[]) => {
      for (const frame of frames) this.#open.get(frame[1])?.onFrame(frame);
    });
    port.on('close', () => this.#fail());
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  close(): void {
    this.#outbox.flush();
    this.#port.close();
    this.#fail();
  }

  /** One answer. Arguments marked by `transferring` are moved. Rejects with a known error or Unavailable. */
  call<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.#closed) return Promise.reject(new Unavailable('This part of the server is restarting'));
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#open.set(id, {
        onFrame: (frame) => {
          this.#open.delete(id);
          if (frame[0] === 'result') resolve(frame[2] as T);
          else if (frame[0] === 'error') reject(fromErrorRecord(frame[2]));
          else reject(new Error(`unexpected ${frame[0]} frame`));
        },
        onClosed: reject,
      });
      this.#outbox.push(['call', id, method, args], args);
    });
  }

  /** A stream of pages with credits; leaving the loop cancels it. */
  async *stream<T>(method: string, ...args: unknown[]): AsyncGenerator<T, void, undefined> {
    if (this.#closed) throw new Unavailable('This part of the server is restarting');
    const id = this.#nextId++;
    const waiting: T[] = [];
    let ended = false;
    let failure: Error | undefined;
    let wake: (() => void) | undefined;
    this.#open.set(id, {
      onFrame: (frame) => {
        if (frame[0] === 'page') waiting.push(frame[2] as T);
        else if (frame[0] === 'error') failure = fromErrorRecord(frame[2]);
        else if (frame[0] === 'end') ended = true;
        wake?.();
      },
      onClosed: (error) => {
        failure = error;
        wake?.();
      },
    });
    this.#outbox.push(['call', id, method, args], args);
    try {
      for (;;) {
        const page = waiting.shift();
        if (page !== undefined) {
          yield page;
          this.#outbox.push(['credit', id, 1]);
        } else if (failure !== undefined) throw failure;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#open.delete(id);
      if (!ended && failure === undefined && !this.#closed) this.#outbox.push(['cancel', id]);
    }
  }

  #fail(): void {
    if (this.#closed) return;
    this.#closed = true;
    const error = new Unavailable('This part of the server is restarting');
    for (const call of [...this.#open.values()]) call.onClosed(error);
    this.#open.clear();
    for (const listener of this.#closeListeners) listener();
  }
}

/**
 * A place for the port to one thread, kept while the thread itself is replaced.
 * Calls go to the present port; without one they fail as Unavailable.
 */
export class PortSlot {
  #client: PortClient | undefined;

  attach(port: MessagePort): PortClient {
    this.#client?.close();
    this.#client = new PortClient(port);
    return this.#client;
  }

  get client(): PortClient | undefined {
    return this.#client;
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.#client === undefined) return Promise.reject(new Unavailable('This part of the server is starting'));
    return this.#client.call<T>(method, ...args);
  }

  stream<T>(method: string, ...args: unknown[]): AsyncGenerator<T, void, undefined> {
    if (this.#client === undefined) throw new Unavailable('This part of the server is starting');
    return this.#client.stream<T>(method, ...args);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
