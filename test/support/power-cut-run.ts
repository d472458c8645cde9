/**
 * The proof by power cuts: the server works under strace, then its directory is rebuilt as of replies that it gave, what was not
 * synced dropped, and a server started there is asked for everything that had been acknowledged by then.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDaemon } from './daemon.ts';
import { openLab } from './lab.ts';
import { countIds, MailLoad, type Sent, type Stream } from './mail-load.ts';
import { NONE, rebuildAfterCut, type Unsynced } from './power-cut.ts';
import { readStrace, STRACE, type TracedCall } from './strace-log.ts';

const STREAMS: readonly Stream[] = [
  { name: 'direct', sender: 'zoe@far.test', recipients: ['ann@own.test'] },
  { name: 'large', sender: 'zoe@far.test', recipients: ['bob@own.test'], bodyBytes: 1_500_000 },
  { name: 'spread', sender: 'zoe@far.test', recipients: ['ann@own.test', 'bob@own.test'] },
  // Nobody answers at the other end: it stays in the queue.
  { name: 'abroad', sender: 'ann@own.test', account: 'ann@own.test', recipients: ['zoe@far.test'] },
];

export interface CutOptions {
  /** Rounds of all streams at once. */
  readonly rounds: number;
  /** So many of the replies are cut at, spread evenly; all of them when there are fewer. */
  readonly cuts: number;
  readonly random: (limit: number) => number;
}

/** strace lost a line: the run proves nothing and is to be made again. */
export class IncompleteLog extends Error {}

/** Answers how many cuts were tried and how many acknowledgements they covered. */
export async function cutPowerRepeatedly({
  rounds,
  cuts,
  random,
}: CutOptions): Promise<{ readonly cuts: number; readonly checked: number }> {
  const place = mkdtempSync(join(tmpdir(), 'power-cut-'));
  try {
    const data = join(place, 'data');
    const before = join(place, 'before');
    const log = join(place, 'strace.log');
    await using lab = await openLab({ accounts: ['ann', 'bob'], daemon: { data } });
    const { daemon, network } = lab;
    await daemon.stop();
    cpSync(data, before, { recursive: true });
    const acknowledged = await traceWork(daemon, log, rounds);
    const calls = readStrace(readFileSync(log, 'latin1'), data);
    const replies = repliesIn(calls);
    if (replies.length !== acknowledged.length)
      throw new IncompleteLog(`${replies.length} of ${acknowledged.length} replies are in the log`);
    const chosen = choose(replies.length, cuts);
    let checked = 0;
    for (const [turn, index] of chosen.entries()) {
      const target = join(place, 'after');
      const unsynced: Unsynced = turn % 2 === 0 ? NONE : (count) => Array.from({ length: count }, () => random(2) === 1);
      rebuildAfterCut(calls, replies[index] ?? 0, { root: data, before, target }, unsynced);
      const due = acknowledged.slice(0, index + 1);
      checked += due.length;
      await using after = await TestDaemon.openAgain({ network, data: target });
      await assertWhole(
        after,
        due,
        `cut ${turn} at reply ${index} of ${replies.length}, unsynced ${turn % 2 === 0 ? 'dropped' : 'in part'}`,
      );
    }
    return { cuts: chosen.length, checked };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The acknowledged messages, in the order of their replies: one client after the other, so that the log has the same. */
async function traceWork(daemon: TestDaemon, log: string, rounds: number): Promise<readonly Sent[]> {
  await daemon.start({ wrapper: [...STRACE, '-o', log] });
  const load = new MailLoad(daemon);
  const clients = await Promise.all(STREAMS.map(async (stream) => ({ stream, client: await load.connect(stream) })));
  for (let round = 0; round < rounds; round++) {
    for (const { stream, client } of clients) assert.ok(await load.send(client, stream), load.refusals.join());
  }
  await daemon.kill();
  return load.acknowledged;
}

/** Where the log has the 250 to a message's end. */
function repliesIn(calls: readonly TracedCall[]): number[] {
  return calls.flatMap(({ call, beganAt }) => {
    if (call.kind !== 'say') return [];
    // One write may carry several replies.
    return [...call.bytes.toString('latin1').matchAll(/^250 2\.0\.0 (?:Delivered|Accepted) as /gm)].map(() => beganAt);
  });
}

function choose(count: number, wanted: number): number[] {
  if (count <= wanted) return Array.from({ length: count }, (_one, index) => index);
  return Array.from({ length: wanted }, (_one, index) => Math.floor(((index + 1) * count) / wanted) - 1);
}

async function assertWhole(daemon: TestDaemon, due: readonly Sent[], where: string): Promise<void> {
  const waiting = new Set<string>();
  for (let before: string | undefined; ; ) {
    const { entries } = await daemon.call('queue.list', { limit: 500, ...(before === undefined ? {} : { before }) });
    for (const { subject, recipients } of entries) for (const { address } of recipients) waiting.add(`${subject} ${address}`);
    before = entries.at(-1)?.id;
    if (entries.length < 500) break;
  }
  const mailboxes = new Map(
    await Promise.all(['ann@own.test', 'bob@own.test'].map(async (name) => [name, await countIds(daemon, name)] as const)),
  );
  const lost = due.flatMap(({ id, recipients }) =>
    recipients
      .filter((recipient) => (mailboxes.get(recipient)?.get(id) ?? 0) === 0 && !waiting.has(`${id} ${recipient}`))
      .map((recipient) => `${id} for ${recipient}`),
  );
  assert.deepEqual(lost, [], where);
  const doubled = due.flatMap(({ id, recipients }) =>
    recipients.filter((recipient) => (mailboxes.get(recipient)?.get(id) ?? 0) > 1).map((recipient) => `${id} for ${recipient}`),
  );
  assert.deepEqual(doubled, [], where);
}
