/**
 * Entry of the ledger thread: the only one that touches queue.db and tracking.db.
 */
import { createLedgerServer } from './assembly/ledger-server.ts';
import type { LedgerBoot } from './assembly/thread-boot.ts';
import { createLog } from './lib/log.ts';
import { threadRuntime } from './lib/thread-runtime.ts';

const DAY_MS = 86_400_000;

const runtime = threadRuntime<LedgerBoot>();
const { log, flush, setLevel } = createLog(runtime.boot.logLevel, { thread: 'ledger' });
const server = createLedgerServer({
  queuePath: runtime.boot.queuePath,
  trackingPath: runtime.boot.trackingPath,
  retentionMs: runtime.boot.retentionMs,
  onLost: (count, error) => log.error({ err: error, count }, 'tracking_lost'),
});
runtime.serve(server.handlers, (error, method) => log.error({ err: error, method }, 'ledger_defect'));
runtime.onNotice('logLevel', setLevel);
runtime.onNotice('trackingDays', (days: number) => server.tracking.setRetention(days * DAY_MS));
runtime.onStop(async () => {
  server.close();
  flush();
});
runtime.ready({});
