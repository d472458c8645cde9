/** The thread that mailstore-threads.ts starts: one store or reader server. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PortSlot, servePort } from '../../daemon/lib/port-call.ts';
import { createReaderServer } from '../../daemon/mailstore/reader-server.ts';
import { createStoreServer } from '../../daemon/mailstore/store-server.ts';

const { role, directory, maxOpenFiles } = workerData as { role: 'store' | 'reader'; directory: string; maxOpenFiles?: number };
const previews = new PortSlot();
const limits = maxOpenFiles === undefined ? {} : { maxOpenFiles };
const server = role === 'store' ? createStoreServer({ directory, previews, ...limits }) : createReaderServer({ directory, ...limits });

parentPort?.on('message', (message: { serve?: MessagePort; previews?: MessagePort; stop?: boolean }) => {
  if (message.serve !== undefined) servePort(message.serve, server.handlers, (error, method) => console.error(method, error));
  if (message.previews !== undefined) previews.attach(message.previews);
  if (message.stop === true) {
    server.close();
    process.exit(0);
  }
});
parentPort?.postMessage('ready');
