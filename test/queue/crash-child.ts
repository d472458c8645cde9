/**
 * A daemon in small for crash.test.ts: puts messages, runs the runner, delivers into one SQLite file with unique delivery ids.
 * Arguments: folder, `put` or `drain`. Prints `put <token>` after each acknowledged put; ends by itself only when draining.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { createLedgerServer } from '../../daemon/assembly/ledger-server.ts';
import { openConnection } from '../../daemon/database/open.ts';
import { PortSlot, servePort } from '../../daemon/lib/port-call.ts';
import { createRunner } from '../../daemon/mta/send/runner.ts';
import { createQueueClient } from '../../daemon/queue/queue-client.ts';
import { createTrackingClient } from '../../daemon/tracking/tracking-client.ts';
import { fakeResolver } from '../support/fake-resolver.ts';
import { local, message } from './ledger-fixture.ts';

const [folder = '', mode] = process.argv.slice(2);
// Started by a test runner that takes every file for a test: there is nothing to do.
if (mode !== 'put' && mode !== 'drain') process.exit(0);
const ledger = createLedgerServer({ queuePath: join(folder, 'queue.db'), trackingPath: join(folder, 'tracking.db') });
const { port1, port2 } = new MessageChannel();
servePort(port1, ledger.handlers, (error) => writeSync(2, `${String(error)}\n`));
const slot = new PortSlot();
slot.attach(port2);
const queue = createQueueClient(slot);
const mailbox = openConnection(join(folder, 'mailbox.db'), {
  migrations: ['CREATE TABLE delivery (id TEXT PRIMARY KEY, token TEXT NOT NULL, recipient TEXT NOT NULL) STRICT'],
});

createRunner({
  ledger: slot,
  tracking: createTrackingClient(slot),
  directory: {
    resolve: () => ({ kind: 'not-ours' }),
    isLocalDomain: () => true,
    account: () => undefined,
    setting: <T>(key: string): T => (key.endsWith('After') ? 432_000 : 5) as T,
  },
  resolver: fakeResolver({}),
  deliverLocal: async (delivery) => {
    const token = Buffer.from(delivery.body).toString().trim();
    const insert = () =>
      mailbox.statement('INSERT OR IGNORE INTO delivery VALUES (?, ?, ?)').run(delivery.deliveryId, token, delivery.recipient.address)
        .changes;
    mailbox.transact(insert);
    return { kind: 'delivered', folder: 'INBOX', junk: false };
  },
  reverseSender: () => undefined,
  own: { hostname: 'mail.shop.test', addresses: [], smtpPort: 25 },
  hostname: 'mail.shop.test',
  port: 25,
  allowPrivate: true,
  log: { info: () => undefined, error: (fields) => writeSync(2, `${String((fields as { err?: unknown }).err)}\n`) },
}).start();

if (mode === 'drain') {
  while ((await queue.summary()).messages > 0);
  process.exit(0);
}
const putForever = async (lane: number): Promise<void> => {
  for (let n = 0; ; n++) {
    const token = `${process.pid}-${lane}-${n}`;
    const recipients = Array.from({ length: 1 + (n % 3) }, (_, r) => local(`r${r}@shop.test`, r + 1));
    await queue.put(message(recipients, { body: new TextEncoder().encode(`${token}\r\n`), receivedAtMs: Date.now() }));
    writeSync(1, `put ${token} ${recipients.length}\n`);
  }
};
await Promise.all([0, 1, 2, 3, 4, 5].map(putForever));
