/**
 * The queue as the other threads see it: `Queue` (and the runner's `RunnerQueue`) over the port to the ledger thread.
 *
 * 1. Bodies are moved, not copied, when they own their buffer; a slice of something larger is copied once.
 */
import { type Handlers, type PortSlot, transferring } from '../lib/port-call.ts';
import type { ClaimedMessage, ClaimLimits, RunnerQueue } from './claim.ts';
import type { NewQueueMessage, Queue, QueueEntry, QueueSummary } from './queue.ts';
import type { QueueServer } from './queue-server.ts';

/** The queue behind `ledger`. Without a running ledger every call rejects as Unavailable. */
export function createQueueClient(ledger: PortSlot): Queue {
  return {
    put: (message) => {
      const movable = withOwnBuffer(message);
      return ledger.call<string>('queue.put', transferring(movable, [movable.body.buffer as ArrayBuffer]));
    },
    list: (filter) => ledger.call('queue.list', filter),
    show: (id) => ledger.call<QueueEntry & { readonly header: string }>('queue.show', id),
    summary: (customer) => ledger.call<QueueSummary>('queue.summary', customer),
    retry: (ids) => ledger.call<number>('queue.retry', ids),
    hold: (ids, reason) => ledger.call<number>('queue.hold', ids, reason),
    release: (ids) => ledger.call<number>('queue.release', ids),
    drop: (ids, options) => ledger.call<number>('queue.drop', ids, options),
    watch: () => ledger.stream<QueueSummary>('queue.watch'),
  };
}

/** The runner's calls. */
export function createRunnerQueue(ledger: PortSlot): RunnerQueue {
  return {
    attach: () => ledger.call<void>('queue.attach'),
    claim: (limits) => ledger.call<readonly ClaimedMessage[]>('queue.claim', limits),
    // DSNs are copied: a settlement that meets a restarting ledger is sent again.
    settle: (settlements, puts) => ledger.call<void>('queue.settle', settlements, puts),
    bodyPart: (seq, index) => ledger.call<Uint8Array>('queue.body', seq, index),
  };
}

/** The handlers that answer both. */
export function queueHandlers(server: QueueServer): Handlers {
  return {
    'queue.put': (message: NewQueueMessage) => server.put(message),
    'queue.list': server.list,
    'queue.show': server.show,
    'queue.summary': server.summary,
    'queue.retry': server.retry,
    'queue.hold': (ids: readonly string[], reason: string) => server.hold(ids, reason),
    'queue.release': server.release,
    'queue.drop': (ids: readonly string[], options: { bounce: boolean }) => server.drop(ids, options),
    'queue.watch': () => server.watch(),
    'queue.attach': () => server.attach(),
    'queue.claim': (limits: ClaimLimits) => server.claim(limits),
    'queue.settle': (...args: Parameters<QueueServer['settle']>) => server.settle(...args),
    'queue.body': (seq: number, index: number) => server.bodyPart(seq, index),
  };
}

function withOwnBuffer(message: NewQueueMessage): NewQueueMessage {
  const { body } = message;
  if (body.byteLength === body.buffer.byteLength) return message;
  return { ...message, body: new Uint8Array(body) };
}
