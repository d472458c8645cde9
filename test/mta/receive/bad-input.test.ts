import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { mxProfile } from '../../../daemon/mta/receive/mx-profile.ts';
import { random } from '../../wire/random.ts';
import { Dialogue, listening } from './dialogue.ts';
import { type MailHost, mailHost } from './mail-host.ts';

const FUZZ_MS = 1_500;
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_123);

async function mx(
  t: TestContext,
): Promise<{ host: MailHost; port: number; send: (content: string | Buffer, answer: string) => Promise<void> }> {
  const host = await mailHost(t);
  const { port } = await listening(t, host.context, mxProfile(host.context));
  const send = async (content: string | Buffer, answer: string): Promise<void> => {
    const dialogue = await Dialogue.open(t, port);
    await dialogue.play(
      'S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<anna@example.test>\nS: 250\nC: DATA\nS: 354',
    );
    dialogue.write(content);
    dialogue.write('\r\n.\r\n');
    await dialogue.play(`S: ${answer}\nC: NOOP\nS: 250\nC: QUIT\nS: 221`);
  };
  return { host, port, send };
}

test('odd content is taken or refused in words, and the next client is served', async (t) => {
  const { host, send } = await mx(t);
  await send(`X-Filler: ${'x'.repeat(300_000)}`, '552 5.3.4 The header');
  await send('X: y\r\n'.repeat(60_000), '552 5.3.4 The header');
  await send('X: y\r\n'.repeat(9_000), '250 2.0.0');
  await send('no header at all', '250 2.0.0');
  await send('', '250 2.0.0');
  await send(Buffer.from('Subject: \xff\xfe\r\n\r\n\xe9\x80 raw octets', 'latin1'), '250 2.0.0');
  await send('Content-Type: text/plain; charset=x-unheard-of\r\n\r\n=?nonsense?q?=ZZ?=', '250 2.0.0');
  const deep = Array.from({ length: 10_000 }, (_none, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`).join('');
  await send(deep, '250 2.0.0');
  await send(`From: ${'a@b.test, '.repeat(20_000)}`, '250 2.0.0');
  await send(`${'x'.repeat(100_000)}\r\n\r\n${'y'.repeat(1_000_000)}`, '250 2.0.0');
  assert.deepEqual(host.defects, []);
  assert.equal(host.context.memory.takenBytes, 0);
});

test('a thousand recipients are one message for each mailbox', async (t) => {
  const { host, port } = await mx(t);
  const dialogue = await Dialogue.open(t, port);
  await dialogue.play('S: 220\nC: EHLO c.test\nS: 250');
  const recipients = Array.from({ length: 1_000 }, (_none, at) => `RCPT TO:<${at % 2 === 0 ? 'anna' : 'bert'}+${at}@example.test>\r\n`);
  dialogue.write(`MAIL FROM:<a@b.test>\r\n${recipients.join('')}DATA\r\n`);
  await dialogue.play(`S: 250\n${'S: 250 2.1.5\n'.repeat(1_000)}S: 354\nC: Subject: all\nC: .\nS: 250 2.0.0`);
  assert.equal(host.queued[0]?.recipients.length, 2);
});

test('the replies do not depend on how a session is cut into packets (fuzz)', async (t) => {
  const { port } = await mx(t);
  const { next } = random(SEED);
  const body = 'Subject: x\r\n\r\n..dot\r\nend\r\n.\r\n';
  const session = `EHLO c.test\r\nNOOP\r\nBAD\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna@example.test>\r\nRCPT TO:<x@example.test>\r\nDATA\r\n${body}RSET\r\nQUIT\r\n`;
  const codesOf = async (cuts: readonly number[]): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.setNoDelay(true);
    const dialogue = new Dialogue(socket);
    await dialogue.play('S: 220');
    let from = 0;
    for (const to of [...cuts, session.length]) {
      await new Promise((resolve) => socket.write(session.slice(from, to), resolve));
      from = to;
    }
    const codes: string[] = [];
    for (let count = 0; count < 10; count++) codes.push((await dialogue.reply()).slice(0, 3));
    return codes.join(' ');
  };
  const endsAt = performance.now() + FUZZ_MS;
  while (performance.now() < endsAt) {
    const cuts = Array.from({ length: next(12) }, () => next(session.length)).sort((a, b) => a - b);
    assert.equal(await codesOf(cuts), '250 250 500 250 250 550 354 250 250 221', JSON.stringify({ cuts, SEED }));
  }
});

test('noise never breaks the server (fuzz)', async (t) => {
  const { host, port, send } = await mx(t);
  const { next, pick } = random(SEED);
  const words = [
    'EHLO x\r\n',
    'MAIL FROM:<',
    'a@b.test>',
    ' SIZE=',
    'RCPT TO:<anna@example.test>\r\n',
    'DATA\r\n',
    '\r\n.\r\n',
    '\r\n',
    '\n',
    '\0',
    '\xff',
    'STARTTLS\r\n',
    'AUTH PLAIN\r\n',
    '"',
    '@',
    '.',
    'RSET\r\n',
    'x'.repeat(500),
  ];
  const endsAt = performance.now() + FUZZ_MS;
  while (performance.now() < endsAt) {
    let noise = 'EHLO x\r\nMAIL FROM:<>\r\n';
    for (let count = next(60); count > 0; count--) noise += next(4) === 0 ? String.fromCharCode(next(256)) : pick(words);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'data');
    socket.resume();
    socket.end(Buffer.from(noise, 'latin1'));
    await once(socket, 'close');
  }
  assert.deepEqual(host.defects, [], `seed ${SEED}`);
  await send('Subject: after the noise', '250 2.0.0');
});
