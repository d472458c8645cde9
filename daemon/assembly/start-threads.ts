/**
 * The plan of all worker threads and what each is born with.
 */
import { join } from 'node:path';
import type { CertificateSet } from '../certificates/certificate-set.ts';
import type { Config } from '../config/config.ts';
import type { Handlers } from '../lib/port-call.ts';
import { type RolePlan, type SupervisorEvents, ThreadSupervisor } from '../lib/thread-supervisor.ts';
import type { CommonBoot, LedgerBoot, ReaderBoot, StoreBoot, WorldBoot } from './thread-boot.ts';

export interface ThreadFacts {
  readonly config: Config;
  readonly version: string;
  readonly certificates: CertificateSet;
  readonly firstUidValidity: number;
  readonly trackingDays: number;
}

const DAY_MS = 86_400_000;

export function startThreads(facts: ThreadFacts, mainHandlers: Handlers, events: SupervisorEvents): ThreadSupervisor {
  return new ThreadSupervisor(plans(facts), mainHandlers, events);
}

function plans({ config, version, certificates, firstUidValidity, trackingDays }: ThreadFacts): RolePlan[] {
  const common: CommonBoot = { dataDir: config.data, logLevel: config.logLevel };
  const accountsDir = join(config.data, 'accounts');
  const store: StoreBoot = { ...common, accountsDir, firstUidValidity };
  const reader: ReaderBoot = { ...common, accountsDir };
  const ledger: LedgerBoot = {
    ...common,
    queuePath: join(config.data, 'queue.db'),
    trackingPath: join(config.data, 'tracking.db'),
    retentionMs: trackingDays * DAY_MS,
  };
  const world: WorldBoot = { ...common, config, version, certificates };
  const entry = (name: string): URL => new URL(`../${name}-thread.ts`, import.meta.url);
  return [
    { role: 'ledger', count: 1, entry: entry('ledger'), boot: ledger },
    { role: 'store', count: config.storeThreads, entry: entry('store'), boot: store },
    { role: 'reader', count: config.readerThreads, entry: entry('reader'), boot: reader },
    { role: 'runner', count: 1, entry: entry('runner'), boot: world },
    { role: 'protocol', count: config.protocolThreads, entry: entry('protocol'), boot: world },
  ];
}
