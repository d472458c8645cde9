/**
 * The ledger thread's parts put together: queue.db and tracking.db, and the handlers for `servePort`.
 * What people do to queued messages is tracked here, because only this thread knows what they touched.
 */
import type { Handlers } from '../lib/port-call.ts';
import type { QueueNote } from '../queue/interventions.ts';
import { queueHandlers } from '../queue/queue-client.ts';
import { QueueServer } from '../queue/queue-server.ts';
import type { TrackingEvent } from '../tracking/tracking.ts';
import { trackingHandlers } from '../tracking/tracking-client.ts';
import { TrackingServer } from '../tracking/tracking-server.ts';
import { type AccountId, brand } from '../wire/ids.ts';

export interface LedgerOptions {
  readonly queuePath: string;
  readonly trackingPath: string;
  readonly now?: () => number;
  readonly retentionMs?: number;
  /** Tracking events that could not be kept. */
  readonly onLost?: (count: number, error: unknown) => void;
}

export interface LedgerServer {
  readonly handlers: Handlers;
  readonly queue: QueueServer;
  readonly tracking: TrackingServer;
  close(): void;
}

/** Opens (and migrates) both files. Throws Unavailable. */
export function createLedgerServer(options: LedgerOptions): LedgerServer {
  const { now = Date.now } = options;
  const tracking = new TrackingServer({
    path: options.trackingPath,
    now,
    ...(options.retentionMs === undefined ? {} : { retentionMs: options.retentionMs }),
    ...(options.onLost === undefined ? {} : { onLost: options.onLost }),
  });
  const queue = new QueueServer({ path: options.queuePath, now, onIntervention: (note) => tracking.record(eventsOf(note, now())) });
  return {
    handlers: { ...queueHandlers(queue), ...trackingHandlers(tracking) },
    queue,
    tracking,
    close() {
      queue.close();
      tracking.close();
    },
  };
}

function eventsOf(note: QueueNote, atMs: number): TrackingEvent[] {
  const { kind, id, sender, customer, subject, messageId, sizeBytes, reason } = note;
  const account = note.account === null ? null : brand<AccountId>(note.account);
  const detail: Record<string, string> = reason === '' ? {} : { reason };
  return note.recipients.map((recipient) => ({
    message: id,
    atMs,
    kind,
    direction: 'out',
    sender,
    recipient,
    account,
    customer,
    subject,
    messageId,
    sizeBytes,
    remote: '',
    reply: '',
    detail,
  }));
}
