/**
 * Entry of a store thread: the writer of the accounts that hash to it.
 */

import type { StoreBoot } from './assembly/thread-boot.ts';
import { createLog } from './lib/log.ts';
import { threadRuntime } from './lib/thread-runtime.ts';
import { createStoreServer } from './mailstore/store-server.ts';

const runtime = threadRuntime<StoreBoot>();
const { log, flush, setLevel } = createLog(runtime.boot.logLevel, { thread: `store-${runtime.index}` });
const [main] = runtime.slots('main');
const readers = runtime.slots('reader');
const previews = readers[runtime.index % readers.length];

const server = createStoreServer({
  directory: runtime.boot.accountsDir,
  firstUidValidity: runtime.boot.firstUidValidity,
  thread: { index: runtime.index, count: runtime.count('store') },
  markDirty: async (accounts) => main?.call('usage.markDirty', accounts),
  onUsage: (rows) => {
    main?.call('usage.save', rows).catch((error: unknown) => log.warn({ err: error }, 'usage_report_lost'));
  },
  ...(previews === undefined ? {} : { previews }),
});
runtime.serve(server.handlers, (error, method) => log.error({ err: error, method }, 'store_defect'));
runtime.onNotice('logLevel', setLevel);
runtime.onStop(async () => {
  server.close();
  flush();
});
runtime.ready({});
