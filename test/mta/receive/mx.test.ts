import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Field } from '../../../daemon/mailstore/mailstore.ts';
import { createSenderRewriting } from '../../../daemon/mda/sender-rewriting.ts';
import { mxProfile } from '../../../daemon/mta/receive/mx-profile.ts';
import type { AccountId, Address, Domain } from '../../../daemon/wire/ids.ts';
import { Dialogue, listening } from './dialogue.ts';
import { type HostOptions, type MailHost, mailHost } from './mail-host.ts';

async function mx(t: TestContext, options: HostOptions = {}): Promise<{ host: MailHost; port: number; talk: () => Promise<Dialogue> }> {
  const host = await mailHost(t, options);
  const { port } = await listening(t, host.context, mxProfile(host.context));
  return { host, port, talk: () => Dialogue.open(t, port) };
}

async function messagesIn(host: MailHost, address: string, folder = 'INBOX'): Promise<string[]> {
  const account = host.accounts[address] as AccountId;
  await host.mailstore.folders(account);
  const snapshot = await host.mailstore.open(account, folder, false);
  const texts: string[] = [];
  for await (const page of host.mailstore.fetch({ handle: { account, folder: snapshot.id }, uids: snapshot.uids, fields: Field.raw })) {
    const { data, offsets } = page.raw ?? { data: new Uint8Array(), offsets: new Uint32Array(1) };
    for (let row = 0; row + 1 < offsets.length; row++)
      texts.push(Buffer.from(data.subarray(offsets[row], offsets[row + 1])).toString('latin1'));
  }
  return texts;
}

const ENVELOPE = (recipient: string): string => `
  S: 220 mx.example.test ESMTP
  C: EHLO client.test
  S: 250 STARTTLS
  C: MAIL FROM:<far@client.test>
  S: 250 2.1.0
  C: RCPT TO:<${recipient}>
  S: 250 2.1.5
  C: DATA
  S: 354 `;
const MESSAGE = `
  C: From: Far <far@client.test>
  C: Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
  C: Message-ID: <1@client.test>
  C:${' '}
  C: Hello
  C: ..stuffed
  C: .`;

test('RFC 5321 §3.3: a message for one account is in its mailbox before the 250', async (t) => {
  const { host, talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play(`${ENVELOPE('anna@example.test')}${MESSAGE}
    S: 250 2.0.0 Delivered
    C: QUIT
    S: 221 2.0.0
    S-close`);
  const [message] = await messagesIn(host, 'anna@example.test');
  assert.match(
    message ?? '',
    /^Return-Path: <far@client\.test>\r\nDelivered-To: anna@example\.test\r\nAuthentication-Results: mx\.example\.test; spf=none/,
  );
  assert.match(
    message ?? '',
    /Received: from client\.test \(\[127\.0\.0\.1\]\) by mx\.example\.test with ESMTP\r\n\tid [0-9a-z]{20} for <anna@example\.test>;\r\n\t\w{3}, /,
  );
  assert.ok(message?.endsWith('\r\n\r\nHello\r\n.stuffed\r\n'), message);
  assert.equal(host.queued.length, 0);
  assert.deepEqual(
    host.events.map((event) => [event.kind, event.recipient, event.subject]),
    [['delivered', 'anna@example.test', 'Grüße']],
  );
  assert.equal(host.context.memory.takenBytes, 0);
});

test('RFC 5321 §3.6.2: no relay, and each refusal says what it is', async (t) => {
  const { host, talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play(`
    S: 220
    C: RCPT TO:<anna@example.test>
    S: 503 5.5.1
    C: MAIL FROM:<a@b.test>
    S: 503 5.5.1
    C: HELO client.test
    S: 250 mx.example.test
    C: DATA
    S: 503 5.5.1
    C: MAIL FROM:<>
    S: 250
    C: MAIL FROM:<a@b.test>
    S: 503 5.5.1
    C: RCPT TO:<x@elsewhere.test>
    S: 550 5.7.1
    C: RCPT TO:<x%elsewhere.test@[127.0.0.1]>
    S: 550 5.7.1
    C: RCPT TO:<x@unproven.test>
    S: 550 5.7.1
    C: RCPT TO:<x@gone.test>
    S: 550 5.2.1
    C: RCPT TO:<"x@elsewhere.test"@example.test>
    S: 550 5.1.1
    C: RCPT TO:<who@example.test>
    S: 550 5.1.1
    C: RCPT TO:<closed@example.test>
    S: 550 5.7.1 Write to anna
    C: RCPT TO:<asleep@example.test>
    S: 550 5.2.1
    C: RCPT TO:<>
    S: 501 5.1.3
    C: RCPT TO:anna@example.test
    S: 501 5.1.3
    C: DATA
    S: 554 5.5.1
    C: RCPT TO:<ANNA+shop@Example.TEST>
    S: 250 2.1.5
    C: RCPT TO:<@relay.test:bert@example.test>
    S: 250 2.1.5
    C: RSET
    S: 250
    C: DATA
    S: 503`);
  assert.deepEqual([...new Set(host.events.map((event) => event.kind))], ['refused']);
});

test('RFC 5321 §6.1: a rewritten sender takes bounces and nothing else, so whoever was forwarded to cannot write through us', async (t) => {
  const { host, talk } = await mx(t);
  const srs = createSenderRewriting(Buffer.alloc(32, 1), Date.now);
  const [far, own] = ['far@elsewhere.test', 'anna@example.test'].map((sender) => srs.forward(sender as Address, 'example.test' as Domain));
  const dialogue = await talk();
  await dialogue.play(`
    S: 220
    C: EHLO client.test
    S: 250
    C: MAIL FROM:<spam@client.test>
    S: 250
    C: RCPT TO:<${far}>
    S: 550 5.7.1 This address takes only bounces
    C: RCPT TO:<${far?.replace(/=../, '=aa')}>
    S: 550 5.1.1
    C: RSET
    S: 250
    C: MAIL FROM:<>
    S: 250
    C: RCPT TO:<${far}>
    S: 250 2.1.5
    C: RCPT TO:<${own}>
    S: 250 2.1.5
    C: DATA
    S: 354
    C: From: <>
    C: ${''}
    C: .
    S: 250`);
  assert.deepEqual(
    host.queued.flatMap((message) => message.recipients.map(({ address, destination }) => [address, destination.kind])),
    [
      ['anna@example.test', 'account'],
      ['far@elsewhere.test', 'remote'],
    ],
  );
});

test('RFC 8601 §5: results and hops that stand behind ten thousand other fields are no way around', async (t) => {
  const { talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play(ENVELOPE('anna@example.test'));
  dialogue.write(
    `From: far@client.test\r\n${'a:\r\n'.repeat(10_000)}Authentication-Results: mx.example.test; dmarc=pass\r\n\r\nx\r\n.\r\n`,
  );
  await dialogue.play('S: 552 5.3.4');
});

test('RFC 5321 §4.5.1: <postmaster> without a domain reaches the host', async (t) => {
  const { host, talk } = await mx(t);
  host.set('server.adminAddress', 'anna@example.test');
  const dialogue = await talk();
  await dialogue.play('S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<Postmaster>\nS: 250 2.1.5');
});

test('RFC 5321 §4.5.1: <postmaster> reaches the first mailbox of the host when no setting leads anywhere', async (t) => {
  const { host, talk } = await mx(t);
  host.set('server.postmaster', 'nobody-here@example.test');
  host.set('server.hostname', host.context.hostname());
  host.control.connection.sql.exec("UPDATE account SET customer_id = (SELECT id FROM customer WHERE kind = 'host')");
  host.set('server.adminAddress', '');
  const dialogue = await talk();
  await dialogue.play('S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<Postmaster>\nS: 250 2.1.5');
});

test('RFC 3463 §3.3: a full mailbox is put off first and refused after a day', async (t) => {
  let now = 1_000 + 3_600_000;
  const { talk } = await mx(t, { now: () => now });
  const first = await talk();
  await first.play('S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<full@example.test>\nS: 452 4.2.2');
  now += 86_400_000;
  await first.play('C: RCPT TO:<full@example.test>\nS: 552 5.2.2');
});

test('RFC 5321 §4.1.1.11: unknown parameters are 555, wrong values 501', async (t) => {
  const { talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play(`
    S: 220
    C: EHLO c.test
    S: 250
    C: MAIL FROM:<a@b.test> FOO=bar
    S: 555 5.5.4
    C: MAIL FROM:<a@b.test> RET=HDRS
    S: 555 5.5.4
    C: MAIL FROM:<a@b.test> SIZE=abc
    S: 501 5.5.4
    C: MAIL FROM:<a@b.test> SIZE=99999999999
    S: 552 5.3.4
    C: MAIL FROM:<a@b.test> BODY=BINARYMIME
    S: 501 5.5.4
    C: MAIL FROM:<a@b.test> SIZE=1 SIZE=2
    S: 501 5.5.4
    C: MAIL FROM:<j\\xc3\\xb6rg@b.test>
    S: 553 5.6.7
    C: MAIL FROM:<j\\xc3\\xb6rg@b.test> SMTPUTF8 BODY=8BITMIME SIZE=10
    S: 250 2.1.0
    C: RCPT TO:<anna@example.test> NOTIFY=NEVER
    S: 555 5.5.4
    C: VRFY anna
    S: 252
    C: EXPN list
    S: 502 5.5.1
    C: HELP
    S: 214
    C: NOOP hello
    S: 250
    C: WIZ now
    S: 500 5.5.2
    C: constructor
    S: 500 5.5.2`);
});

test('RFC 5321 §2.3.8: bare LF, bare CR and NUL are refused and never end the content', async (t) => {
  const { host, talk } = await mx(t);
  for (const [body, code] of [
    ['a\n.\nMAIL FROM:<evil@client.test>\r\n', '550 5.6.11'],
    ['a\n.\r\nMAIL FROM:<evil@client.test>\r\n', '550 5.6.11'],
    ['a\r\n.\nMAIL FROM:<evil@client.test>\r\n', '550 5.6.11'],
    ['a\r.\rRSET\r\n', '550 5.6.11'],
    ['a\r\n.\rMAIL\r\n', '550 5.6.11'],
    ['a\0b\r\n', '550 5.6.11'],
  ] as const) {
    const dialogue = await talk();
    await dialogue.play(ENVELOPE('anna@example.test'));
    dialogue.write(`From: <a@b.test>\r\n\r\n${body}.\r\n`);
    await dialogue.play(`S: ${code}\nC: NOOP\nS: 250 2.0.0\nC: QUIT\nS: 221`);
  }
  assert.equal((await messagesIn(host, 'anna@example.test')).length, 0);
});

test('RFC 5321 §2.3.8: a command line with a bare LF is not executed', async (t) => {
  const { talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play('S: 220');
  dialogue.write('EHLO client.test\nMAIL FROM:<a@b.test>\r\n');
  await dialogue.play('S: 500 5.5.2\nS: 503 5.5.1');
  dialogue.write('NOOP\rNOOP\r\nNO\0OP\r\n');
  await dialogue.play('S: 500 5.5.2\nS: 500 5.5.2');
});

test('RFC 5321 §4.5.2: content is the same however it is cut into packets', async (t) => {
  const { host, talk } = await mx(t);
  const body = 'From: <far@client.test>\r\n\r\n..\r\n...a\r\n.\r\n';
  const dialogue = await talk();
  dialogue.socket.setNoDelay(true);
  await dialogue.play(ENVELOPE('anna@example.test'));
  for (const octet of body) {
    dialogue.write(octet);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await dialogue.play('S: 250 2.0.0');
  const [message] = await messagesIn(host, 'anna@example.test');
  assert.ok(message?.endsWith('\r\n\r\n.\r\n..a\r\n'), message);
});

test('RFC 1870 §6.3: too large a message is answered 552 and the next one is taken', async (t) => {
  const { host, talk } = await mx(t);
  host.set('mailIn.maxBytes', 1_048_576);
  const dialogue = await talk();
  await dialogue.play(ENVELOPE('anna@example.test'));
  dialogue.write(`From: <a@b.test>\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(1_100)}.\r\n`);
  await dialogue.play(
    `S: 552 5.3.4\nC: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<anna@example.test>\nS: 250\nC: DATA\nS: 354${MESSAGE}\nS: 250 2.0.0`,
  );
  assert.equal(host.context.memory.takenBytes, 0);
});

test('endless content is cut off with 552', async (t) => {
  const { host, talk } = await mx(t);
  host.set('mailIn.maxBytes', 1_048_576);
  const dialogue = await talk();
  await dialogue.play(ENVELOPE('anna@example.test'));
  const block = Buffer.alloc(1_048_576, 'x\r\n');
  for (let count = 0; count < 12; count++) dialogue.write(block);
  await dialogue.play('S: 552 5.3.4\nS-close');
  assert.equal(host.context.memory.takenBytes, 0);
});

test('RFC 2920 §3.2: pipelined commands are answered in order, also behind the content', async (t) => {
  const { host, talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play('S: 220');
  const once = 'MAIL FROM:<a@b.test>\r\nRCPT TO:<anna@example.test>\r\nRCPT TO:<bert@example.test>\r\nDATA\r\n';
  dialogue.write(`EHLO c.test\r\n${once}`);
  await dialogue.play('S: 250 STARTTLS\nS: 250 2.1.0\nS: 250 2.1.5\nS: 250 2.1.5\nS: 354');
  dialogue.write(`Subject: one\r\n\r\none\r\n.\r\n${once}Subject: two\r\n\r\ntwo\r\n.\r\nQUIT\r\n`);
  await dialogue.play('S: 250 2.0.0 Accepted\nS: 250 2.1.0\nS: 250 2.1.5\nS: 250 2.1.5\nS: 354\nS: 250 2.0.0 Accepted\nS: 221\nS-close');
  assert.deepEqual(
    host.queued.map((message) => message.subject),
    ['one', 'two'],
  );
});

test('RFC 3207 §4.2: STARTTLS forgets what was said before and takes no commands sent ahead', async (t) => {
  const { host, talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play('S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 250');
  dialogue.write('STARTTLS\r\nRSET\r\nMAIL FROM:<evil@b.test>\r\n');
  await dialogue.play('S: 220 2.0.0');
  await dialogue.secure();
  const replies = await dialogue.play(`
    C: MAIL FROM:<a@b.test>
    S: 503
    C: EHLO c.test
    S: 250
    C: MAIL FROM:<a@b.test>
    S: 250
    C: RCPT TO:<anna@example.test>
    S: 250
    C: DATA
    S: 354${MESSAGE}
    S: 250 2.0.0
    C: STARTTLS
    S: 503`);
  assert.ok(!(replies[1] ?? '').includes('STARTTLS'));
  const [message] = await messagesIn(host, 'anna@example.test');
  assert.match(message ?? '', /by mx\.example\.test with ESMTPS\s+\(TLSv1\.3 TLS_[A-Z0-9_]+\) id/);
  assert.match(host.events[0]?.detail['tls'] ?? '', /^TLSv1\.3/);
});

test('RFC 5321 §3.1: a client that talks before the greeting is sent away', async (t) => {
  const { port } = await mx(t);
  const socket = connect(port, '127.0.0.1');
  socket.write('EHLO early.test\r\n');
  const dialogue = new Dialogue(socket);
  await dialogue.play('S: 421 4.7.0\nS-close');
});

test('too many errors and too many unknown recipients end the session', async (t) => {
  const { talk } = await mx(t);
  const clumsy = await talk();
  await clumsy.play(`S: 220\n${'C: BLAH\nS: 500 5.5.2\n'.repeat(19)}C: BLAH\nS: 421 4.7.0\nS-close`);
  const guesser = await talk();
  await guesser.play('S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 250');
  for (let count = 1; count < 50; count++) await guesser.play(`C: RCPT TO:<guess${count}@example.test>\nS: 550 5.1.1`);
  await guesser.play('C: RCPT TO:<guess@example.test>\nS: 421 4.7.0\nS-close');
});

test('RFC 5321 §4.5.3.1: lines that never end are cut off, a half-closed client still gets its answer', async (t) => {
  const { host, talk } = await mx(t);
  const endless = await talk();
  await endless.play('S: 220');
  endless.write('N'.repeat(20_000));
  await endless.play('S: 421 4.7.0\nS-close');
  const halfClosed = await talk();
  await halfClosed.play(ENVELOPE('anna@example.test'));
  halfClosed.socket.end('Subject: last\r\n\r\nwords\r\n.\r\n');
  await halfClosed.play('S: 250 2.0.0\nS-close');
  assert.equal((await messagesIn(host, 'anna@example.test')).length, 1);
});

test('RFC 5321 §4.5.3.1.8: recipients beyond the setting are told to come in another transaction', async (t) => {
  const { host, talk } = await mx(t);
  host.set('mailIn.maxRecipients', 100);
  const dialogue = await talk();
  await dialogue.play('S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 250');
  for (let count = 0; count < 100; count++) await dialogue.play(`C: RCPT TO:<anna+${count}@example.test>\nS: 250`);
  await dialogue.play(
    'C: RCPT TO:<anna+0@example.test>\nS: 250\nC: RCPT TO:<bert@example.test>\nS: 452 4.5.3\nC: DATA\nS: 354\nC: Subject: x\nC: \nC: .\nS: 250',
  );
  assert.equal((await messagesIn(host, 'anna@example.test')).length, 1);
});

test('RFC 5321 §6.3: a message that came round too often is refused', async (t) => {
  const { talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play(ENVELOPE('anna@example.test'));
  dialogue.write(`${'Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n'.repeat(51)}\r\nx\r\n.\r\n`);
  await dialogue.play('S: 554 5.4.6\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<anna@example.test>\nS: 250\nC: DATA\nS: 354');
  dialogue.write('Delivered-To: Anna@example.test\r\n\r\nx\r\n.\r\n');
  await dialogue.play('S: 554 5.4.6');
});

test('RFC 9989 §5.4: p=reject refuses, p=quarantine files in Junk', async (t) => {
  const zone = {
    'strict.test': { TXT: ['v=spf1 -all'], MX: ['10 mx.strict.test'] },
    '_dmarc.strict.test': { TXT: ['v=DMARC1; p=reject'] },
    'wary.test': { TXT: ['v=spf1 -all'] },
    '_dmarc.wary.test': { TXT: ['v=DMARC1; p=quarantine'] },
    'good.test': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
    '_dmarc.good.test': { TXT: ['v=DMARC1; p=reject'] },
  };
  const { host, talk } = await mx(t, { zone });
  const send = async (domain: string, reply: string): Promise<void> => {
    const dialogue = await talk();
    await dialogue.play(
      `S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@${domain}>\nS: 250\nC: RCPT TO:<anna@example.test>\nS: 250\nC: DATA\nS: 354`,
    );
    dialogue.write(`From: a@${domain}\r\nSubject: ${domain}\r\nAuthentication-Results: mx.example.test; spf=pass\r\n\r\nx\r\n.\r\n`);
    await dialogue.play(`S: ${reply}`);
  };
  await send('strict.test', '550 5.7.1 The policy of strict.test');
  await send('wary.test', '250 2.0.0');
  await send('good.test', '250 2.0.0');
  const [junk] = await messagesIn(host, 'anna@example.test', 'Junk');
  assert.match(junk ?? '', /dmarc=fail\s+policy\.dmarc=quarantine\s+header\.from=wary\.test/);
  const [good] = await messagesIn(host, 'anna@example.test');
  assert.match(good ?? '', /spf=pass\s+smtp\.mailfrom=good\.test;\s+dkim=none;\s+dmarc=pass/);
  assert.equal(good?.match(/^Authentication-Results:/gm)?.length, 1);
  assert.deepEqual(
    host.events.map((event) => event.kind),
    ['refused', 'junked', 'delivered'],
  );
  assert.match(host.events[1]?.detail['why'] ?? '', /wary\.test asks to treat mail/);
  host.set('mailIn.honourDmarc', false);
  await send('strict.test', '250 2.0.0');
});

test('an exception while a message is taken is 451 4.3.0 and the session lives', async (t) => {
  const { host, talk } = await mx(t);
  host.mailstore.deliver = () => Promise.reject(new Error('secret path /var/lib'));
  const dialogue = await talk();
  await dialogue.play(`${ENVELOPE('anna@example.test')}${MESSAGE}`);
  const [reply] = await dialogue.play('S: 451 4.3.0');
  assert.ok(!reply?.includes('secret'));
  await dialogue.play('C: NOOP\nS: 250');
  assert.equal(host.defects.length, 1);
});

test('a connection that breaks in the middle of its message leaves nothing behind', async (t) => {
  const { host, talk } = await mx(t);
  const dialogue = await talk();
  await dialogue.play(ENVELOPE('anna@example.test'));
  dialogue.write('Subject: half\r\n\r\nhalf of a');
  await new Promise((resolve) => dialogue.socket.write('!', resolve));
  dialogue.socket.destroy();
  while (host.context.memory.takenBytes > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await messagesIn(host, 'anna@example.test')).length, 0);
  assert.equal(host.defects.length, 0);
});
