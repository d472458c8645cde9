import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MAX_WAITING_MESSAGES } from '../../daemon/mailstore/intake.ts';
import { type Delivery, Field, type Mailstore } from '../../daemon/mailstore/mailstore.ts';
import { type AccountId, brand } from '../../daemon/wire/ids.ts';
import { messageBytes } from '../support/mailstore-contract.ts';
import { openThreadedMailstore } from '../support/mailstore-threads.ts';

const directory = mkdtempSync(join(tmpdir(), 'mailstead-intake-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let nextAccount = 1;
const newAccount = (): AccountId => brand<AccountId>(nextAccount++);
const delivery = (account: AccountId, subject: string, more: Partial<Delivery> = {}): Delivery => ({
  account,
  folder: { role: 'inbox' },
  deliveryId: `${account}:${subject}`,
  receivedAtMs: 77,
  raw: messageBytes(subject),
  quotaBytes: null,
  vouched: false,
  ...more,
});
const pathOf = (account: AccountId): string => join(directory, `${account}.db`);
const subjects = async (store: Mailstore, account: AccountId, folder = 'INBOX'): Promise<string[]> => {
  const { uids, id } = await store.open(account, folder, false);
  const found: string[] = [];
  for await (const page of store.fetch({ handle: { account, folder: id }, uids, fields: Field.header })) {
    for (let row = 0; row < page.uids.length; row++) {
      const header = Buffer.from(page.header?.data.subarray(page.header.offsets[row], page.header.offsets[row + 1]) ?? []).toString();
      found.push(/Subject: (\S+)/.exec(header)?.[1] ?? '');
    }
  }
  return found;
};

test('the first message of a cold account opens no file, yet every reader finds it', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const { store } = threads;
  const reads: ((account: AccountId) => Promise<unknown>)[] = [
    async (account) => (await store.status(account, 'INBOX')).messages,
    async (account) => (await store.open(account, 'INBOX', true)).uids.length,
    async (account) => (await store.usage(account)).messages,
    async (account) => (await store.usageByFolder(account)).find((folder) => folder.name === 'INBOX')?.messages,
  ];
  for (const read of reads) {
    const account = newAccount();
    const outcome = await store.deliver(delivery(account, 'cold'));
    assert.deepEqual(outcome, { kind: 'stored', folder: 0, uidValidity: 0, uid: 0 });
    assert.equal(existsSync(pathOf(account)), false);
    assert.equal(await read(account), 1);
    assert.deepEqual(await subjects(store, account), ['cold']);
  }
  await threads.close();
});

test('one more than may wait takes the others along, in order, and repeating any is harmless', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const { store } = threads;
  const account = newAccount();
  const expected = Array.from({ length: MAX_WAITING_MESSAGES + 2 }, (_, i) => `m${i}`);
  for (const [i, subject] of expected.entries()) {
    assert.equal((await store.deliver(delivery(account, subject))).kind, 'stored');
    assert.equal(existsSync(pathOf(account)), i >= MAX_WAITING_MESSAGES);
  }
  for (const subject of expected) assert.equal((await store.deliver(delivery(account, subject))).kind, 'duplicate');
  assert.deepEqual(await subjects(store, account), expected);
  const atOnce = newAccount();
  await Promise.all(expected.map((subject) => store.deliver(delivery(atOnce, subject))));
  assert.deepEqual(await subjects(store, atOnce), expected);
  await threads.close();
});

test('a delivery repeated while it waits is a duplicate', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const account = newAccount();
  const outcomes = await Promise.all([
    threads.store.deliver(delivery(account, 'twice')),
    threads.store.deliver(delivery(account, 'twice')),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind),
    ['stored', 'duplicate'],
  );
  await threads.close();
});

test('a repeated delivery is stored once when the file has it already', async () => {
  let threads = await openThreadedMailstore({ directory, intake: true });
  const account = newAccount();
  await threads.store.deliver(delivery(account, 'kept'));
  await threads.store.folders(account);
  await threads.close();
  threads = await openThreadedMailstore({ directory, intake: true });
  await threads.store.deliver(delivery(account, 'kept'));
  assert.deepEqual(await subjects(threads.store, account), ['kept']);
  await threads.close();
});

test('what waits outlives a restart, also with another number of threads', async () => {
  const accounts = Array.from({ length: 12 }, newAccount);
  let threads = await openThreadedMailstore({ directory, intake: true, stores: 2 });
  await Promise.all(accounts.map((account) => threads.store.deliver(delivery(account, 'waits', { folder: { role: 'junk' } }))));
  await threads.close();
  threads = await openThreadedMailstore({ directory, intake: true, stores: 3 });
  for (const account of accounts) assert.deepEqual(await subjects(threads.store, account, 'Junk'), ['waits']);
  await threads.close();
});

test('a quota is held against what waits', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const account = newAccount();
  assert.equal((await threads.store.deliver(delivery(account, 'fits', { quotaBytes: 10 }))).kind, 'stored');
  assert.equal((await threads.store.deliver(delivery(account, 'full', { quotaBytes: 10 }))).kind, 'over-quota');
  assert.equal((await threads.store.deliver(delivery(account, 'vouched', { quotaBytes: 10, vouched: true }))).kind, 'stored');
  await threads.close();
});

test('a listening session hears of new mail at once: its account does not wait', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const account = newAccount();
  const added = new Promise<number>((resolve) => {
    threads.store.subscribe(account, (change) => {
      if (change.kind === 'messages') resolve(change.added.length);
    });
  });
  await threads.store.deliver(delivery(account, 'heard'));
  assert.equal(await added, 1);
  await threads.close();
});

test('what waits is filed in the background', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const account = newAccount();
  await threads.store.deliver(delivery(account, 'later'));
  while (!existsSync(pathOf(account))) await new Promise((resolve) => setImmediate(resolve));
  await threads.close();
});

test('an account that is removed while its mail waits is gone', async () => {
  const threads = await openThreadedMailstore({ directory, intake: true });
  const account = newAccount();
  await threads.store.deliver(delivery(account, 'gone'));
  await threads.store.remove(account);
  assert.equal((await threads.store.usage(account)).messages, 0);
  await threads.close();
});
