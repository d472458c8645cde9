import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { insertCustomer } from '../../daemon/directory/records/customers.ts';
import { mxProfile } from '../../daemon/mta/receive/mx-profile.ts';
import { Dialogue, listening } from '../mta/receive/dialogue.ts';
import { type HostOptions, type MailHost, mailHost } from '../mta/receive/mail-host.ts';

interface Sending {
  readonly to: readonly string[];
  readonly answer: string;
  readonly sender?: string;
  readonly header?: string;
}

async function sending(t: TestContext, options: HostOptions = {}): Promise<{ host: MailHost; send: (mail: Sending) => Promise<void> }> {
  const host = await mailHost(t, options);
  const { port } = await listening(t, host.context, mxProfile(host.context));
  return {
    host,
    send: async ({ to, answer, sender = 'far@client.test', header = 'From: far@client.test' }) => {
      const dialogue = await Dialogue.open(t, port);
      await dialogue.play(`S: 220\nC: EHLO client.test\nS: 250\nC: MAIL FROM:<${sender}>\nS: 250`);
      for (const recipient of to) await dialogue.play(`C: RCPT TO:<${recipient}>\nS: 250`);
      await dialogue.play('C: DATA\nS: 354');
      dialogue.write(`${header}\r\n\r\nbody\r\n.\r\n`);
      await dialogue.play(`S: ${answer}`);
    },
  };
}

const summary = (host: MailHost): unknown[] =>
  host.queued.map((message) => [
    message.origin,
    message.sender,
    message.recipients.map(({ address, destination }) => (destination.kind === 'account' ? destination.account : address)),
  ]);

test('several accounts are one queue entry, each account once', async (t) => {
  const { host, send } = await sending(t);
  await send({ to: ['team@example.test', 'anna@example.test', 'bert+x@example.test'], answer: '250 2.0.0 Accepted' });
  const { accounts } = host;
  assert.deepEqual(summary(host), [['mx', 'far@client.test', [accounts['anna@example.test'], accounts['bert@example.test']]]]);
  assert.deepEqual(
    host.events.map((event) => event.kind),
    ['received'],
  );
});

test("a message from outside is queued apart for each customer: none sees or drops another's recipients", async (t) => {
  const { host, send } = await sending(t);
  const { sql } = host.control.connection;
  const other = insertCustomer(host.control.db, { kind: 'customer', name: 'Other', createdAt: 0 }).id;
  sql.prepare("UPDATE domain SET customer_id = ? WHERE name = 'other.test'").run(other);
  await send({ to: ['anna@example.test', 'bert@example.test', 'carl@other.test', 'away@example.test'], answer: '250' });
  const first = host.queued[0]?.customer;
  assert.notEqual(first, other);
  assert.deepEqual(
    host.queued.map(({ customer, recipients }) => [customer, recipients.map(({ original }) => original)]),
    [
      [first, ['anna@example.test', 'bert@example.test']],
      [other, ['carl@other.test']],
      [first, ['away@example.test']],
    ],
  );
  assert.equal(new Set(host.queued.map(({ id }) => id)).size, 3);
  const received = host.events.filter(({ kind }) => kind === 'received');
  assert.deepEqual(
    received.map(({ message, customer }) => [message, customer]),
    host.queued.slice(0, 2).map(({ id, customer }) => [id, customer]),
  );
});

test("a forward leaves under its own domain with SRS, the kept copy under the sender's name", async (t) => {
  const { host, send } = await sending(t);
  await send({ to: ['anna.away@example.test'], answer: '250' });
  const [kept, forwarded] = host.queued;
  assert.deepEqual([kept?.origin, kept?.sender, kept?.recipients.length], ['mx', 'far@client.test', 1]);
  assert.equal(forwarded?.origin, 'forward');
  assert.match(forwarded?.sender ?? '', /^SRS0=[a-z2-7]{6}=[a-z2-7]{2}=client\.test=far@example\.test$/);
  assert.deepEqual(
    forwarded?.recipients.map((recipient) => recipient.address),
    ['anna@far.test'],
  );
  assert.match(Buffer.from(forwarded?.body ?? []).toString(), /^Delivered-To: anna\.away@example\.test\r\n/);
  assert.ok(
    !Buffer.from(kept?.body ?? [])
      .toString()
      .includes('Delivered-To'),
  );
  assert.deepEqual(
    host.events.map((event) => event.kind),
    ['received', 'forwarded'],
  );
});

test('a bounce to a rewritten sender goes back to the sender before, a forged one nowhere', async (t) => {
  const { host, send } = await sending(t);
  await send({ to: ['away@example.test'], answer: '250' });
  const rewritten = host.queued[0]?.sender ?? '';
  await send({ to: [rewritten], sender: '', answer: '250' });
  assert.deepEqual(summary(host)[1], ['mx', '', ['far@client.test']]);
  const dialogue = await Dialogue.open(t, (await listening(t, host.context, mxProfile(host.context))).port);
  await dialogue.play(
    `S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<${rewritten.replace('client.test', 'victim.test')}>\nS: 550 5.1.1`,
  );
});

test('the null sender stays null on a forward', async (t) => {
  const { host, send } = await sending(t);
  await send({ to: ['away@example.test'], sender: '', answer: '250' });
  assert.equal(host.queued[0]?.sender, '');
});

test('junk is not forwarded: with a kept copy it is filed, without one the sender is told', async (t) => {
  const zone = { 'wary.test': { TXT: ['v=spf1 -all'] }, '_dmarc.wary.test': { TXT: ['v=DMARC1; p=quarantine'] } };
  const { host, send } = await sending(t, { zone });
  const junk = { sender: 'a@wary.test', header: 'From: a@wary.test' };
  await send({ ...junk, to: ['away@example.test'], answer: '550 5.7.1 The address leads to another server' });
  await send({ ...junk, to: ['anna.away@example.test'], answer: '250 2.0.0 Delivered' });
  assert.equal(host.queued.length, 0);
  assert.deepEqual(
    host.events.map((event) => event.kind),
    ['refused', 'junked', 'discarded'],
  );
  assert.equal(host.events[2]?.detail['why'], 'junk is not forwarded');
});

test('an address that discards says 250 and keeps nothing', async (t) => {
  const { host, send } = await sending(t);
  await send({ to: ['nobody@example.test'], answer: '250 2.0.0 Accepted' });
  assert.equal(host.queued.length, 0);
  assert.deepEqual(
    host.events.map((event) => event.kind),
    ['received', 'discarded'],
  );
});

test('RFC 5321 §6.3: a forward that comes back is a loop', async (t) => {
  const { host, send } = await sending(t);
  await send({ to: ['away@example.test'], header: 'Delivered-To: away@example.test', answer: '554 5.4.6' });
  assert.equal(host.queued.length, 0);
});

test('subjects are left out of tracking when the setting says so', async (t) => {
  const { host, send } = await sending(t);
  host.set('records.keepSubjects', false);
  await send({ to: ['anna@example.test'], header: 'Subject: private', answer: '250' });
  assert.deepEqual(
    host.events.map((event) => event.subject),
    [''],
  );
});
