/**
 * Measures the mailstore alone, through its ports as the daemon uses it: `node scripts/bench/store.ts [deliver] [read]`.
 * Prints microseconds; CPU counts all threads of this process, the load's own included.
 */
import { Field, Flag } from '../../daemon/mailstore/mailstore.ts';
import { type AccountId, brand } from '../../daemon/wire/ids.ts';
import { openThreadedMailstore, type ThreadedMailstore } from '../../test/support/mailstore-threads.ts';

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const message = Buffer.from(
  'Return-Path: <ann@example.org>\r\nReceived: from mx.example.org (mx.example.org [192.0.2.7])\r\n\tby mail.example.com with ESMTPS id 4Bx7Yz1\r\n\tfor <bob@example.com>; Mon, 1 Jun 2026 10:00:00 +0000\r\n' +
    'From: Ann Example <ann@example.org>\r\nTo: Bob <bob@example.com>\r\nSubject: Minutes of the meeting\r\nDate: Mon, 1 Jun 2026 10:00:00 +0000\r\nMessage-ID: <1.ann@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n' +
    'The quick brown fox jumps over the lazy dog and comes back again.\r\n'.repeat(112),
);

async function deliveries(
  name: string,
  count: number,
  accounts: number,
  options: { maxOpenFiles?: number; intake?: boolean },
): Promise<void> {
  const threads = await openThreadedMailstore({ stores: 4, readers: 1, ...options });
  try {
    await deliverAll(threads, Math.min(accounts, 2000), accounts);
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    await deliverAll(threads, count, accounts);
    const elapsedMs = performance.now() - startedMs;
    const used = process.cpuUsage(cpu);
    const perMessage = (micros: number): string => `${Math.round(micros / count)} µs`;
    console.log(
      `${name}: ${Math.round((count / elapsedMs) * 1000)}/s, CPU ${perMessage(used.user + used.system)} a message (user ${perMessage(used.user)}, system ${perMessage(used.system)})`,
    );
  } finally {
    await threads.close();
  }
}

/** 64 in flight; accounts in an order that never repeats itself soon. */
async function deliverAll(threads: ThreadedMailstore, count: number, accounts: number): Promise<void> {
  const run = Math.random().toString(36).slice(2, 10);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      await threads.store.deliver({
        account: brand<AccountId>(1 + ((i * 7919) % accounts)),
        folder: { role: 'inbox' },
        deliveryId: `${run}${i.toString(36).padStart(6, '0')}:1`,
        receivedAtMs: Date.now(),
        raw: new Uint8Array(message),
        quotaBytes: 1e12,
        vouched: false,
      });
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
}

async function best(name: string, work: () => Promise<unknown>): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const startedMs = performance.now();
    await work();
    least = Math.min(least, performance.now() - startedMs);
  }
  console.log(`${name}: ${least.toFixed(1)} ms`);
}

async function reads(): Promise<void> {
  const threads = await openThreadedMailstore({ stores: 1, readers: 1 });
  const account = brand<AccountId>(1);
  const { store } = threads;
  await deliverAll(threads, 10_000, 1);
  const { uids, id } = await store.open(account, 'INBOX', true);
  const handle = { account, folder: id };
  const fetch = async (fields: number): Promise<void> => {
    for await (const page of store.fetch({ handle, uids, fields })) if (page.uids.length === 0) throw new Error('empty page');
  };
  await best('open', () => store.open(account, 'INBOX', false));
  await best('FETCH FLAGS', () => fetch(Field.flags));
  await best('FETCH ENVELOPE BODYSTRUCTURE', () => fetch(Field.envelope | Field.bodyStructure));
  await best('FETCH HEADER', () => fetch(Field.header));
  await best('FETCH RAW', () => fetch(Field.raw));
  let flags: number = Flag.flagged;
  await best('STORE FLAGS on all', () => {
    flags ^= Flag.flagged | Flag.answered;
    return store.storeFlags({ handle, uids, mode: 'replace', flags, keywords: [] });
  });
  await best('SEARCH flags', () => store.search(handle, { kind: 'flags', set: 0, clear: Flag.seen }));
  await best('SEARCH subject', () => store.search(handle, { kind: 'header', name: 'subject', text: 'nowhere' }));
  await best('SEARCH text', () => store.search(handle, { kind: 'text', text: 'nowhere' }));
  const archive = { account, folder: (await store.status(account, 'Archive')).id };
  const timed = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now();
    await work();
    console.log(`${name}: ${(performance.now() - startedMs).toFixed(1)} ms`);
  };
  let copied = new Uint32Array(0);
  await timed('COPY all', async () => {
    copied = Uint32Array.from((await store.copy(handle, uids, archive, { quotaBytes: null })).targetUids);
  });
  await timed('MOVE all', async () =>
    store.move(archive, copied, { account, folder: (await store.status(account, 'Trash')).id }, { quotaBytes: null }),
  );
  await timed('EXPUNGE all', () => store.expunge(handle, uids, { force: true }));
  await threads.close();
}

if (isWanted('deliver')) {
  await deliveries('deliver, 10 accounts', 8000, 10, { intake: true });
  await deliveries('deliver, 1,000 accounts', 8000, 1000, { intake: true });
  await deliveries('deliver, 20,000 accounts', 8000, 20_000, { intake: true });
  await deliveries('deliver, 1,000 accounts, all cold, each opened', 2000, 1000, { maxOpenFiles: 1 });
}
if (isWanted('read')) await reads();
