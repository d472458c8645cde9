/**
 * What the MDA is given by its thread.
 */
import type { Directory } from '../directory/directory.ts';
import type { Mailstore } from '../mailstore/mailstore.ts';
import type { Queue, QueueId } from '../queue/queue.ts';
import type { Tracking } from '../tracking/tracking.ts';
import type { Address, Domain } from '../wire/ids.ts';

/** Sender rewriting (SRS) with the server's key. */
export interface SenderRewriting {
  /** The sender under which `domain` forwards mail of `sender`. */
  forward(sender: Address, domain: Domain): Address;
  /** The sender before it was rewritten here; undefined: not made here, or too old. */
  reverse(address: Address): Address | undefined;
}

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
