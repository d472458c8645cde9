/** The runner against foreign servers on loopback: what arrives, what waits, what comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, brand } from '../../../daemon/wire/ids.ts';
import { local, message, remote } from '../../queue/ledger-fixture.ts';
import { startRemoteMx } from './remote-mx.ts';
import { startRig } from './runner-fixture.ts';

const DNS = {
  'one.test': { MX: ['10 mx.one.test'] },
  'mx.one.test': { A: ['127.0.0.1'] },
};
const HOUR = 3_600_000;

const bodyOf = (delivery: { readonly body: Uint8Array } | undefined): string => Buffer.from(delivery?.body ?? []).toString();

test('RFC 5321 §3.3: two recipients of a domain share a transaction over TLS, another message shares the connection', async () => {
  await using mx = await startRemoteMx();
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test'), remote('b@one.test')]));
  const event = await rig.until(({ recipient, kind }) => recipient === 'b@one.test' && kind === 'delivered');
  assert.equal(event.remote, `mx.one.test [127.0.0.1]:${mx.port}`);
  assert.equal(event.reply, '250 2.0.0 queued as 42');
  assert.equal(event.detail['tls'], 'TLSv1.3');
  assert.match(event.detail['verified'] ?? '', /^no \(/);
  await rig.ledger.queue.put(message([remote('c@one.test')]));
  await rig.until(({ recipient }) => recipient === 'c@one.test');
  await rig.empty();
  assert.deepEqual(
    mx.messages.map(({ to, connection, isSecure }) => [to, connection, isSecure]),
    [
      [['a@one.test', 'b@one.test'], 1, true],
      [['c@one.test'], 1, true],
    ],
  );
  assert.match(mx.messages[0]?.data ?? '', /^From: alice@shop.test\r\n.*Hello\r\n$/s);
  assert.deepEqual(rig.defects, []);
});

test('local recipients are delivered at once and never leave the machine', async () => {
  await using rig = startRig({ port: 1, dns: {} });
  const id = await rig.ledger.queue.put(message([local('d@shop.test', 9), local('e@shop.test', 10)]));
  await rig.empty();
  assert.deepEqual(
    rig.delivered.map(({ deliveryId }) => deliveryId),
    [`${id}:0`, `${id}:1`],
  );
  assert.match(bodyOf(rig.delivered[0]), /Hello/);
  const seen = rig.events.map(({ direction, account, kind }) => `${direction} ${account} ${kind}`);
  assert.deepEqual(seen.sort(), ['local 10 delivered', 'local 9 delivered', 'out 7 delivered', 'out 7 delivered']);
});

test('RFC 3464: a refused recipient comes back to its sender, the others arrive', async () => {
  await using mx = await startRemoteMx({
    script: (line) => (line.startsWith('RCPT TO:<no@') ? '550-5.1.1 no such\r\n550 5.1.1 user here' : undefined),
  });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('yes@one.test'), remote('no@one.test')]));
  await rig.empty();
  assert.deepEqual(
    mx.messages.map(({ to }) => to),
    [['yes@one.test']],
  );
  assert.equal(rig.events.find(({ kind }) => kind === 'bounced')?.reply, '550 5.1.1 no such user here');
  const [dsn] = rig.delivered;
  assert.equal(dsn?.sender, '');
  assert.equal(dsn?.recipient.address, 'alice@shop.test');
  assert.match(
    bodyOf(dsn),
    /Final-Recipient: rfc822; no@one\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\nRemote-MTA: dns; mx\.one\.test\r\nDiagnostic-Code: smtp; 550 5\.1\.1 no such user here/,
  );
  assert.deepEqual(rig.defects, []);
});

test('design rule 2: nobody is told when the sender was not vouched for, or is null', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line.startsWith('RCPT') ? '550 5.1.1 no' : undefined) });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('x@one.test')], { vouched: false }));
  await rig.ledger.queue.put(message([remote('y@one.test')], { sender: '' }));
  await rig.ledger.queue.put(message([remote('z@one.test', { notify: ['NEVER'] })]));
  await rig.empty();
  assert.deepEqual(
    rig.events.map(({ kind }) => kind),
    ['failed', 'failed', 'failed'],
  );
  assert.deepEqual(rig.delivered, []);
});

test('a forward that fails is told of the address it led to; it came back only when a report had a place to go', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line.startsWith('RCPT') ? '550 5.1.1 no' : undefined) });
  await using rig = startRig({ port: mx.port, dns: DNS });
  const led = { ...remote('away@one.test'), original: brand<Address>('ann@shop.test') };
  await rig.ledger.queue.put(message([led], { origin: 'forward' }));
  await rig.ledger.queue.put(message([led], { origin: 'forward', sender: brand<Address>('nobody@shop.test') }));
  await rig.ledger.queue.put(message([led], { origin: 'forward', vouched: false }));
  await rig.empty();
  const lost = rig.events.filter(({ remote: at }) => at !== '');
  assert.deepEqual(lost.map(({ sender, recipient, kind, detail }) => [sender, recipient, kind, detail['forwarder']]).sort(), [
    ['alice@shop.test', 'away@one.test', 'bounced', 'ann@shop.test'],
    ['alice@shop.test', 'away@one.test', 'failed', 'ann@shop.test'],
    ['nobody@shop.test', 'away@one.test', 'failed', 'ann@shop.test'],
  ]);
  assert.equal(rig.delivered.length, 1);
});

test('greylisting is recognised, waits a short time, then the message arrives', async () => {
  let isGrey = true;
  await using mx = await startRemoteMx({
    script: (line) => (isGrey && line.startsWith('RCPT') ? '450 4.7.1 <a@one.test>: Greylisted, try again in 60 seconds' : undefined),
  });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  const deferred = await rig.until(({ kind }) => kind === 'deferred');
  assert.equal(deferred.nextAttemptMs, rig.ledger.nowMs + 120_000);
  assert.equal(mx.connections, 1);
  await rig.ledger.queue.summary();
  const { byReason } = await rig.ledger.queue.summary();
  assert.deepEqual(
    byReason.map(({ reason, count }) => [reason, count]),
    [['greylisted', 1]],
  );
  isGrey = false;
  rig.pass(120_000);
  await rig.until(({ kind }) => kind === 'delivered');
});

test('RFC 5321 §4.5.4.1: waits grow, the sender hears of the delay once and gets the message back after five days', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line.startsWith('MAIL') ? '451 4.3.0 not now' : undefined) });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  const waits: number[] = [];
  for (let tries = 1; !rig.events.some(({ kind }) => kind === 'bounced'); tries++) {
    await rig.until(({ kind }) => kind === 'bounced' || rig.events.filter((event) => event.kind === 'deferred').length === tries);
    const next = rig.events.filter(({ kind }) => kind === 'deferred')[tries - 1]?.nextAttemptMs;
    if (next === undefined) break;
    waits.push(Math.round((next - rig.ledger.nowMs) / 60_000));
    // The retry has to be kept before the clock moves.
    while (
      (await rig.ledger.queue.list({ limit: 5 })).entries.find(({ origin }) => origin === 'submission')?.recipients[0]?.attempts !== tries
    );
    rig.pass(next - rig.ledger.nowMs);
  }
  assert.deepEqual(waits.slice(0, 8), [5, 10, 20, 40, 80, 160, 240, 240]);
  assert.equal(rig.events.filter(({ kind }) => kind === 'delayed').length, 1);
  await rig.empty();
  assert.equal(rig.delivered.length, 2);
  assert.match(bodyOf(rig.delivered[0]), /Action: delayed\r\nStatus: 4\.3\.0[^]*Will-Retry-Until: /);
  assert.match(bodyOf(rig.delivered[1]), /Action: failed\r\nStatus: 5\.4\.7/);
  assert.deepEqual(rig.defects, []);
});

test('RFC 7505 §4.2 null MX, RFC 3463 §3.2 no domain: final at once; SERVFAIL never is', async () => {
  await using rig = startRig({ port: 1, dns: { 'null.test': { MX: ['0 .'] } }, failures: { 'MX sick.test': 'servfail' } });
  await rig.ledger.queue.put(message([remote('a@null.test'), remote('b@none.test'), remote('c@sick.test')]));
  const replies = new Map<string, string>();
  for (const name of ['a@null.test', 'b@none.test', 'c@sick.test'])
    replies.set(name, (await rig.until(({ recipient }) => recipient === name)).reply);
  assert.match(replies.get('a@null.test') ?? '', /^556 5\.1\.10 /);
  assert.match(replies.get('b@none.test') ?? '', /^550 5\.1\.2 /);
  assert.match(replies.get('c@sick.test') ?? '', /^451 4\.4\.3 .*servfail/);
  assert.equal(rig.events.find(({ recipient }) => recipient === 'c@sick.test')?.kind, 'deferred');
});

test('an own MX of a domain that is not hosted here ends as a loop, RFC 3463 §3.5', async () => {
  await using rig = startRig({ port: 2525, dns: { 'loop.test': { MX: ['10 mail.shop.test'] }, 'mail.shop.test': { A: ['127.0.0.9'] } } });
  await rig.ledger.queue.put(message([remote('a@loop.test')]));
  assert.match((await rig.until(({ kind }) => kind === 'bounced')).reply, /^554 5\.4\.6 /);
});

test('a connection that breaks after the dot is deferred, not sent to the next host', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line === '.' ? 'drop' : undefined) });
  await using rig = startRig({
    port: mx.port,
    dns: {
      'one.test': { MX: ['10 mx.one.test', '20 mx2.one.test'] },
      'mx.one.test': { A: ['127.0.0.1'] },
      'mx2.one.test': { A: ['127.0.0.1'] },
    },
  });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  const event = await rig.until(({ kind }) => kind === 'deferred');
  assert.match(event.reply, /^451 4\.4\.2 Connection lost after the message was sent/);
  assert.equal(mx.messages.length, 1);
});

test('a connection that breaks before the message was there goes to the next host at once', async () => {
  await using bad = await startRemoteMx({ script: (line) => (line.startsWith('RCPT') ? 'drop' : undefined) });
  await using good = await startRemoteMx({ address: '127.0.0.2', port: bad.port });
  await using rig = startRig({
    port: bad.port,
    dns: { 'one.test': { MX: ['10 a.test', '20 b.test'] }, 'a.test': { A: ['127.0.0.1'] }, 'b.test': { A: ['127.0.0.2'] } },
  });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  const event = await rig.until(({ kind }) => kind === 'delivered');
  assert.match(event.remote, /^b\.test /);
  assert.equal(good.messages.length, 1);
});

test('hosts that refuse the connection or greet with 554 are passed over; the dead one is then given a rest', async () => {
  await using rude = await startRemoteMx({ address: '127.0.0.3', script: (line) => (line === '' ? '554 5.7.1 go away' : undefined) });
  await using good = await startRemoteMx({ address: '127.0.0.2', port: rude.port });
  const dns = {
    'one.test': { MX: ['5 dead.test', '10 rude.test', '20 good.test'] },
    'dead.test': { A: ['127.0.0.4'] },
    'rude.test': { A: ['127.0.0.3'] },
    'good.test': { A: ['127.0.0.2'] },
  };
  await using rig = startRig({ port: rude.port, dns });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  await rig.until(({ kind }) => kind === 'delivered');
  await rig.ledger.queue.put(message([remote('b@one.test')]));
  await rig.until(({ recipient }) => recipient === 'b@one.test');
  assert.equal(rude.connections, 1);
  assert.equal(good.messages.length, 2);
});

test('RFC 3207: without STARTTLS, and after a broken handshake, mail goes in clear and tracking says why', async () => {
  await using plain = await startRemoteMx({ extensions: ['PIPELINING'] });
  await using broken = await startRemoteMx({
    address: '127.0.0.2',
    port: plain.port,
    script: (line, { isSecure }) => (line === 'STARTTLS' && !isSecure ? 'garbage' : undefined),
  });
  await using refusing = await startRemoteMx({
    address: '127.0.0.3',
    port: plain.port,
    script: (line) => (line === 'STARTTLS' ? '454 4.7.0 not now' : undefined),
  });
  const dns = { 'p.test': { A: ['127.0.0.1'] }, 'b.test': { A: ['127.0.0.2'] }, 'r.test': { A: ['127.0.0.3'] } };
  await using rig = startRig({ port: plain.port, dns });
  await rig.ledger.queue.put(message([remote('a@p.test'), remote('a@b.test'), remote('a@r.test')]));
  for (const name of ['a@p.test', 'a@b.test', 'a@r.test']) {
    const event = await rig.until(({ recipient, kind }) => recipient === name && kind === 'delivered');
    assert.equal(event.detail['tls'], 'none', name);
    assert.equal(event.detail['tls-failure'] !== undefined, name === 'a@b.test', JSON.stringify(event.detail));
  }
  assert.equal(broken.connections, 2);
  await rig.ledger.queue.put(message([remote('again@b.test')]));
  await rig.until(({ recipient }) => recipient === 'again@b.test');
  assert.ok(refusing.messages.length === 1 && broken.connections === 2);
});

test('RFC 6531 §3.2 and RFC 6152 §3: what the next server cannot take comes back', async () => {
  await using mx = await startRemoteMx({ extensions: ['SIZE 100'] });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('ü@one.test')], { smtpUtf8: true }));
  await rig.ledger.queue.put(message([remote('b@one.test')], { eightBit: true }));
  await rig.ledger.queue.put(message([remote('c@one.test')], { body: Buffer.alloc(200, 'x') }));
  await rig.empty();
  const codes = rig.events.filter(({ kind }) => kind === 'bounced').map(({ reply }) => reply.slice(0, 9));
  assert.deepEqual(codes.sort(), ['552 5.3.4', '553 5.6.7', '554 5.6.3']);
  assert.equal(mx.messages.length, 0);
});

test('RFC 6531 §3.4: a message that was given as SMTPUTF8 without need goes to a server that does not know it', async () => {
  await using mx = await startRemoteMx({ extensions: ['8BITMIME'] });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test')], { smtpUtf8: true }));
  await rig.until(({ kind }) => kind === 'delivered');
  assert.equal(
    mx.lines.find((line) => line.startsWith('MAIL')),
    'MAIL FROM:<alice@shop.test>',
  );
});

test('RFC 6531 §3.4 and RFC 3461 §4: SMTPUTF8, BODY, RET, ENVID and each recipient its own NOTIFY', async () => {
  await using mx = await startRemoteMx({ extensions: ['8BITMIME', 'SMTPUTF8', 'DSN', 'PIPELINING'] });
  await using rig = startRig({ port: mx.port, dns: DNS });
  const body = Buffer.from('Subject: grüße\r\n\r\nx\r\n');
  const recipients = [
    remote('a@one.test', { notify: ['SUCCESS', 'FAILURE'], orcpt: 'rfc822;a+b@x.test' }),
    remote('b@one.test', { notify: ['NEVER'] }),
    remote('c@one.test'),
  ];
  await rig.ledger.queue.put(message(recipients, { smtpUtf8: true, eightBit: true, envid: 'QQ1', ret: 'HDRS', body }));
  await rig.empty();
  const mail = mx.lines.find((line) => line.startsWith('MAIL')) ?? '';
  for (const part of ['SMTPUTF8', 'BODY=8BITMIME', 'RET=HDRS', 'ENVID=QQ1']) assert.match(mail, new RegExp(` ${part}( |$)`));
  assert.deepEqual(
    mx.lines.filter((line) => line.startsWith('RCPT')),
    ['RCPT TO:<a@one.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@x.test', 'RCPT TO:<b@one.test> NOTIFY=NEVER', 'RCPT TO:<c@one.test>'],
  );
  // The server promised to tell: we do not.
  assert.equal(rig.delivered.length, 0);
});

test('RFC 3461 §5.2.2: a wanted notice of success is ours when the next server knows no DSN', async () => {
  await using mx = await startRemoteMx();
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test', { notify: ['SUCCESS'] })]));
  await rig.empty();
  assert.match(bodyOf(rig.delivered[0]), /Action: relayed\r\nStatus: 2\.0\.0/);
});

test('RFC 5321 §4.5.3.1.10: too many recipients for a transaction go in the next one', async () => {
  await using mx = await startRemoteMx({
    script: (line, { rcpts }) => (line.startsWith('RCPT') && rcpts > 2 ? '452 4.5.3 too many recipients' : undefined),
  });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message(Array.from({ length: 5 }, (_, n) => remote(`u${n}@one.test`))));
  await rig.empty();
  assert.deepEqual(
    mx.messages.map(({ to }) => to.length),
    [2, 2, 1],
  );
  assert.equal(mx.connections, 1);
});

test('after a refused sender the connection is reset and used again', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line.startsWith('MAIL FROM:<bad@') ? '550 5.7.1 not you' : undefined) });
  await using rig = startRig({ port: mx.port, dns: DNS, context: { random: () => 0 } });
  rig.settings.set('mailOut.connectionsPerDestination', 1);
  await rig.ledger.queue.put(message([remote('a@one.test')], { sender: 'bad@shop.test' as never }));
  await rig.until(({ kind }) => kind === 'bounced');
  await rig.ledger.queue.put(message([remote('b@one.test')]));
  await rig.until(({ kind, direction }) => kind === 'delivered' && direction === 'out');
  assert.ok(mx.lines.includes('RSET'));
  assert.equal(mx.connections, 1);
});

test('a connection that the other side closed while it waited is replaced without a failure', async () => {
  await using mx = await startRemoteMx({
    script: (line, { connection }) => (connection === 1 && line.startsWith('MAIL') && mx.messages.length === 1 ? 'drop' : undefined),
  });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  await rig.until(({ kind }) => kind === 'delivered');
  await rig.ledger.queue.put(message([remote('b@one.test')]));
  await rig.until(({ recipient, kind }) => recipient === 'b@one.test' && kind === 'delivered');
  assert.equal(mx.connections, 2);
});

test('a server that hangs in the middle costs its time-out and defers', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line.startsWith('DATA') ? 'silent' : undefined) });
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  assert.match((await rig.until(({ kind }) => kind === 'deferred')).reply, /^451 4\.4\.2 Connection lost in the middle/);
});

test('a destination gets more connections as it does well, never more than the setting', async () => {
  await using mx = await startRemoteMx();
  await using rig = startRig({ port: mx.port, dns: DNS });
  await Promise.all(Array.from({ length: 60 }, (_, n) => rig.ledger.queue.put(message([remote(`u${n}@one.test`)]))));
  await rig.empty();
  assert.equal(mx.messages.length, 60);
  assert.ok(mx.mostOpen >= 2 && mx.mostOpen <= 5, String(mx.mostOpen));
});

test('mail of a mailbox that may not send is held and goes after its release', async () => {
  await using mx = await startRemoteMx();
  await using rig = startRig({ port: mx.port, dns: DNS });
  rig.suspendedOut.add(7);
  const id = await rig.ledger.queue.put(message([remote('a@one.test')]));
  while ((await rig.ledger.queue.list({ limit: 1 })).entries[0]?.held !== 'Sending is suspended for this mailbox');
  rig.suspendedOut.clear();
  assert.equal(await rig.ledger.queue.release([id]), 1);
  await rig.empty();
  assert.equal(mx.messages.length, 1);
});

test('drop with bounce gives the message back to its sender', async () => {
  await using mx = await startRemoteMx({ script: (line) => (line.startsWith('RCPT') ? '451 4.3.0 later' : undefined) });
  await using rig = startRig({ port: mx.port, dns: DNS });
  const id = await rig.ledger.queue.put(message([remote('a@one.test')]));
  await rig.until(({ kind }) => kind === 'deferred');
  assert.equal(await rig.ledger.queue.drop([id], { bounce: true }), 1);
  await rig.until(({ kind }) => kind === 'bounced');
  await rig.empty();
  assert.match(bodyOf(rig.delivered[0]), /Returned by the\r?\n? ?administrator/);
});

test('retry now reaches a host that was given a rest', async () => {
  await using probe = await startRemoteMx();
  const { port } = probe;
  await probe[Symbol.asyncDispose]();
  await using rig = startRig({ port, dns: DNS });
  const id = await rig.ledger.queue.put(message([remote('a@one.test')]));
  const { reply, remote: server } = await rig.until(({ kind }) => kind === 'deferred');
  assert.match(reply, /^451 4\.4\.1 We could not reach mx\.one\.test \[127\.0\.0\.1\]:\d+: connection refused/);
  assert.equal(server, '', 'nobody else said it');
  await using mx = await startRemoteMx({ port });
  assert.equal(await rig.ledger.queue.retry([id]), 1);
  await rig.empty();
  assert.equal(mx.messages.length, 1);
});

test('a domain that came to this server meanwhile is delivered here', async () => {
  await using rig = startRig({ port: 1, dns: DNS });
  rig.ownDomains.add('one.test');
  await rig.ledger.queue.put(message([remote('a@one.test'), remote('nobody@one.test')]));
  await rig.empty();
  const arrived = rig.delivered.map(({ recipient, sender }) => `${sender} to ${recipient.address}`);
  assert.deepEqual(new Set(arrived), new Set(['alice@shop.test to a@one.test', ' to alice@shop.test']));
});

test('a ledger that restarts under the runner doubles nothing', async () => {
  let release: (() => void) | undefined;
  await using rig = startRig({ port: 1, dns: {} });
  rig.deliver = () => new Promise((resolve) => (release = () => resolve({ kind: 'delivered', folder: 'INBOX', junk: false })));
  await rig.ledger.queue.put(message([local('d@shop.test', 9)]));
  while (release === undefined) await rig.ledger.queue.summary();
  rig.ledger.restart();
  const again = release;
  release = undefined;
  while (
    rig.ledger.server.queue.summary().messages === 1 &&
    !(await rig.ledger.queue.list({ limit: 1 })).entries[0]?.recipients.some(({ state }) => state === 'sending')
  );
  again();
  await rig.empty();
  assert.equal(rig.delivered.length, 1);
  assert.equal(release, undefined);
});

test('a large message is streamed to a server and handed whole to a mailbox', async () => {
  await using mx = await startRemoteMx();
  await using rig = startRig({ port: mx.port, dns: DNS });
  const body = Buffer.from(`Subject: big\r\n\r\n${'.a line that begins with a dot\r\n'.repeat(60_000)}`);
  await rig.ledger.queue.put(message([remote('a@one.test'), local('d@shop.test', 9)], { body: new Uint8Array(body) }));
  await rig.empty();
  assert.ok(Buffer.from(mx.messages[0]?.data ?? '', 'latin1').equals(body));
  assert.ok(Buffer.from(rig.delivered[0]?.body ?? []).equals(body));
});

test('close waits for what runs and begins nothing new', async () => {
  await using mx = await startRemoteMx();
  await using rig = startRig({ port: mx.port, dns: DNS });
  await rig.ledger.queue.put(message([remote('a@one.test')]));
  await rig.until(({ kind }) => kind === 'delivered');
  await rig.runner.close(2_000);
  assert.equal((await rig.ledger.queue.summary()).messages, 0);
  await rig.ledger.queue.put(message([remote('b@one.test')]));
  assert.equal((await rig.ledger.queue.summary()).messages, 1);
  assert.equal(mx.messages.length, 1);
});

test('nothing waits longer than it has to: the notice comes with the first failure after four hours', async () => {
  await using rig = startRig({ port: 1, dns: {}, failures: { 'MX sick.test': 'servfail' } });
  await rig.ledger.queue.put(message([remote('c@sick.test')], { receivedAtMs: rig.ledger.nowMs - 4 * HOUR }));
  await rig.until(({ kind }) => kind === 'delayed');
});
