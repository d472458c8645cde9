/**
 * Entry of a reader thread: read-only connections to all accounts' files.
 */

import type { ReaderBoot } from './assembly/thread-boot.ts';
import { createLog } from './lib/log.ts';
import { threadRuntime } from './lib/thread-runtime.ts';
import { createReaderServer } from './mailstore/reader-server.ts';

const runtime = threadRuntime<ReaderBoot>();
const { log, flush, setLevel } = createLog(runtime.boot.logLevel, { thread: `reader-${runtime.index}` });
const server = createReaderServer({ directory: runtime.boot.accountsDir, storeThreads: runtime.count('store') });
runtime.serve(server.handlers, (error, method) => log.error({ err: error, method }, 'reader_defect'));
runtime.onNotice('logLevel', setLevel);
runtime.onStop(async () => {
  server.close();
  flush();
});
runtime.ready({});
