/**
 * Entry of the runner thread: it works off the queue (decisions/0002-runner-thread.md).
 */

import { serverFacts } from './assembly/server-facts.ts';
import type { WorldBoot } from './assembly/thread-boot.ts';
import { threadResolver } from './assembly/thread-resolver.ts';
import { LISTENERS } from './config/listeners.ts';
import { openControlReadOnly } from './directory/control.ts';
import { createDirectory } from './directory/create-directory.ts';
import { serverSecret } from './directory/server-secrets.ts';
import { createLog } from './lib/log.ts';
import { threadRuntime } from './lib/thread-runtime.ts';
import { createMailstoreClient } from './mailstore/client.ts';
import { localDelivery } from './mda/deliver-local.ts';
import { createSenderRewriting } from './mda/sender-rewriting.ts';
import { createRunner } from './mta/send/runner.ts';
import { createQueueClient } from './queue/queue-client.ts';
import { QueueIds } from './queue/queue-id.ts';
import { createTrackingClient } from './tracking/tracking-client.ts';

const runtime = threadRuntime<WorldBoot>();
const { config, dataDir, logLevel } = runtime.boot;
const { log, flush, setLevel } = createLog(logLevel, { thread: 'runner' });
const [ledger] = runtime.slots('ledger');
if (ledger === undefined) throw new Error('the runner needs the ledger');

const now = Date.now;
const connection = openControlReadOnly(dataDir);
const directory = createDirectory(connection, { onLoop: (address) => log.warn({ address }, 'forwarding_loop') });
const facts = serverFacts(directory, config);
const tracking = createTrackingClient(ledger);
const srs = createSenderRewriting(serverSecret(connection, 'srs'), now);
const ids = new QueueIds();
const mailstore = createMailstoreClient({
  stores: runtime.slots('store'),
  readers: runtime.slots('reader'),
  onDefect: (error) => log.error({ err: error }, 'mailstore_defect'),
});
const deliverLocal = localDelivery({
  directory,
  mailstore,
  queue: createQueueClient(ledger),
  tracking,
  srs,
  log,
  now,
  nextId: (nowMs) => ids.next(nowMs),
});

const runner = createRunner({
  ledger,
  tracking,
  directory,
  resolver: threadResolver(config),
  deliverLocal,
  reverseSender: (address) => srs.reverse(address),
  own: {
    get hostname() {
      return facts.hostname();
    },
    get addresses() {
      return [...config.listen, ...facts.publicAddresses()];
    },
    smtpPort: LISTENERS.smtp.port + config.portOffset,
  },
  get hostname() {
    return facts.hostname();
  },
  port: config.outboundPort,
  get allowPrivate() {
    return config.trial || config.allowPrivateNextHops || directory.setting<boolean>('mailOut.allowPrivateMx');
  },
  log,
});
runner.start();
runtime.onNotice('logLevel', setLevel);
runtime.onStop(async (deadlineMs) => {
  await runner.close(deadlineMs);
  await tracking.flush();
  flush();
});
runtime.ready({});
