/** The queue through its port: what is put is there after a restart, claims are exclusive, outcomes and people change it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import type { ClaimedMessage, Settlement } from '../../daemon/queue/claim.ts';
import { local, message, openLedger, remote, SHOP } from './ledger-fixture.ts';

const LIMITS = { scope: 'remote', recipients: 100, bytes: 1 << 20 } as const;
const text = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? new Uint8Array());

function retryOf(claim: ClaimedMessage, nextAttemptMs: number, reply = '451 4.7.1 Greylisted'): Settlement {
  const retry = claim.recipients.map(({ number }) => ({
    number,
    nextAttemptMs,
    reason: 'greylisted' as const,
    reply,
    delayTold: false,
    counts: true,
  }));
  return { seq: claim.seq, done: [], retry };
}

test('a message is claimed with its body, by destination, and leaves with its last recipient', async () => {
  using ledger = openLedger();
  const id = await ledger.queue.put(message([remote('a@one.test'), remote('b@one.test'), remote('c@two.test'), local('d@shop.test', 9)]));
  await ledger.runner.attach();
  const claims = [...(await ledger.runner.claim(LIMITS)), ...(await ledger.runner.claim({ ...LIMITS, scope: 'local' }))];
  assert.deepEqual(
    claims.map(({ lane, recipients }) => [lane, recipients.map(({ number }) => number)]),
    [
      ['one.test', [0, 1]],
      ['two.test', [2]],
      ['', [3]],
    ],
  );
  for (const claim of claims) assert.match(text(claim.body), /^From: alice.*Hello\r\n$/s);
  const shown = await ledger.queue.show(id);
  assert.deepEqual(
    shown.recipients.map(({ state }) => state),
    ['sending', 'sending', 'sending', 'sending'],
  );
  assert.equal(shown.header, 'From: alice@shop.test\r\nSubject: The spring catalogue\r\n');
  const seq = claims[0]?.seq ?? 0;
  await ledger.runner.settle([{ seq, done: [0, 1, 2], retry: [] }], []);
  assert.equal((await ledger.queue.summary()).recipients, 1);
  await ledger.runner.settle([{ seq, done: [3], retry: [] }], []);
  assert.deepEqual(await ledger.queue.summary(), { messages: 0, recipients: 0, held: 0, oldestMs: null, byReason: [] });
  await assert.rejects(ledger.queue.show(id), { kind: 'not-found' });
});

test('what was put survives a restart and is due again although it was claimed', async () => {
  using ledger = openLedger();
  await ledger.queue.put(message([remote('a@one.test')], { envid: 'x1', ret: 'HDRS' }));
  await ledger.runner.attach();
  const [before] = await ledger.runner.claim(LIMITS);
  ledger.restart();
  await ledger.runner.attach();
  const [after] = await ledger.runner.claim(LIMITS);
  assert.deepEqual({ ...after, body: text(after?.body ?? null) }, { ...before, body: text(before?.body ?? null) });
});

test('a deferred recipient comes back at its time and not before', async () => {
  using ledger = openLedger();
  await ledger.queue.put(message([remote('a@one.test')]));
  await ledger.runner.attach();
  const [claim] = await ledger.runner.claim(LIMITS);
  assert.ok(claim);
  await ledger.runner.settle([retryOf(claim, ledger.nowMs + 300_000)], []);
  const waiting = ledger.runner.claim(LIMITS);
  const { entries } = await ledger.queue.list({ limit: 10 });
  assert.deepEqual(entries[0]?.recipients[0], {
    number: 0,
    address: 'a@one.test',
    state: 'waiting',
    attempts: 1,
    nextAttemptMs: ledger.nowMs + 300_000,
    lastReply: '451 4.7.1 Greylisted',
    reason: 'greylisted',
  });
  ledger.nowMs += 299_999;
  ledger.server.queue.wake();
  assert.equal(await Promise.race([waiting, ledger.queue.summary()]).then((value) => Array.isArray(value)), false);
  ledger.nowMs += 1;
  ledger.server.queue.wake();
  const [again] = await waiting;
  assert.equal(again?.recipients[0]?.attempts, 1);
});

test('a put with an id that is queued already changes nothing', async () => {
  using ledger = openLedger();
  await ledger.queue.put(message([remote('a@one.test')], { id: 'fixed' }));
  assert.equal(await ledger.queue.put(message([remote('b@one.test')], { id: 'fixed' })), 'fixed');
  const { entries, total } = await ledger.queue.list({ limit: 10 });
  assert.equal(total, 1);
  assert.equal(entries[0]?.recipients[0]?.address, 'a@one.test');
});

test('DSNs join the transaction of the outcome that caused them', async () => {
  using ledger = openLedger();
  await ledger.queue.put(message([remote('a@one.test')]));
  await ledger.runner.attach();
  const [claim] = await ledger.runner.claim(LIMITS);
  const dsn = message([remote('alice@elsewhere.test')], { id: 'dsn1', sender: '', origin: 'dsn', account: null, customer: null });
  await ledger.runner.settle([{ seq: claim?.seq ?? 0, done: [0], retry: [] }], [dsn]);
  const [next] = await ledger.runner.claim(LIMITS);
  assert.equal(next?.id, 'dsn1');
  assert.equal(next?.lane, 'elsewhere.test');
});

test('held mail waits until it is released; retry makes it urgent; drop takes it out', async () => {
  using ledger = openLedger();
  const held = await ledger.queue.put(message([remote('a@one.test')], { hold: 'Limit of the day reached' }));
  const other = await ledger.queue.put(message([remote('b@two.test')]));
  await ledger.runner.attach();
  const [claim] = await ledger.runner.claim(LIMITS);
  assert.equal(claim?.id, other);
  assert.equal((await ledger.queue.summary()).held, 1);
  assert.equal((await ledger.queue.list({ limit: 5, reason: 'held' })).entries[0]?.held, 'Limit of the day reached');
  assert.equal(await ledger.queue.release([held, 'unknown']), 1);
  const [released] = await ledger.runner.claim(LIMITS);
  assert.equal(released?.id, held);
  assert.ok(released && claim);
  await ledger.runner.settle([retryOf(released, ledger.nowMs + 1e6), retryOf(claim, ledger.nowMs + 1e6)], []);
  assert.equal(await ledger.queue.retry([held]), 1);
  const [urgent] = await ledger.runner.claim(LIMITS);
  assert.equal(urgent?.recipients[0]?.urgent, true);
  assert.equal(await ledger.queue.drop([other], { bounce: false }), 1);
  assert.equal((await ledger.queue.summary()).messages, 1);
  assert.equal(await ledger.queue.hold([held], 'Looks stolen'), 1);
  assert.equal(urgent && (await ledger.runner.settle([retryOf(urgent, ledger.nowMs)], [])), undefined);
  assert.equal((await ledger.queue.list({ limit: 5 })).entries[0]?.recipients[0]?.state, 'held');
  const kinds = (await ledger.tracking.story(held, { customer: SHOP })).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['released', 'held']);
  assert.deepEqual(
    (await ledger.tracking.story(other, {})).map(({ kind }) => kind),
    ['dropped'],
  );
});

test('drop with bounce hands the message to the runner to be given back, even while it is being tried', async () => {
  using ledger = openLedger();
  const id = await ledger.queue.put(message([remote('a@one.test')]));
  await ledger.runner.attach();
  const [claim] = await ledger.runner.claim(LIMITS);
  assert.ok(claim);
  assert.equal(await ledger.queue.drop([id], { bounce: true }), 1);
  await ledger.runner.settle([retryOf(claim, ledger.nowMs + 1e6)], []);
  const [back] = await ledger.runner.claim(LIMITS);
  assert.equal(back?.recipients[0]?.giveUp, true);
});

test('a body of several megabytes is written in slices and read in parts; an interrupted one is swept', async () => {
  using ledger = openLedger();
  const body = new Uint8Array(3_000_000).map((_, n) => n % 251);
  const id = await ledger.queue.put(message([remote('a@one.test')], { body: body.slice() }));
  await ledger.runner.attach();
  const [claim] = await ledger.runner.claim(LIMITS);
  assert.equal(claim?.body, null);
  assert.equal(claim?.sizeBytes, body.length);
  const parts: Uint8Array[] = [];
  for (
    let n = 0, part = await ledger.runner.bodyPart(claim?.seq ?? 0, 0);
    part.length > 0;
    part = await ledger.runner.bodyPart(claim?.seq ?? 0, ++n)
  )
    parts.push(part);
  assert.ok(Buffer.concat(parts).equals(body));
  // The same id once more: its parts were written ahead and belong to nothing.
  await ledger.queue.put(message([remote('a@one.test')], { id, body: body.slice() }));
  await ledger.runner.settle([{ seq: claim?.seq ?? 0, done: [0], retry: [] }], []);
  const file = new Sqlite(`${ledger.folder}/queue.db`, { readonly: true });
  const left = file.prepare('SELECT (SELECT count(*) FROM body) + (SELECT count(*) FROM unlinked)').pluck();
  const deadline = Date.now() + 10_000;
  while (left.get() !== 0 && Date.now() < deadline) await ledger.queue.summary();
  assert.equal(left.get(), 0);
  file.close();
});

test('a destination with a long tail leaves room for others', async () => {
  using ledger = openLedger();
  for (let n = 0; n < 300; n++) await ledger.queue.put(message([remote(`u${n}@dead.test`)]));
  await ledger.queue.put(message([remote('x@alive.test')]));
  await ledger.runner.attach();
  const lanes = new Map<string, number>();
  for (let round = 0; round < 2; round++) {
    for (const claim of await ledger.runner.claim({ ...LIMITS, recipients: 60 })) lanes.set(claim.lane, (lanes.get(claim.lane) ?? 0) + 1);
  }
  assert.equal(lanes.get('alive.test'), 1);
  assert.equal(lanes.get('dead.test'), 100);
  const idle = ledger.runner.claim({ ...LIMITS, recipients: 60 });
  assert.equal(await Promise.race([idle, ledger.queue.summary()]).then((value) => Array.isArray(value)), false);
  await ledger.runner.settle([{ seq: 1, done: [0], retry: [] }], []);
  assert.equal((await idle).length, 1);
});

test('lists page newest first and search addresses, subjects and ids', async () => {
  using ledger = openLedger();
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    ids.push(
      await ledger.queue.put(
        message([remote(`user${n}@one.test`)], { subject: n === 5 ? 'Rechnung Mai' : 'News', customer: n < 6 ? SHOP : null }),
      ),
    );
  }
  const first = await ledger.queue.list({ limit: 5 });
  assert.equal(first.total, 12);
  assert.deepEqual(
    first.entries.map(({ id }) => id),
    ids.slice(7).reverse(),
  );
  const second = await ledger.queue.list({ limit: 5, before: ids[7] ?? '' });
  assert.deepEqual(
    second.entries.map(({ id }) => id),
    ids.slice(2, 7).reverse(),
  );
  assert.deepEqual(
    (await ledger.queue.list({ limit: 5, text: 'user3@' })).entries.map(({ id }) => id),
    [ids[3]],
  );
  assert.deepEqual(
    (await ledger.queue.list({ limit: 5, text: 'rechnung one.test' })).entries.map(({ id }) => id),
    [ids[5]],
  );
  assert.equal((await ledger.queue.list({ limit: 5, customer: SHOP })).total, 6);
  assert.equal((await ledger.queue.summary(SHOP)).recipients, 6);
  assert.deepEqual(ledger.defects, []);
});

test('live summaries follow changes', async () => {
  using ledger = openLedger();
  const seen: number[] = [];
  for await (const { recipients } of ledger.queue.watch()) {
    seen.push(recipients);
    if (seen.length === 1) await ledger.queue.put(message([remote('a@one.test'), remote('b@one.test')]));
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [0, 2]);
});
