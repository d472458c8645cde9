/**
 * Tracking as the other threads see it. `record` gathers events for SEND_MS and posts them in one text; it never waits and
 * never throws. While the ledger restarts, events of that moment are lost (invariant 1 of tracking.ts).
 */
import type { Handlers, PortSlot } from '../lib/port-call.ts';
import type { AccountId, CustomerId } from '../wire/ids.ts';
import type { Tracking, TrackingEvent, TrackingFilter, TrackingPulse } from './tracking.ts';
import type { TrackingServer } from './tracking-server.ts';

const SEND_MS = 50;
const MAX_GATHERED = 500;

export interface TrackingClient extends Tracking {
  /** Posts what is gathered; resolves when the ledger has it. For an orderly stop. */
  flush(): Promise<void>;
}

export function createTrackingClient(ledger: PortSlot): TrackingClient {
  let gathered: TrackingEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const text = JSON.stringify(gathered);
    gathered = [];
    // A ledger that restarts loses these events and nothing else.
    await ledger.call<void>('tracking.record', text).catch(() => undefined);
  };
  return {
    record(event) {
      gathered.push(event);
      if (gathered.length >= MAX_GATHERED) void flush();
      else timer ??= setTimeout(() => void flush(), SEND_MS);
    },
    list: (filter) => ledger.call('tracking.list', filter),
    story: (message, scope) => ledger.call('tracking.story', message, scope),
    counters: (range) => ledger.call('tracking.counters', range),
    watch: () => ledger.stream<TrackingPulse>('tracking.watch'),
    flush,
  };
}

export function trackingHandlers(server: TrackingServer): Handlers {
  return {
    'tracking.record': (text: string) => server.recordText(text),
    'tracking.list': (filter: TrackingFilter) => server.list(filter),
    'tracking.story': (message: string, scope: { customer?: CustomerId; account?: AccountId }) => server.story(message, scope),
    'tracking.counters': server.counters,
    'tracking.watch': () => server.watch(),
  };
}
