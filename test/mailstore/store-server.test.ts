import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { openConnection } from '../../daemon/database/open.ts';
import { Unavailable } from '../../daemon/lib/errors.ts';
import { PortSlot, servePort } from '../../daemon/lib/port-call.ts';
import { AccountFile } from '../../daemon/mailstore/account-file.ts';
import { AccountTemplate } from '../../daemon/mailstore/account-template.ts';
import { ChangeFeeds } from '../../daemon/mailstore/change-feed.ts';
import { createMailstoreClient, type MailstoreClient } from '../../daemon/mailstore/client.ts';
import { Incoming } from '../../daemon/mailstore/deliver.ts';
import { GroupedWrites } from '../../daemon/mailstore/grouped-writes.ts';
import { type Change, type Delivery, Field } from '../../daemon/mailstore/mailstore.ts';
import { OpenAccounts } from '../../daemon/mailstore/open-accounts.ts';
import { createReaderServer } from '../../daemon/mailstore/reader-server.ts';
import { createStoreServer, type StoreServerOptions } from '../../daemon/mailstore/store-server.ts';
import type { UsageRows } from '../../daemon/mailstore/usage-reports.ts';
import { type AccountId, brand } from '../../daemon/wire/ids.ts';
import { messageBytes } from '../support/mailstore-contract.ts';
import { openThreadedMailstore } from '../support/mailstore-threads.ts';

const roots: string[] = [];
const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'mailstead-store-'));
  roots.push(directory);
  return directory;
};
after(() => {
  for (const directory of roots) rmSync(directory, { recursive: true, force: true });
});

const account = brand<AccountId>(1);
let nextId = 1;
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  account,
  folder: { role: 'inbox' },
  deliveryId: `s${nextId++}:1`,
  receivedAtMs: 1,
  raw: messageBytes('hello'),
  quotaBytes: null,
  vouched: false,
  ...more,
});

/** Both servers on this thread, behind ports: for what needs a hand on their inside. */
function openHere(options: Partial<StoreServerOptions> = {}): { store: MailstoreClient; close: () => void; directory: string } {
  const directory = options.directory ?? newDirectory();
  const servers = [createStoreServer({ directory, ...options }), createReaderServer({ directory })];
  const slots = servers.map((server) => {
    const { port1, port2 } = new MessageChannel();
    servePort(port2, server.handlers, (error) => console.error(error));
    const slot = new PortSlot();
    slot.attach(port1);
    return slot;
  });
  const store = createMailstoreClient({ stores: slots.slice(0, 1), readers: slots.slice(1) });
  const close = (): void => {
    store.close();
    for (const slot of slots) slot.client?.close();
    for (const server of servers) server.close();
  };
  return { store, close, directory };
}

describe('usage (rule 3 of the design)', () => {
  test('totals are reported, the last ones at close', async () => {
    const reported: UsageRows[] = [];
    const { store, close } = openHere({ onUsage: (rows) => reported.push(rows) });
    await store.deliver(delivery());
    await store.deliver(delivery());
    close();
    const last = reported[reported.length - 1];
    assert.deepEqual(
      [...(last?.accounts ?? []), ...(last?.messages ?? []), ...(last?.bytes ?? [])],
      [1, 2, 2 * messageBytes('hello').length],
    );
  });

  test('an account is marked dirty, durably, before its first write and only then', async () => {
    const marks: AccountId[][] = [];
    let release: (() => void) | undefined;
    const marked = new Promise<void>((resolve) => (release = resolve));
    const { store, close, directory } = openHere({
      markDirty: async (accounts) => {
        marks.push([...accounts]);
        await marked;
      },
    });
    const first = store.deliver(delivery());
    const second = store.deliver(delivery({ account: brand<AccountId>(2) }));
    while (marks.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.throws(() => statSync(join(directory, '1.db')));
    release?.();
    await Promise.all([first, second]);
    await store.deliver(delivery());
    assert.deepEqual(marks.flat().sort(), [1, 2]);
    close();
  });

  test('when the mark fails nothing is written', async () => {
    const { store, close, directory } = openHere({ markDirty: () => Promise.reject(new Unavailable('not now')) });
    await assert.rejects(store.deliver(delivery()), Unavailable);
    assert.throws(() => statSync(join(directory, '1.db')));
    close();
  });
});

describe('trouble with the disk', () => {
  test('a full disk refuses all of a message, and recovers by itself', async () => {
    const directory = newDirectory();
    const template = new AccountTemplate(1);
    const files = new OpenAccounts((id) => AccountFile.open(directory, id as AccountId, template), { maxOpen: 4, idleMs: 60_000 });
    const writes = new GroupedWrites(files, { afterWrite: () => undefined });
    const incoming = new Incoming(writes, new ChangeFeeds());
    await incoming.deliver(delivery({ deliveryId: 'before' }));
    const { sql } = files.get(account).connection;
    const pages = sql.pragma('page_count', { simple: true }) as number;
    sql.pragma(`max_page_count=${pages + 20}`);
    const small = delivery({ deliveryId: 'small' });
    const large = delivery({ deliveryId: 'large', raw: messageBytes('large', 'x'.repeat(200_000)) });
    const sliced = delivery({ deliveryId: 'sliced', raw: messageBytes('sliced', 'x'.repeat(3_000_000)) });
    await assert.rejects(incoming.deliver({ ...large, raw: large.raw.slice() }), Unavailable);
    await assert.rejects(incoming.deliver({ ...sliced, raw: sliced.raw.slice() }), Unavailable);
    assert.equal((await incoming.deliver(small)).kind, 'stored');
    assert.deepEqual(files.get(account).state.usage.messages, 2);
    assert.equal(sql.prepare('SELECT count(*) FROM content').pluck().get(), 2);
    sql.pragma('max_page_count=1000000');
    assert.equal((await incoming.deliver(large)).kind, 'stored');
    assert.equal((await incoming.deliver(sliced)).kind, 'stored');
    assert.equal(files.get(account).state.usage.messages, 4);
    assert.equal(files.get(account).state.unfinished, 0);
    files.closeAll();
  });

  test('one bad work in a group takes nothing back but its own', async () => {
    const { store, close } = openHere();
    await store.folders(account);
    const missing = { account, folder: brand<never>(99 as never) };
    const results = await Promise.allSettled([
      store.deliver(delivery()),
      store.append({ handle: missing, raw: messageBytes('x'), flags: 0, keywords: ['k'], internalDateMs: 1, quotaBytes: null }),
      store.deliver(delivery()),
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const { messages, uidNext } = await store.status(account, 'INBOX');
    assert.deepEqual([messages, uidNext], [2, 3]);
    assert.deepEqual((await store.open(account, 'INBOX', false)).keywordNames, []);
    close();
  });

  test('a damaged file is Unavailable, others work', async () => {
    const { store, close, directory } = openHere();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(directory, '7.db'), 'this is no database file, whatever its name says '.repeat(100));
    await assert.rejects(store.deliver(delivery({ account: brand<AccountId>(7) })), Unavailable);
    await assert.rejects(store.status(brand<AccountId>(7), 'INBOX'), Unavailable);
    assert.equal((await store.deliver(delivery())).kind, 'stored');
    close();
  });
});

describe('files', () => {
  test('an empty account takes at most 64 KiB and is one file when closed', async () => {
    const { store, close, directory } = openHere();
    await store.folders(account);
    close();
    assert.ok(statSync(join(directory, '1.db')).size <= 64 * 1024);
    assert.throws(() => statSync(join(directory, '1.db-wal')));
  });

  test('only so many files stay open, and a closed one is read and written again', async () => {
    const { store, close } = openHere({ maxOpenFiles: 2 });
    for (let round = 0; round < 3; round++) {
      for (let id = 1; id <= 6; id++) await store.deliver(delivery({ account: brand<AccountId>(id) }));
    }
    for (let id = 1; id <= 6; id++) assert.equal((await store.usage(brand<AccountId>(id))).messages, 3);
    close();
  });

  test('expunged UIDs are remembered as ranges (RFC 7162 §3.2.5.2)', async () => {
    const { store, close, directory } = openHere();
    for (let i = 0; i < 5; i++) await store.deliver(delivery());
    const handle = { account, folder: (await store.status(account, 'INBOX')).id };
    await store.expunge(handle, Uint32Array.of(1, 2, 4), { force: true });
    close();
    const { sql } = openConnection(join(directory, '1.db'), { readonly: true });
    const [uids] = sql.prepare('SELECT uids FROM expunged').raw().get() as [Buffer];
    assert.deepEqual([...new Uint32Array(new Uint8Array(uids).buffer)], [1, 2, 4, 4]);
    sql.close();
  });

  test('previews are made in the background', async () => {
    const threads = await openThreadedMailstore({ stores: 1, readers: 1, previews: true });
    await threads.store.deliver(
      delivery({ raw: messageBytes('p', '<p>Dear <b>Bob</b>,</p><p>see you</p>', 'Content-Type: text/html\r\n') }),
    );
    const handle = { account, folder: (await threads.store.status(account, 'INBOX')).id };
    for (let text = ''; text !== 'Dear Bob, see you'; ) {
      for await (const page of threads.store.fetch({ handle, uids: Uint32Array.of(1), fields: Field.preview })) {
        text = Buffer.from(page.preview?.data ?? []).toString();
      }
    }
    await threads.close();
  });
});

describe('change feed', () => {
  test('listeners are told to resync when their store thread was replaced, and hear what follows', async () => {
    const threads = await openThreadedMailstore({ stores: 1, readers: 1 });
    const heard: Change[] = [];
    let wake: (() => void) | undefined;
    threads.store.subscribe(account, (change) => {
      heard.push(change);
      wake?.();
    });
    const until = async (matches: (change: Change) => boolean): Promise<void> => {
      while (!heard.some(matches)) await new Promise<void>((resolve) => (wake = resolve));
    };
    await threads.store.deliver(delivery());
    await until((change) => change.kind === 'messages');
    await threads.restartStore(0);
    await until((change) => change.kind === 'resync');
    await threads.store.deliver(delivery());
    await until((change) => change.kind === 'messages' && change.added[0] === 2);
    await threads.close();
  });

  test('a feed nobody reads holds 1,000 changes, then one resync per account', async () => {
    const feeds = new ChangeFeeds();
    const pages = feeds.open('f');
    assert.deepEqual((await pages.next()).value, []);
    feeds.subscribe('f', account);
    feeds.subscribe('f', brand<AccountId>(2));
    for (let i = 0; i < 1500; i++) feeds.publish({ kind: 'folders', account });
    const { value } = await pages.next();
    assert.deepEqual(value, [
      { kind: 'resync', account: 1 },
      { kind: 'resync', account: 2 },
    ]);
    feeds.publish({ kind: 'folders', account });
    assert.deepEqual((await pages.next()).value, [{ kind: 'folders', account: 1 }]);
  });
});
