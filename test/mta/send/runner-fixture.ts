/** A runner over a real ledger, with DNS from a table, mailboxes in memory and a clock that the test turns. */
import type { Directory, Resolution } from '../../../daemon/directory/directory.ts';
import { SETTINGS } from '../../../daemon/directory/settings.ts';
import { createRunner, type Runner } from '../../../daemon/mta/send/runner.ts';
import type { RunnerContext } from '../../../daemon/mta/send/runner-context.ts';
import { DEFAULT_LIMITS } from '../../../daemon/mta/send/session.ts';
import type { DeliverLocal, LocalDelivery, LocalOutcome } from '../../../daemon/queue/queue.ts';
import type { TrackingEvent } from '../../../daemon/tracking/tracking.ts';
import { type AccountId, type Address, brand, type CustomerId, type DomainId } from '../../../daemon/wire/ids.ts';
import { type Ledger, openLedger } from '../../queue/ledger-fixture.ts';
import type { ZoneData } from '../../support/dns-records.ts';
import { type FakeResolver, type FakeResolverSettings, fakeResolver } from '../../support/fake-resolver.ts';

export interface RunnerRig extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly runner: Runner;
  readonly resolver: FakeResolver;
  readonly delivered: LocalDelivery[];
  readonly events: TrackingEvent[];
  readonly defects: unknown[];
  readonly settings: Map<string, unknown>;
  readonly ownDomains: Set<string>;
  readonly suspendedOut: Set<number>;
  deliver: (delivery: LocalDelivery) => LocalOutcome | Promise<LocalOutcome>;
  /** Waits for an event that fits; fails after 10 s. */
  until(fits: (event: TrackingEvent) => boolean): Promise<TrackingEvent>;
  /** Turns the clock on and lets the queue see it. */
  pass(ms: number): void;
  /** Resolves when no message is left in the queue. */
  empty(): Promise<void>;
}

export interface RigOptions {
  readonly port: number;
  readonly dns: ZoneData;
  readonly failures?: FakeResolverSettings['failures'];
  readonly context?: Partial<RunnerContext>;
}

export function startRig(options: RigOptions): RunnerRig {
  const ledger = openLedger();
  const waiting = new Set<() => void>();
  const resolver = fakeResolver(options.dns, options.failures === undefined ? {} : { failures: options.failures });
  const deliver: DeliverLocal = async (delivery) => {
    const outcome = await rig.deliver(delivery);
    if (outcome.kind === 'delivered') rig.delivered.push(delivery);
    return outcome;
  };
  const rig: RunnerRig = {
    ledger,
    resolver,
    delivered: [],
    events: [],
    defects: [],
    settings: new Map(SETTINGS.map(({ key, initial }) => [key, initial])),
    ownDomains: new Set(['shop.test']),
    suspendedOut: new Set(),
    deliver: () => ({ kind: 'delivered', folder: 'INBOX', junk: false }),
    runner: undefined as unknown as Runner,
    async until(fits) {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const found = rig.events.find(fits);
        if (found !== undefined) return found;
        if (Date.now() > deadline)
          throw new Error(`no such event among ${JSON.stringify(rig.events, undefined, 1)}\n${rig.defects.join('\n')}`);
        await new Promise<void>((resolve) => {
          const wake = setTimeout(resolve, 500);
          waiting.add(() => {
            clearTimeout(wake);
            resolve();
          });
        });
      }
    },
    pass(ms) {
      ledger.nowMs += ms;
      ledger.server.queue.wake();
    },
    async empty() {
      const deadline = Date.now() + 10_000;
      while ((await ledger.queue.summary()).messages > 0) if (Date.now() > deadline) throw new Error('the queue does not empty');
    },
    async [Symbol.asyncDispose]() {
      await rig.runner.close(500);
      ledger[Symbol.dispose]();
    },
  };
  const runner = createRunner({
    ledger: ledger.slot,
    tracking: {
      record(event) {
        rig.events.push(event);
        ledger.tracking.record(event);
        for (const wake of waiting) wake();
        waiting.clear();
      },
      flush: () => ledger.tracking.flush(),
    },
    directory: directoryOf(rig),
    resolver,
    deliverLocal: deliver,
    reverseSender: () => undefined,
    own: { hostname: 'mail.shop.test', addresses: ['127.0.0.9'], smtpPort: 2525 },
    hostname: 'mail.shop.test',
    port: options.port,
    allowPrivate: true,
    log: { info: () => undefined, error: (fields) => rig.defects.push((fields as { err?: unknown }).err ?? fields) },
    now: () => ledger.nowMs,
    random: () => 0.5,
    limits: { ...DEFAULT_LIMITS, connectMs: 2_000, setupMs: 3_000, commandMs: 2_000, finalMs: 2_000 },
    ...options.context,
  });
  (rig as { runner: Runner }).runner = runner;
  runner.start();
  return rig;
}

function directoryOf(rig: RunnerRig): Pick<Directory, 'resolve' | 'isLocalDomain' | 'account' | 'setting'> {
  const account = (id: number) => ({
    id: brand<AccountId>(id),
    customer: brand<CustomerId>(3),
    domain: brand<DomainId>(1),
    address: brand<Address>(`a${id}@shop.test`),
    name: '',
    quotaBytes: null,
    usageBytes: 0,
    suspendedIn: false,
    suspendedOut: rig.suspendedOut.has(id),
    suspendedLogin: false,
    credentialVersion: 1,
    fullSinceMs: null,
  });
  return {
    resolve(address): Resolution {
      if (!rig.ownDomains.has(address.slice(address.indexOf('@') + 1))) return { kind: 'not-ours' };
      if (address.startsWith('nobody')) return { kind: 'unknown' };
      const destinations = [{ kind: 'account' as const, account: account(7), subaddress: null }];
      return { kind: 'deliverable', domain: brand<DomainId>(1), customer: brand<CustomerId>(3), destinations };
    },
    isLocalDomain: (domain) => rig.ownDomains.has(domain),
    account: (id) => account(id),
    setting: <T>(key: string): T => rig.settings.get(key) as T,
  };
}
