/**
 * The proof by killing: mail comes in on every path at once, the server is killed at a random moment and started again, many
 * times; then what the clients' logs call acknowledged is counted.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { openLab } from './lab.ts';
import { countIds, MailLoad, type Sent, type Stream } from './mail-load.ts';
import { SmtpSink } from './smtp-sink.ts';

const ACCOUNTS = ['ann', 'bob', 'cid', 'dora'].map((name) => `${name}@own.test`);

/** Every way that a message takes: straight into one mailbox, by the queue into several, out to another server, by a forward. */
const STREAMS: readonly Stream[] = [
  { name: 'direct-a', sender: 'zoe@far.test', recipients: ['ann@own.test'] },
  { name: 'direct-b', sender: 'zoe@far.test', recipients: ['bob@own.test'], bodyBytes: 9_000 },
  { name: 'spread', sender: 'zoe@far.test', recipients: ['ann@own.test', 'cid@own.test', 'dora@own.test'] },
  { name: 'forwarded', sender: 'zoe@far.test', recipients: ['team@own.test'] },
  { name: 'submitted', sender: 'ann@own.test', account: 'ann@own.test', recipients: ['bob@own.test', 'yan@far.test'], bodyBytes: 3_000 },
];
const FORWARD = { from: 'team@own.test', to: ['dora@own.test', 'team@far.test'] } as const;

export interface KillReport {
  readonly acknowledged: number;
  readonly unanswered: number;
  /** Messages that the other server has more than once: their connection broke between its 250 and our note of it. */
  readonly repeatedAbroad: number;
}

export async function killRepeatedly(kills: number, random: (limit: number) => number): Promise<KillReport> {
  await using lab = await openLab({ accounts: ['ann', 'bob', 'cid', 'dora'] });
  await using sink = await SmtpSink.open(lab.network.foreign);
  const { daemon } = lab;
  await daemon.call('addAddress', { address: FORWARD.from, targets: FORWARD.to });
  const load = new MailLoad(daemon);
  for (let round = 0; round < kills; round++) {
    const before = load.acknowledged.length;
    const pouring = STREAMS.map((stream) => load.pour(stream));
    await eventually('mail flows', () => load.acknowledged.length > before);
    await pause(random(700));
    await daemon.kill();
    await Promise.all(pouring);
    await daemon.start();
  }
  await daemon.queueEmpty(120_000);
  assert.deepEqual(load.refusals, []);
  assertHereOnce(load, new Map(await Promise.all(ACCOUNTS.map(async (name) => [name, await countIds(daemon, name)] as const))));
  const repeatedAbroad = assertAbroad(load, sink.messages());
  assert.ok(repeatedAbroad <= kills * 20, `${repeatedAbroad} messages went out more than once in ${kills} kills`);
  return { acknowledged: load.acknowledged.length, unanswered: load.unanswered.length, repeatedAbroad };
}

const local = ({ recipients }: Sent): string[] =>
  recipients
    .flatMap((recipient) => (recipient === FORWARD.from ? [FORWARD.to[0]] : [recipient]))
    .filter((one) => one.endsWith('@own.test'));

function assertHereOnce(load: MailLoad, mailboxes: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
  const wrong: string[] = [];
  for (const sent of load.acknowledged) {
    for (const account of local(sent)) {
      const count = mailboxes.get(account)?.get(sent.id) ?? 0;
      if (count !== 1) wrong.push(`${sent.id} is in the mailbox of ${account} ${count} times`);
    }
  }
  for (const sent of load.unanswered) {
    const counts = local(sent).map((account) => mailboxes.get(account)?.get(sent.id) ?? 0);
    // Nobody knows whether it was kept, but it is everywhere or nowhere.
    if (new Set(counts).size > 1 || (counts[0] ?? 0) > 1) wrong.push(`${sent.id}, not acknowledged, is there ${counts.join(', ')} times`);
  }
  assert.deepEqual(wrong, []);
}

function assertAbroad(load: MailLoad, messages: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const text of messages) {
    const id = /^X-Id: (.*?)\r?$/m.exec(text)?.[1] ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const leaves = ({ recipients }: Sent): boolean => recipients.some((one) => one.endsWith('@far.test') || one === FORWARD.from);
  const missing = load.acknowledged.filter((sent) => leaves(sent) && !counts.has(sent.id)).map(({ id }) => id);
  assert.deepEqual(missing, [], 'acknowledged and never sent on');
  return [...counts.values()].filter((count) => count > 1).length;
}
