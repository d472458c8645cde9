/**
 * What the threads must hear of changes that people make: certificates, settings that a thread keeps, log-ins taken back
 * (rule 9 of the design). What control.db holds needs no word: every thread reads it again when it changed.
 */
import type { AdminEvents } from '../admin/admin-events.ts';
import type { Log } from '../lib/log.ts';
import type { ThreadSupervisor } from '../lib/thread-supervisor.ts';
import type { Owned } from './open-owned.ts';

export function followChanges(owned: Owned, events: AdminEvents, threads: ThreadSupervisor, log: Log): void {
  const { directory, certificates, secureContexts, facts } = owned;
  certificates.onPublish(async (set) => {
    secureContexts.replace(set);
    await threads.broadcast('certificates', set);
  });
  const onSetting: Readonly<Record<string, () => Promise<unknown>>> = {
    // A new host name is served by a certificate of its own at once.
    'server.hostname': () => certificates.load(facts.hostname()),
    // By broadcast, although the ledger alone listens: a ledger started anew hears it too.
    'records.trackingDays': () => threads.broadcast('trackingDays', directory.setting<number>('records.trackingDays')),
  };
  events.listen((event) => {
    if (event.kind === 'revoked') threads.notify('protocol', 'revoked', event.account);
    else if (event.kind === 'changed' && event.resource === 'settings')
      onSetting[event.id]?.().catch((error: unknown) => log.error({ err: error, setting: event.id }, 'setting_unheard'));
  });
}
