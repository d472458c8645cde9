/**
 * What the MDA is given by its thread.
 */
import type { Directory } from '../directory/directory.ts';
import type { Mailstore } from '../mailstore/mailstore.ts';
import type { Queue, QueueId } from '../queue/queue.ts';
import type { Tracking } from '../tracking/tracking.ts';
import type { SenderRewriting } from './sender-rewriting.ts';

export interface MdaLog {
  info(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface MdaContext {
  readonly directory: Directory;
  readonly mailstore: Mailstore;
  readonly queue: Queue;
  readonly tracking: Tracking;
  readonly srs: SenderRewriting;
  readonly log: MdaLog;
  /** Unix time in ms. */
  readonly now: () => number;
  readonly nextId: (nowMs: number) => QueueId;
}
