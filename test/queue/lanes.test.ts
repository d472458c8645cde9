/** Lanes against a simple model: nothing is claimed twice, nothing due is forgotten. Seeded random, time-boxed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimedRecipient } from '../../daemon/queue/claim.ts';
import { Lanes, recipientKey } from '../../daemon/queue/lanes.ts';
import { TimeHeap } from '../../daemon/queue/time-heap.ts';
import { remote } from './ledger-fixture.ts';

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

const recipientOf = (number: number): ClaimedRecipient => ({
  number,
  recipient: remote('a@b.test'),
  attempts: 0,
  delayTold: false,
  urgent: false,
  giveUp: false,
});

test('the heap gives entries in order', () => {
  const random = randomOf(1);
  const heap = new TimeHeap<{ atMs: number }>();
  for (let n = 0; n < 2000; n++) heap.push({ atMs: Math.floor(random() * 500) });
  const times: number[] = [];
  for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) times.push(entry.atMs);
  assert.equal(times.length, 2000);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test('claims are exclusive and complete', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomOf(seed);
    /** What the table would hold: key to lane and due time. */
    const rows = new Map<number, { seq: number; lane: string; atMs: number }>();
    const claimed = new Set<number>();
    let nowMs = 1000;
    const lanes = new Lanes<undefined>(
      {
        load(lane, due) {
          const own = [...rows].filter(([, row]) => row.lane === lane).sort((a, b) => a[1].atMs - b[1].atMs);
          const dueNow = own.filter(([, row]) => row.atMs <= due.nowMs);
          const limit = 3 + due.taken.size;
          const groups = dueNow
            .slice(0, limit)
            .filter(([key]) => !due.taken.has(key))
            .map(([, row]) => ({ seq: row.seq, message: undefined, recipients: [recipientOf(0)] }));
          const nextAt = dueNow.length >= limit ? due.nowMs : (own.find(([, row]) => row.atMs > due.nowMs)?.[1].atMs ?? Infinity);
          return { groups, nextAt };
        },
      },
      { local: 4, remote: 3 },
      () => undefined,
    );
    let seq = 0;
    const step = (): void => {
      const choice = random();
      if (choice < 0.4) {
        const lane = `d${Math.floor(random() * 4)}`;
        const key = recipientKey(++seq, 0);
        const isFresh = random() < 0.5;
        rows.set(key, { seq, lane, atMs: isFresh ? nowMs : nowMs + Math.floor(random() * 50) });
        if (isFresh) lanes.add(lane, { seq, message: undefined, recipients: [recipientOf(0)] });
        else lanes.due(lane, rows.get(key)?.atMs ?? 0);
      } else if (choice < 0.7) {
        for (const { group } of lanes.claim(nowMs, 'remote', 5)) {
          const key = recipientKey(group.seq, 0);
          assert.ok(!claimed.has(key) && (rows.get(key)?.atMs ?? Infinity) <= nowMs, `seed ${seed}`);
          claimed.add(key);
        }
      } else if (choice < 0.95) {
        const [key] = claimed;
        if (key === undefined) return;
        claimed.delete(key);
        const row = rows.get(key);
        assert.ok(row);
        if (random() < 0.5) {
          rows.delete(key);
          lanes.settle(row.seq, 0, undefined);
        } else {
          row.atMs = nowMs + Math.floor(random() * 30);
          lanes.settle(row.seq, 0, { lane: row.lane, atMs: row.atMs });
        }
      } else nowMs += Math.floor(random() * 20);
    };
    for (let n = 0; n < 600; n++) step();
    // In the end everything comes out, however it was scheduled.
    nowMs += 1000;
    for (const key of claimed) {
      lanes.settle(rows.get(key)?.seq ?? 0, 0, undefined);
      rows.delete(key);
    }
    for (let round = 0; rows.size > 0 && round < 2000; round++) {
      for (const { group } of lanes.claim(nowMs, 'remote', 5)) {
        assert.ok(rows.delete(recipientKey(group.seq, 0)), `seed ${seed}`);
        lanes.settle(group.seq, 0, undefined);
      }
    }
    assert.equal(rows.size, 0, `seed ${seed}`);
    assert.equal(lanes.claimedCount, 0);
  }
});
