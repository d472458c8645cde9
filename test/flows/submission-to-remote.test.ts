/** Flow 2 over real sockets: a user's message is signed, queued, led by MX look-up to a foreign Postfix, retried, and bounced properly. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { LineClient } from '../support/line-client.ts';
import { readFolder, submission } from '../support/mail-clients.ts';

let lab: Lab;
before(async () => {
  lab = await openLab({ accounts: ['ann', 'bob'], foreignUsers: ['zoe@far.test', 'yan@far.test', 'late@far.test'] });
  // Before the first session: Postfix reads its tables anew for new sessions only, and ours are kept.
  await lab.postfix.restrict('late@far.test', '450 4.2.0 Greylisted, please try again in 300 seconds');
});
after(() => lab[Symbol.asyncDispose]());

test('RFC 6409 §8: a submitted message is completed, signed, and reaches the server that the MX names', async () => {
  const { daemon, postfix } = lab;
  const mail = submission(daemon, 'ann@own.test');
  await mail.sendMail({
    from: 'ann@own.test',
    to: ['zoe@far.test', 'bob@own.test'],
    bcc: 'yan@far.test',
    subject: 'Minutes',
    text: 'As agreed.',
  });
  for (const user of ['zoe@far.test', 'yan@far.test']) {
    const text = await postfix.received(user, /Subject: Minutes/);
    assert.match(text, /^Return-Path: <ann@own\.test>$/m);
    assert.match(text, /^DKIM-Signature: /m);
    assert.match(text, /^Message-ID: </im);
    assert.doesNotMatch(text, /^Bcc:/im);
    // RFC 7435: with whoever has TLS, whatever its certificate.
    assert.match(text, /^Received: from mail\.own\.test [^]*?\(using TLSv1\.3 [^]*?with ESMTPS id/m);
  }
  // Local recipients never leave the machine.
  const kept = await eventually('the copy for Bob', async () => (await readFolder(daemon, 'bob@own.test'))[0]);
  assert.match(kept.toString(), /^Return-Path: <ann@own\.test>/);
  assert.doesNotMatch(postfix.log, /bob@own\.test/);
  await daemon.queueEmpty();
  const entry = await eventually('a trace', async () =>
    (await daemon.call('track.list', { text: 'zoe@far.test' })).find(({ state }) => state === 'delivered'),
  );
  const story = await daemon.call('track.story', { message: entry.message });
  const handedOver = story.find(({ kind, recipient }) => kind === 'delivered' && recipient === 'zoe@far.test');
  assert.match(handedOver?.remote ?? '', /^mx\.far\.test \[127\./);
  assert.match(handedOver?.reply ?? '', /^250 2\.0\.0 Ok: queued as /);
});

test('RFC 3464 §2: what the other server refuses for good comes back to the sender as a report', async () => {
  const { daemon } = lab;
  const mail = submission(daemon, 'ann@own.test');
  await mail.sendMail({ from: 'ann@own.test', to: 'noone@far.test', subject: 'Lost', text: 'Is anybody there?' });
  const report = await eventually('a report', async () => (await readFolder(daemon, 'ann@own.test'))[0]?.toString());
  assert.match(report, /^Return-Path: <>\r\n/);
  assert.match(report, /^Auto-Submitted: auto-replied\r$/im);
  assert.match(report, /^To: <?ann@own\.test>?\r$/im);
  assert.match(report, /Content-Type: multipart\/report;[^]*report-type="?delivery-status"?/i);
  assert.match(report, /Content-Type: message\/delivery-status/i);
  assert.match(report, /^Reporting-MTA: dns; ?mail\.own\.test\r$/im);
  assert.match(report, /^Final-Recipient: rfc822; ?noone@far\.test\r$/im);
  assert.match(report, /^Action: failed\r$/im);
  assert.match(report, /^Status: 5\.1\.1\r$/im);
  assert.match(report, /^Remote-MTA: dns; ?mx\.far\.test/im);
  assert.match(report, /^Diagnostic-Code: smtp; ?550 5\.1\.1 /im);
  assert.match(report, /Content-Type: (?:text\/rfc822-headers|message\/rfc822)/i);
  assert.match(report, /^Subject: Lost\r$/im);
  // A report is never reported about.
  await daemon.queueEmpty();
});

test('RFC 5321 §4.5.4: a greylisting server is tried again, and the message arrives once', async () => {
  const { daemon, postfix } = lab;
  await submission(daemon, 'ann@own.test').sendMail({ from: 'ann@own.test', to: 'late@far.test', subject: 'Patience', text: 'I wait.' });
  const waiting = await eventually('it waits in the queue', async () => {
    const { entries } = await daemon.call('queue.list', {});
    return entries.find(({ recipients }) => recipients[0]?.attempts === 1 && recipients[0].state === 'waiting');
  });
  const [recipient] = waiting.recipients;
  assert.equal(recipient?.reason, 'greylisted');
  assert.match(recipient.lastReply, /450 4\.2\.0/);
  assert.ok(recipient.nextAttemptMs > Date.now(), 'the next attempt lies ahead');
  await postfix.restrict('late@far.test', 'OK');
  // What waits survives a restart.
  await daemon.restart();
  await daemon.call('queue.retry', { ids: [waiting.id] });
  await postfix.received('late@far.test', /Subject: Patience/);
  await daemon.queueEmpty();
  assert.equal(postfix.mailbox('late@far.test').length, 1);
});

test('RFC 6409 §6.1: nobody sends in the name of another, or without logging in', async () => {
  const { daemon, network } = lab;
  const mail = submission(daemon, 'ann@own.test');
  await assert.rejects(mail.sendMail({ from: 'bob@own.test', to: 'zoe@far.test', text: '' }), /550 5\.7\.1 .*bob@own\.test/);
  await assert.rejects(
    mail.sendMail({ envelope: { from: 'ann@own.test', to: ['zoe@far.test'] }, from: 'boss@far.test', text: '' }),
    /550 5\.7\.1 .*boss@far\.test/,
  );
  using plain = await LineClient.open({ host: network.own, port: daemon.port('submission') });
  await plain.reply();
  await plain.say('EHLO client.own.test');
  assert.match(await plain.say('MAIL FROM:<ann@own.test>'), /^530 /);
  using mx = await LineClient.open({ host: network.own, port: daemon.port('smtp') });
  await mx.reply();
  await mx.say('EHLO client.own.test');
  const credentials = Buffer.from(`\0ann@own.test\0${PASSWORD}`).toString('base64');
  assert.match(await mx.say(`AUTH PLAIN ${credentials}`), /^50[0234] /);
  await mx.say('MAIL FROM:<ann@own.test>');
  assert.match(await mx.say('RCPT TO:<zoe@far.test>'), /^55\d 5\.7\.1 /);
});

test('RFC 5321 §5.1: a domain that does not exist bounces at once', async () => {
  const { daemon } = lab;
  const mail = submission(daemon, 'bob@own.test');
  await mail.sendMail({ from: 'bob@own.test', to: 'you@no-such.test', subject: 'Nowhere', text: '' });
  const report = await eventually('a report', async () =>
    (await readFolder(daemon, 'bob@own.test')).map(String).find((text) => text.includes('Subject: Nowhere')),
  );
  assert.match(report, /^Status: 5\.1\.2\r$/m);
});
