/**
 * What the runner is given by its thread: the ledger's port, who is who, the resolver, the way into our mailboxes.
 */
import type { Directory } from '../../directory/directory.ts';
import type { Resolver } from '../../dns/resolver.ts';
import type { OwnHost } from '../../dns/route.ts';
import type { PortSlot } from '../../lib/port-call.ts';
import type { DeliverLocal } from '../../queue/queue.ts';
import type { TrackingClient } from '../../tracking/tracking-client.ts';
import type { Address } from '../../wire/ids.ts';
import type { RetrySettings } from './retry-schedule.ts';
import { DEFAULT_RETRY } from './retry-schedule.ts';
import type { SessionLimits } from './session.ts';

export interface RunnerLog {
  info(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface RunnerContext {
  /** The port to the ledger thread. */
  readonly ledger: PortSlot;
  readonly tracking: Pick<TrackingClient, 'record' | 'flush'>;
  readonly directory: Pick<Directory, 'resolve' | 'isLocalDomain' | 'account' | 'setting'>;
  readonly resolver: Resolver;
  readonly deliverLocal: DeliverLocal;
  /** The sender before SRS rewrote it here. */
  readonly reverseSender: (address: Address) => Address | undefined;
  /** This machine, as routes must not lead to it. */
  readonly own: OwnHost;
  /** What EHLO and DSNs say. */
  readonly hostname: string;
  /** Port of other servers (25). */
  readonly port: number;
  /** The trial or the configuration allows next hops on loopback and private networks. */
  readonly allowPrivate: boolean;
  readonly log: RunnerLog;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly limits?: SessionLimits;
}

/** The retry schedule as the settings have it now. */
export function retrySettings(directory: Pick<Directory, 'setting'>): RetrySettings {
  const notice = directory.setting<number | null>('mailOut.delayNoticeAfter');
  return {
    ...DEFAULT_RETRY,
    lifetimeMs: directory.setting<number>('mailOut.giveUpAfter') * 1000,
    noticeMs: notice === null ? Infinity : notice * 1000,
  };
}
