/** The thread that mailstore-threads.ts starts: one store or reader server. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PortSlot, servePort } from '../../daemon/lib/port-call.ts';
import type { IntakeThread } from '../../daemon/mailstore/intake.ts';
import { createReaderServer } from '../../daemon/mailstore/reader-server.ts';
import { createStoreServer } from '../../daemon/mailstore/store-server.ts';

interface ThreadData {
  readonly role: 'store' | 'reader';
  readonly directory: string;
  readonly intake: IntakeThread | false;
  readonly maxOpenFiles?: number;
}

const { role, directory, intake, maxOpenFiles } = workerData as ThreadData;
const previews = new PortSlot();
const limits = maxOpenFiles === undefined ? {} : { maxOpenFiles };
const server =
  role === 'store'
    ? createStoreServer({ directory, previews, ...limits, ...(intake !== false && { thread: intake }) })
    : createReaderServer({ directory, ...limits, ...(intake !== false && { storeThreads: intake.count }) });

parentPort?.on('message', (message: { serve?: MessagePort; previews?: MessagePort; stop?: boolean }) => {
  if (message.serve !== undefined) servePort(message.serve, server.handlers, (error, method) => console.error(method, error));
  if (message.previews !== undefined) previews.attach(message.previews);
  if (message.stop === true) {
    server.close();
    process.exit(0);
  }
});
parentPort?.postMessage('ready');
