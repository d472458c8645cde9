/** Tracking through its port: stories, lists by words and states and owners, counters, the live feed, retention. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrackingEvent } from '../../daemon/tracking/tracking.ts';
import { searchExpression } from '../../daemon/tracking/words.ts';
import { type AccountId, brand, type CustomerId } from '../../daemon/wire/ids.ts';
import { openLedger } from '../queue/ledger-fixture.ts';

const START = 1_800_000_000_000;

function event(more: Partial<TrackingEvent>): TrackingEvent {
  return {
    message: 'm1',
    atMs: START,
    kind: 'received',
    direction: 'in',
    sender: 'bob@far.test',
    recipient: '',
    account: null,
    customer: null,
    subject: 'Spring catalogue',
    messageId: '<77$x@far.test>',
    sizeBytes: 900,
    remote: 'mx.far.test [192.0.2.1]:25',
    reply: '250 2.0.0 ok',
    detail: { spf: 'pass' },
    ...more,
  };
}
const customer = (n: number): CustomerId => brand<CustomerId>(n);
const account = (n: number): AccountId => brand<AccountId>(n);

test('a story is told in order and each owner sees only the own part', async () => {
  using ledger = openLedger();
  ledger.tracking.record(event({ kind: 'submitted', direction: 'out', customer: customer(1), account: account(10) }));
  ledger.tracking.record(
    event({
      kind: 'deferred',
      direction: 'out',
      recipient: 'x@y.test',
      customer: customer(1),
      account: account(10),
      atMs: START + 5,
      nextAttemptMs: START + 300_000,
    }),
  );
  ledger.tracking.record(
    event({
      kind: 'delivered',
      direction: 'local',
      recipient: 'z@shop.test',
      customer: customer(2),
      account: account(20),
      atMs: START + 9,
    }),
  );
  await ledger.tracking.flush();
  const whole = await ledger.tracking.story('m1', {});
  assert.deepEqual(
    whole.map(({ kind }) => kind),
    ['submitted', 'deferred', 'delivered'],
  );
  assert.equal(whole[1]?.nextAttemptMs, START + 300_000);
  assert.deepEqual(whole[0]?.detail, { spf: 'pass' });
  assert.deepEqual(
    (await ledger.tracking.story('m1', { customer: customer(2) })).map(({ kind }) => kind),
    ['delivered'],
  );
  assert.deepEqual(
    (await ledger.tracking.story('m1', { account: account(10) })).map(({ kind }) => kind),
    ['submitted', 'deferred'],
  );
  assert.deepEqual(await ledger.tracking.story('m2', {}), []);
  assert.equal((await ledger.tracking.list({ limit: 5, customer: customer(2) })).length, 1);
  assert.equal((await ledger.tracking.list({ limit: 5, customer: customer(3) })).length, 0);
  assert.deepEqual((await ledger.tracking.list({ limit: 5 }))[0]?.recipients, ['x@y.test', 'z@shop.test']);
});

test('a list row shows the worst that happened, and a later success after a delay', async () => {
  using ledger = openLedger();
  for (const kind of ['submitted', 'deferred', 'delivered'] as const)
    ledger.tracking.record(event({ message: 'late', kind, direction: 'out', recipient: 'x@y.test' }));
  for (const kind of ['submitted', 'bounced', 'delivered'] as const)
    ledger.tracking.record(event({ message: 'half', kind, direction: 'out', recipient: `${kind}@y.test` }));
  await ledger.tracking.flush();
  const states = Object.fromEntries((await ledger.tracking.list({ limit: 5 })).map(({ message, state }) => [message, state]));
  assert.deepEqual(states, { late: 'delivered', half: 'bounced' });
  assert.deepEqual(
    (await ledger.tracking.list({ limit: 5, kinds: ['bounced', 'failed'] })).map(({ message }) => message),
    ['half'],
  );
  assert.deepEqual(
    (await ledger.tracking.list({ limit: 5, kinds: ['bounced', 'delivered'] })).map(({ message }) => message),
    ['half', 'late'],
  );
});

test('a message that is told to have come after what became of it keeps its outcome and its direction', async () => {
  using ledger = openLedger();
  ledger.tracking.record(event({ kind: 'delivered', direction: 'local', recipient: 'z@shop.test', atMs: START + 3 }));
  ledger.tracking.record(event({ kind: 'submitted', direction: 'out', atMs: START }));
  await ledger.tracking.flush();
  const [entry] = await ledger.tracking.list({ limit: 5 });
  assert.deepEqual([entry?.state, entry?.direction], ['delivered', 'out']);
  assert.deepEqual(
    (await ledger.tracking.story('m1', {})).map(({ kind }) => kind),
    ['submitted', 'delivered'],
  );
});

test('search finds addresses, domains, ids, words of subjects and their beginnings', async () => {
  using ledger = openLedger();
  ledger.tracking.record(
    event({ message: 'a1', recipient: 'Anna.Weiss@shop.test', kind: 'delivered', subject: 'Angebot für Jürgen: 20% (heute)' }),
  );
  ledger.tracking.record(event({ message: 'a2', sender: 'news@other.test', subject: '請求書 2027', messageId: '<abc=def@other.test>' }));
  await ledger.tracking.flush();
  assert.equal((await ledger.tracking.list({ limit: 9 })).length, 2);
  // A recipient that comes later is found too.
  ledger.tracking.record(event({ message: 'a2', sender: 'news@other.test', recipient: 'late@third.test', kind: 'delivered' }));
  await ledger.tracking.flush();
  const find = async (text: string): Promise<string> =>
    (await ledger.tracking.list({ limit: 9, text })).map(({ message }) => message).join(' ');
  assert.equal(await find('anna.weiss@shop.test'), 'a1');
  assert.equal(await find('shop.test'), 'a1');
  assert.equal(await find('juergen'), '');
  assert.equal(await find('jurgen angebot'), 'a1');
  assert.equal(await find('ang heu'), 'a1');
  assert.equal(await find('<abc=def@other.test>'), 'a2');
  assert.equal(await find('請求書'), 'a2');
  assert.equal(await find('third.test news@other.test'), 'a2');
  assert.equal(await find('a2'), 'a2');
  assert.equal(await find('"*" OR ('), '');
  assert.equal(await find('"'), '');
  assert.deepEqual(ledger.defects, []);
});

test('search expressions never break out of their quotes', () => {
  for (const text of ['"', 'a"b', "x' OR 1", 'NEAR(a b)', '-', '^a', 'a:b', '* * *', '\u0000', '{a}']) {
    const expression = searchExpression(text, true);
    if (expression !== undefined) assert.match(expression, /^[("\p{L}\p{N}@.\-_+=*) ANDOR]+$/u);
  }
});

test('pages go on below the cursor and time limits hold', async () => {
  using ledger = openLedger();
  for (let n = 0; n < 700; n++) ledger.tracking.record(event({ message: `m${n}`, atMs: START + n * 60_000 }));
  await ledger.tracking.flush();
  const seen: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = await ledger.tracking.list({ limit: 300, ...(before === undefined ? {} : { before }) });
    seen.push(...page.map(({ message }) => message));
    const last = page.at(-1);
    if (last === undefined) break;
    before = `${last.firstMs}:${last.message}`;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 700 }, (_, n) => `m${699 - n}`),
  );
  const hour = await ledger.tracking.list({ limit: 300, fromMs: START + 3_600_000, toMs: START + 7_200_000 });
  assert.deepEqual([hour.length, hour[0]?.message, hour.at(-1)?.message], [60, 'm119', 'm60']);
});

test('counters add up per bucket, host and customer', async () => {
  using ledger = openLedger();
  const at = START - (START % 3_600_000);
  ledger.tracking.record(event({ message: '1', kind: 'delivered', atMs: at, customer: customer(1) }));
  ledger.tracking.record(event({ message: '2', kind: 'junked', atMs: at + 1, customer: customer(2) }));
  ledger.tracking.record(event({ message: '3', kind: 'refused', atMs: at + 400_000 }));
  ledger.tracking.record(event({ message: '4', kind: 'delivered', direction: 'out', atMs: at + 700_000, customer: customer(1) }));
  ledger.tracking.record(event({ message: '5', kind: 'bounced', direction: 'out', atMs: at + 3_600_000 }));
  ledger.tracking.record(event({ message: '6', kind: 'failed', direction: 'out', atMs: at + 3_600_000 }));
  await ledger.tracking.flush();
  const range = { fromMs: at, toMs: at + 7_200_000, bucketMs: 3_600_000 };
  assert.deepEqual(await ledger.tracking.counters(range), [
    { startMs: at, delivered: 2, turnedAway: 1, sent: 1, cameBack: 0 },
    { startMs: at + 3_600_000, delivered: 0, turnedAway: 0, sent: 0, cameBack: 1 },
  ]);
  const own = await ledger.tracking.counters({ ...range, customer: customer(1) });
  assert.deepEqual(own[0], { startMs: at, delivered: 1, turnedAway: 0, sent: 1, cameBack: 0 });
});

test('the live feed brings events and what they count', async () => {
  using ledger = openLedger();
  const pulses = ledger.tracking.watch();
  const first = pulses[Symbol.asyncIterator]().next();
  await ledger.tracking.counters({ fromMs: 0, toMs: 1, bucketMs: 1 });
  ledger.tracking.record(event({ kind: 'delivered' }));
  const { value } = await first;
  assert.deepEqual(value?.counted, { delivered: 1, turnedAway: 0, sent: 0, cameBack: 0 });
  assert.equal(value?.events[0]?.message, 'm1');
});

test('what is older than the retention goes, with its words and scopes', async () => {
  using ledger = openLedger();
  for (let n = 0; n < 250; n++)
    ledger.tracking.record(event({ message: `m${n}`, customer: customer(1), kind: 'delivered', recipient: `u${n}@x.test` }));
  ledger.tracking.record(event({ message: 'new', customer: customer(1), atMs: START + 31 * 86_400_000 }));
  await ledger.tracking.flush();
  assert.equal((await ledger.tracking.list({ limit: 500 })).length, 251);
  ledger.nowMs = START + 31 * 86_400_000;
  while (ledger.server.tracking.sweep());
  assert.deepEqual(
    (await ledger.tracking.list({ limit: 500 })).map(({ message }) => message),
    ['new'],
  );
  assert.equal((await ledger.tracking.list({ limit: 500, text: 'u7@x.test' })).length, 0);
  assert.equal((await ledger.tracking.list({ limit: 500, customer: customer(1) })).length, 1);
});
