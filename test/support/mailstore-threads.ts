/**
 * A mailstore as the daemon runs it, for tests and measurements: store and reader threads over a directory, and a client.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { PortSlot } from '../../daemon/lib/port-call.ts';
import { createMailstoreClient, type MailstoreClient } from '../../daemon/mailstore/client.ts';

export interface ThreadedMailstore {
  readonly store: MailstoreClient;
  readonly directory: string;
  /** Kills store thread `index` and starts another in its place. */
  restartStore(index: number): Promise<void>;
  close(): Promise<void>;
}

export interface ThreadCounts {
  readonly stores?: number;
  readonly readers?: number;
  /** Where account files lie; a temporary directory otherwise. */
  readonly directory?: string;
  readonly previews?: boolean;
  readonly maxOpenFiles?: number;
  /** Store threads keep intakes for cold accounts. */
  readonly intake?: boolean;
}

const workerFile = new URL('./mailstore-thread.ts', import.meta.url);

export async function openThreadedMailstore(counts: ThreadCounts = {}): Promise<ThreadedMailstore> {
  const directory = counts.directory ?? mkdtempSync(join(tmpdir(), 'mailstead-store-'));
  const storeCount = counts.stores ?? 2;
  const start = async (role: 'store' | 'reader', index: number): Promise<Worker> => {
    const intake = counts.intake === true && { index, count: storeCount };
    const worker = new Worker(workerFile, { workerData: { role, directory, intake, maxOpenFiles: counts.maxOpenFiles } });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    return worker;
  };
  const connect = (worker: Worker, slot: PortSlot): void => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ serve: port2 }, [port2]);
    slot.attach(port1);
  };
  const stores = await Promise.all(Array.from({ length: storeCount }, (_, index) => start('store', index)));
  const readers = await Promise.all(Array.from({ length: counts.readers ?? 1 }, (_, index) => start('reader', index)));
  const layPreviews = (worker: Worker): void => {
    if (counts.previews !== true) return;
    const { port1, port2 } = new MessageChannel();
    readers[0]?.postMessage({ serve: port2 }, [port2]);
    worker.postMessage({ previews: port1 }, [port1]);
  };
  const slots = { stores: stores.map(() => new PortSlot()), readers: readers.map(() => new PortSlot()) };
  stores.forEach((worker, i) => {
    connect(worker, slots.stores[i] as PortSlot);
    layPreviews(worker);
  });
  for (const [i, worker] of readers.entries()) connect(worker, slots.readers[i] as PortSlot);
  const store = createMailstoreClient({ ...slots, onDefect: (error) => console.error(error) });
  return {
    store,
    directory,
    restartStore: async (index) => {
      await stores[index]?.terminate();
      const worker = await start('store', index);
      stores[index] = worker;
      connect(worker, slots.stores[index] as PortSlot);
      layPreviews(worker);
    },
    close: async () => {
      store.close();
      for (const slot of [...slots.stores, ...slots.readers]) slot.client?.close();
      await Promise.all(
        [...stores, ...readers].map(async (worker) => {
          const exited = new Promise((resolve) => worker.once('exit', resolve));
          worker.postMessage({ stop: true });
          await exited;
        }),
      );
      if (counts.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
