import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Unavailable } from '../../daemon/lib/errors.ts';
import { localDelivery } from '../../daemon/mda/deliver-local.ts';
import type { LocalDelivery } from '../../daemon/queue/queue.ts';
import { type AccountId, type Address, brand } from '../../daemon/wire/ids.ts';
import { type MailHost, mailHost } from '../mta/receive/mail-host.ts';

async function given(
  t: TestContext,
  more: { to?: string; body?: string; junk?: boolean } = {},
): Promise<{ host: MailHost; delivery: LocalDelivery }> {
  const host = await mailHost(t);
  const to = more.to ?? 'anna@example.test';
  const account = host.accounts[to] ?? brand<AccountId>(999);
  const delivery: LocalDelivery = {
    queueId: 'q1',
    deliveryId: 'q1:0',
    sender: brand<Address>('far@client.test'),
    origin: 'mx',
    vouched: true,
    recipient: {
      address: brand<Address>(to),
      original: brand<Address>(to),
      destination: { kind: 'account', account, subaddress: null, junk: more.junk === true },
    },
    receivedAtMs: 1_000,
    subject: '',
    messageId: '',
    customer: null,
    body: Buffer.from(more.body ?? 'Subject: x\r\n\r\nbody\r\n'),
  };
  return { host, delivery };
}

test('a delivery that is repeated is there once', async (t) => {
  const { host, delivery } = await given(t);
  const deliver = localDelivery(host.mda);
  assert.deepEqual(await deliver(delivery), { kind: 'delivered', folder: 'INBOX', junk: false });
  assert.deepEqual(await deliver(delivery), { kind: 'delivered', folder: 'INBOX', junk: false });
  const snapshot = await host.mailstore.open(host.accounts['anna@example.test'] as AccountId, 'INBOX', false);
  assert.equal(snapshot.messages, 1);
  assert.equal(Buffer.from(delivery.body).toString(), 'Subject: x\r\n\r\nbody\r\n');
});

test('design rule 2: a full mailbox takes what was promised before', async (t) => {
  const { host, delivery } = await given(t, { to: 'full@example.test', junk: true });
  assert.deepEqual(await localDelivery(host.mda)(delivery), { kind: 'delivered', folder: 'Junk', junk: true });
});

test('RFC 5321 §6.3: a message that was delivered there before fails', async (t) => {
  const { host, delivery } = await given(t, { body: 'Delivered-To: Anna@example.test\r\n\r\n' });
  assert.match(JSON.stringify(await localDelivery(host.mda)(delivery)), /"failed".*554 5\.4\.6/);
});

test('a mailbox that is gone, suspended or out of reach', async (t) => {
  const gone = await given(t, { to: 'nobody@example.test' });
  assert.deepEqual(await localDelivery(gone.host.mda)(gone.delivery), { kind: 'failed', reply: '550 5.1.1 The mailbox is gone' });
  const asleep = await given(t, { to: 'asleep@example.test' });
  assert.match(JSON.stringify(await localDelivery(asleep.host.mda)(asleep.delivery)), /"deferred".*450 4\.2\.1/);
  const away = await given(t);
  away.host.mailstore.deliver = () => Promise.reject(new Unavailable('This part of the server is restarting'));
  assert.match(JSON.stringify(await localDelivery(away.host.mda)(away.delivery)), /"deferred".*"local".*451 4\.3\.0/);
});
