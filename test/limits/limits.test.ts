import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { PortSlot, servePort } from '../../daemon/lib/port-call.ts';
import { createLimitsClient } from '../../daemon/limits/limits-client.ts';
import { createLimitsServer, type LoginReport } from '../../daemon/limits/limits-server.ts';
import { LoginThrottleTable } from '../../daemon/limits/login-throttle.ts';
import { SubmissionRates } from '../../daemon/limits/submission-rates.ts';

const LOGIN = 'marta@juniper.example';

function throttleAt(start = 0, exemptLoopback = false) {
  let nowMs = start;
  const table = new LoginThrottleTable({ now: () => nowMs, exemptLoopback });
  const fail = (source: string, times: number, login = LOGIN): void => {
    for (let at = 0; at < times; at++) table.failed(source, login);
  };
  return { table, fail, pass: (ms: number) => void (nowMs += ms) };
}

test('a source has twenty tries, then one each half minute', () => {
  const { table, fail, pass } = throttleAt();
  fail('192.0.2.1', 19);
  assert.equal(table.ask('192.0.2.1', 'other@juniper.example'), 0);
  fail('192.0.2.1', 1);
  assert.equal(table.ask('192.0.2.1', 'other@juniper.example'), 30);
  pass(30_000);
  assert.equal(table.ask('192.0.2.1', 'other@juniper.example'), 0);
  fail('192.0.2.1', 1_000);
  assert.ok(table.ask('192.0.2.1', LOGIN) <= 60, 'zeal does not lengthen the wait');
});

test('an attack from many machines leaves the owner in, known or on the road', () => {
  const { table, fail } = throttleAt();
  table.succeeded('203.0.113.9', LOGIN);
  for (let at = 0; at < 1_000; at++) fail(`10.${at >> 8}.${at & 255}.1`, 5);
  assert.equal(table.ask('203.0.113.9', LOGIN), 0, 'the known place has its own budget');
  assert.equal(table.ask('198.51.100.3', LOGIN), 0, 'a new place has three tries');
  fail('198.51.100.3', 3);
  assert.ok(table.ask('198.51.100.3', LOGIN) > 0);
  assert.ok(table.ask('198.51.100.3', LOGIN) <= 60);
});

test('a neighbour behind the same address does not lock the owner out', () => {
  const { table, fail } = throttleAt();
  table.succeeded('203.0.113.9', LOGIN);
  fail('203.0.113.9', 100, 'neighbour@juniper.example');
  assert.ok(table.ask('203.0.113.9', 'neighbour@juniper.example') > 0);
  assert.equal(table.ask('203.0.113.9', LOGIN), 0);
  fail('203.0.113.9', 100);
  assert.ok(table.ask('203.0.113.9', LOGIN) <= 15, 'the own budget comes back quicker');
});

test('the trial exempts loopback', () => {
  const { table, fail } = throttleAt(0, true);
  fail('127.0.0.1', 1_000);
  fail('::1', 1_000);
  assert.deepEqual([table.ask('127.0.0.1', LOGIN), table.ask('::1', LOGIN), table.ask('::ffff:127.0.0.1', LOGIN)], [0, 0, 0]);
});

test('submissions slide out of the hour and the day', () => {
  let nowMs = 1_000_000_000_000;
  const rates = new SubmissionRates(() => nowMs);
  assert.deepEqual(rates.add(1, 10), { lastHour: 10, lastDay: 10 });
  nowMs += 30 * 60_000;
  assert.deepEqual(rates.add(1, 5), { lastHour: 15, lastDay: 15 });
  nowMs += 35 * 60_000;
  assert.deepEqual(rates.of(1), { lastHour: 5, lastDay: 15 });
  nowMs += 25 * 3_600_000;
  assert.deepEqual(rates.of(1), { lastHour: 0, lastDay: 0 });
  assert.deepEqual(rates.of(2), { lastHour: 0, lastDay: 0 });
});

test('threads ask main over their port, and go ahead while it is away', async (t) => {
  const reported: LoginReport[][] = [];
  const arrived = Promise.withResolvers<void>();
  const server = createLimitsServer({
    now: () => 5_000,
    exemptLoopback: false,
    saveLogins: (logins) => {
      reported.push([...logins]);
      arrived.resolve();
    },
  });
  const { port1, port2 } = new MessageChannel();
  t.after(() => port2.close());
  servePort(port1, server.handlers, assert.ifError);
  const slot = new PortSlot();
  const client = createLimitsClient(slot);
  assert.equal(await client.throttle.ask('192.0.2.1', LOGIN), 0, 'main is not there yet');
  assert.equal(await client.submitted(7, 2), null);
  slot.attach(port2);
  for (let at = 0; at < 20; at++) client.throttle.failed('192.0.2.1', LOGIN);
  assert.equal(await client.throttle.ask('192.0.2.1', LOGIN), 30);
  assert.deepEqual(await client.submitted(7, 2), { lastHour: 2, lastDay: 2 });
  for (let at = 0; at < 3; at++) client.reportLogin({ account: 7, appPassword: null, atMs: at });
  client.close();
  await arrived.promise;
  assert.deepEqual(reported, [[{ account: 7, appPassword: null, atMs: 2 }]]);
  slot.client?.close();
  assert.equal(await client.throttle.ask('192.0.2.1', LOGIN), 0);
});
