import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import sasl from 'smtp-server/lib/sasl.js';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { MemoryBudget } from '../../../daemon/mta/receive/memory-budget.ts';
import { mxProfile } from '../../../daemon/mta/receive/mx-profile.ts';
import { submissionProfile } from '../../../daemon/mta/submit/submission-profile.ts';
import { Dialogue, listening } from './dialogue.ts';
import { mailHost, PASSWORD } from './mail-host.ts';

const IN_DATA = 'S: 220\nC: EHLO c.test\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<anna@example.test>\nS: 250\nC: DATA\nS: 354';

test('a line that trickles and a message that trickles are ended', async (t) => {
  const { context } = await mailHost(t);
  const pace = { lineMs: 40, dataGraceMs: 40, minBytesPerSecond: 10_000 };
  const { port } = await listening(t, context, mxProfile(context), { pace });
  const slowLine = await Dialogue.open(t, port);
  await slowLine.play('S: 220');
  slowLine.write('NOO');
  await slowLine.play('S: 421 4.4.2 The line took too long\nS-close');
  const slowData = await Dialogue.open(t, port);
  await slowData.play(IN_DATA);
  slowData.write('From: a');
  await slowData.play('S: 421 4.4.2 The message comes too slowly\nS-close');
  assert.equal(context.memory.takenBytes, 0);
});

test('an idle client is told and sent away', async (t) => {
  const { context } = await mailHost(t);
  const { port } = await listening(t, context, mxProfile(context), { idleMs: 60 });
  const dialogue = await Dialogue.open(t, port);
  await dialogue.play('S: 220\nS: 421 4.4.2\nS-close');
});

test('a session that lasts too long ends at the next chance', async (t) => {
  const { context } = await mailHost(t);
  const { port } = await listening(t, context, mxProfile(context), { pace: { sessionMs: 30, lineMs: 50 } });
  const dialogue = await Dialogue.open(t, port);
  await dialogue.play('S: 220\nS: 421 4.4.2 This session has lasted\nS-close');
});

test('connections from one address are counted, and given back', async (t) => {
  const host = await mailHost(t);
  host.set('mailIn.connectionsPerAddress', 2);
  const { port, receiver } = await listening(t, host.context, mxProfile(host.context));
  const first = await Dialogue.open(t, port);
  const second = await Dialogue.open(t, port);
  await first.play('S: 220');
  await second.play('S: 220');
  await (await Dialogue.open(t, port)).play('S: 421 4.7.0 Too many connections\nS-close');
  await first.play('C: QUIT\nS: 221\nS-close');
  while (receiver.sessionCount > 1) await new Promise((resolve) => setImmediate(resolve));
  await (await Dialogue.open(t, port)).play('S: 220');
});

test('clients that never begin their TLS handshake are counted too', async (t) => {
  const host = await mailHost(t);
  host.set('mailIn.connectionsPerAddress', 2);
  const { port } = await listening(t, host.context, submissionProfile(host.context, { implicitTls: true }));
  const silent = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const third = connect(port, '127.0.0.1');
  third.on('error', () => {});
  await once(third, 'close');
  for (const socket of silent) socket.destroy();
  const { connections } = host.context;
  while (!connections.enter('127.0.0.1', 1)) await new Promise((resolve) => setImmediate(resolve));
  connections.leave('127.0.0.1');
  await (await Dialogue.openTls(t, port)).play('S: 220');
});

test('RFC 3463 §3.4: when the memory for messages is used up, 452 4.3.1', async (t) => {
  const host = await mailHost(t);
  const { port } = await listening(t, { ...host.context, memory: new MemoryBudget(1_000) }, mxProfile(host.context));
  const dialogue = await Dialogue.open(t, port);
  await dialogue.play(IN_DATA);
  dialogue.write(`${'x'.repeat(2_000)}\r\n.\r\n`);
  await dialogue.play('S: 452 4.3.1');
});

test('close: idle sessions hear 421, a message under way is still taken', async (t) => {
  const host = await mailHost(t);
  const { port, receiver } = await listening(t, host.context, mxProfile(host.context));
  const idle = await Dialogue.open(t, port);
  const busy = await Dialogue.open(t, port);
  await idle.play('S: 220');
  await busy.play(IN_DATA);
  const closed = receiver.close(5_000);
  await idle.play('S: 421 4.3.2\nS-close');
  busy.write('Subject: last\r\n\r\nx\r\n.\r\n');
  await busy.play('S: 250 2.0.0\nC: NOOP\nS: 421 4.3.2\nS-close');
  await closed;
  const refused = connect(port, '127.0.0.1');
  await once(refused, 'error');
});

test('RFC 8314 §3: without TLS a log-in is only offered between loopback addresses', async (t) => {
  const host = await mailHost(t);
  const { port } = await listening(t, host.context, submissionProfile(host.context, { implicitTls: false }));
  const dialogue = await Dialogue.open(t, port);
  const [, onLoopback] = await dialogue.play('S: 220\nC: EHLO c.test\nS: 250');
  assert.match(onLoopback ?? '', /AUTH PLAIN LOGIN/);
});

test('design rule 6: a changed credential ends the sessions that it opened', async (t) => {
  const host = await mailHost(t);
  const { port } = await listening(t, host.context, submissionProfile(host.context, { implicitTls: false }));
  const dialogue = await Dialogue.open(t, port);
  const token = Buffer.from(`\0anna@example.test\0${PASSWORD}`).toString('base64');
  await dialogue.play(`S: 220\nC: EHLO c.test\nS: 250\nC: AUTH PLAIN ${token}\nS: 235`);
  host.revoke('bert@example.test');
  await dialogue.play('C: NOOP\nS: 250');
  host.revoke('anna@example.test');
  await dialogue.play('S: 421 4.7.0\nS-close');
});

test('sockets may be handed over one by one; a web request is sent away', async (t) => {
  const host = await mailHost(t);
  const { receiver } = await listening(t, host.context, mxProfile(host.context));
  const server = createServer((socket) => receiver.handle(socket));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const dialogue = await Dialogue.open(t, (server.address() as AddressInfo).port);
  await dialogue.play('S: 220\nC: POST / HTTP/1.1\nS: 421 4.7.0\nS-close');
});

test('a sender that keeps its connection may reset and fail now and then for ever', async (t) => {
  const host = await mailHost(t);
  const { port } = await listening(t, host.context, mxProfile(host.context));
  const dialogue = await Dialogue.open(t, port);
  await dialogue.play('S: 220\nC: EHLO c.test\nS: 250');
  for (let count = 0; count < 25; count++) {
    await dialogue.play(
      `${'C: RSET\nS: 250\n'.repeat(10)}C: BAD\nS: 500\nC: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<asleep@example.test>\nS: 550`,
    );
    await dialogue.play('C: RCPT TO:<anna@example.test>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\nC: .\nS: 250');
  }
});

test('a TLS handshake that fails ends that connection only', async (t) => {
  const host = await mailHost(t);
  const { port } = await listening(t, host.context, submissionProfile(host.context, { implicitTls: true }));
  const garbage = connect(port, '127.0.0.1');
  garbage.on('error', () => {});
  garbage.write('EHLO not TLS\r\n\r\n');
  await once(garbage, 'close');
  await (await Dialogue.openTls(t, port)).play('S: 220');
});

test('smtp-server still has the parts that the receiver builds on', () => {
  for (const name of [
    '_setListeners',
    '_createParser',
    '_resetSession',
    '_onTimeout',
    '_onClose',
    '_armTimeout',
    'send',
    'close',
    'upgrade',
    'init',
    '_getEnhancedStatusCode',
  ]) {
    assert.equal(typeof Reflect.get(SMTPConnection.prototype, name), 'function', name);
  }
  for (const name of ['connect', '_handleProxy', '_resolveSNI', 'onAuth', 'onSecure', 'updateSecureContext']) {
    assert.equal(typeof Reflect.get(SMTPServer.prototype, name), 'function', name);
  }
  assert.deepEqual([typeof sasl.SASL_PLAIN, typeof sasl.SASL_LOGIN], ['function', 'function']);
});
