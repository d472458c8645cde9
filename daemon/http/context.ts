/**
 * What the HTTP side works with: use cases, the ledger's clients and facts about this server; built once by main.
 */
import type { AdminContext } from '../admin/admin-context.ts';
import type { DomainChecker } from '../admin/domain-checker.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Log } from '../lib/log.ts';
import type { Queue } from '../queue/queue.ts';
import type { Tracking } from '../tracking/tracking.ts';
import type { Status } from './contract/api.ts';

/** Facts of this server that routes answer with; functions where a setting may change them. */
export interface HttpFacts {
  /** The name under which other servers and mail programs know this one. */
  hostname(): string;
  readonly version: string;
  /** Added to every port. */
  readonly portOffset: number;
  /** In the trial loopback is exempt from rate limits and nothing is pinned to https for later. */
  readonly trial: boolean;
  /** Addresses under which the world reaches this machine. */
  publicAddresses(): readonly string[];
  /** Folder of all data: its file system is what the overview tells of. */
  readonly dataDir: string;
  /** Folder of the built panel. */
  readonly panelDir: string;
  /** Unix ms. */
  readonly startedAt: number;
}

export interface HttpContext {
  readonly admin: AdminContext;
  readonly queue: Queue;
  readonly tracking: Tracking;
  readonly resolver: Resolver;
  readonly checker: DomainChecker;
  readonly facts: HttpFacts;
  readonly log: Log;
  readonly status: () => Status | Promise<Status>;
  /** Unix ms. */
  readonly now: () => number;
}
