/**
 * The mailstore's contract as tests: every driver passes it. Call `mailstoreContract` with a way to get an empty store.
 * It looks through the interface alone.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Conflict, Invalid, NotFound, Rejected } from '../../daemon/lib/errors.ts';
import { type Change, type FetchPage, Field, Flag, type FolderHandle, type Mailstore } from '../../daemon/mailstore/mailstore.ts';
import type { SearchCriteria } from '../../daemon/mailstore/search-criteria.ts';
import { type AccountId, brand, type ModSeq } from '../../daemon/wire/ids.ts';

export interface OpenedMailstore {
  readonly store: Mailstore;
  close(): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message of its own buffer (deliveries give it away). */
export function messageBytes(subject: string, body = 'Hello\r\n', fields = ''): Uint8Array {
  return encoder.encode(
    `From: Ann <ann@example.org>\r\nTo: bob@example.com\r\nSubject: ${subject}\r\nDate: Mon, 1 Jun 2026 10:00:00 +0200\r\n${fields}\r\n${body}`,
  );
}

/** Waits for changes of one account; fails the test by the runner's deadline when they do not come. */
class ChangeLog {
  readonly all: Change[] = [];
  #wake: (() => void) | undefined;

  constructor(store: Mailstore, account: AccountId) {
    store.subscribe(account, (change) => {
      this.all.push(change);
      this.#wake?.();
    });
  }

  async until<T>(find: (changes: Change[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.all);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  messages(matches: (change: Extract<Change, { kind: 'messages' }>) => boolean): Promise<Extract<Change, { kind: 'messages' }>> {
    return this.until(
      (changes) =>
        changes.find((change) => change.kind === 'messages' && matches(change)) as Extract<Change, { kind: 'messages' }> | undefined,
    );
  }
}

export function mailstoreContract(name: string, open: () => Promise<OpenedMailstore>): void {
  describe(name, () => {
    let opened: OpenedMailstore;
    let store: Mailstore;
    let nextAccount = 1;
    let nextDelivery = 1;
    const newAccount = (): AccountId => brand<AccountId>(nextAccount++);

    const deliver = async (
      account: AccountId,
      subject: string,
      more: Partial<Parameters<Mailstore['deliver']>[0]> = {},
    ): Promise<number> => {
      const outcome = await store.deliver({
        account,
        folder: { role: 'inbox' },
        deliveryId: `d${nextDelivery++}:1`,
        receivedAtMs: 1_750_000_000_123,
        raw: messageBytes(subject),
        quotaBytes: null,
        vouched: false,
        ...more,
      });
      assert.equal(outcome.kind, 'stored');
      return outcome.kind === 'stored' ? outcome.uid : 0;
    };
    const handleOf = async (account: AccountId, folder = 'INBOX'): Promise<FolderHandle> => ({
      account,
      folder: (await store.status(account, folder)).id,
    });
    const uidsIn = async (account: AccountId, folder = 'INBOX'): Promise<number[]> => [...(await store.open(account, folder, false)).uids];
    const pages = async (handle: FolderHandle, uids: number[], fields: number, slices = false): Promise<FetchPage[]> => {
      const found: FetchPage[] = [];
      for await (const page of store.fetch({ handle, uids: Uint32Array.from(uids), fields, slices })) found.push(page);
      return found;
    };
    const rawOf = async (handle: FolderHandle, uid: number): Promise<Uint8Array> => {
      const [page] = await pages(handle, [uid], Field.raw);
      assert.ok(page?.raw);
      return page.raw.data.slice(page.raw.offsets[0], page.raw.offsets[1]);
    };
    const names = async (account: AccountId): Promise<string[]> => (await store.folders(account)).map((folder) => folder.name);

    before(async () => {
      opened = await open();
      store = opened.store;
    });
    after(() => opened.close());

    describe('folders', () => {
      test('an account starts with its standard folders, subscribed, INBOX first (RFC 6154 §2)', async () => {
        const folders = await store.folders(newAccount());
        assert.deepEqual(
          folders.map((folder) => [folder.name, folder.role, folder.subscribed, folder.selectable]),
          [
            ['INBOX', 'inbox', true, true],
            ['Archive', 'archive', true, true],
            ['Drafts', 'drafts', true, true],
            ['Junk', 'junk', true, true],
            ['Sent', 'sent', true, true],
            ['Trash', 'trash', true, true],
          ],
        );
      });

      test('CREATE makes superior names and refuses a second folder (RFC 9051 §6.3.4)', async () => {
        const account = newAccount();
        const made = await store.createFolder(account, 'Work/Clients/', null);
        assert.equal(made.name, 'Work/Clients');
        assert.ok((await names(account)).includes('Work'));
        await assert.rejects(store.createFolder(account, 'Work', null), Conflict);
        await assert.rejects(store.createFolder(account, 'inbox', null), Conflict);
        await assert.rejects(store.createFolder(account, 'a//b', null), Invalid);
        await assert.rejects(store.createFolder(account, 'a\u0007', null), Invalid);
        await assert.rejects(store.createFolder(account, 'Second junk', 'junk'), Conflict);
      });

      test('names are NFC and INBOX is one name in any case (RFC 9051 §5.1)', async () => {
        const account = newAccount();
        await store.createFolder(account, 'Cafe\u0301', null);
        assert.equal((await store.status(account, 'Caf\u00e9')).name, 'Caf\u00e9');
        assert.equal((await store.status(account, 'iNbOx')).name, 'INBOX');
        await store.createFolder(account, 'inbox/Sub', null);
        assert.deepEqual((await names(account)).slice(0, 2), ['INBOX', 'INBOX/Sub']);
      });

      test('200 levels nest', async () => {
        const account = newAccount();
        const deep = Array.from({ length: 200 }, () => 'x').join('/');
        await store.createFolder(account, deep, null);
        assert.equal((await store.status(account, deep)).messages, 0);
      });

      test('DELETE keeps the name as a parent while others are below (RFC 9051 §6.3.5)', async () => {
        const account = newAccount();
        await store.createFolder(account, 'P/C', null);
        await store.deleteFolder(account, 'P');
        const parent = (await store.folders(account)).find((folder) => folder.name === 'P');
        assert.equal(parent?.selectable, false);
        await assert.rejects(store.deleteFolder(account, 'P'), Rejected);
        await assert.rejects(store.open(account, 'P', false), NotFound);
        await store.deleteFolder(account, 'P/C');
        assert.ok(!(await names(account)).includes('P'));
        await assert.rejects(store.deleteFolder(account, 'P'), NotFound);
        await assert.rejects(store.deleteFolder(account, 'INBOX'), Rejected);
      });

      test('a folder made again has another UIDVALIDITY (RFC 9051 §2.3.1.1)', async () => {
        const account = newAccount();
        await store.createFolder(account, 'Again', null);
        const first = await store.status(account, 'Again');
        await store.deleteFolder(account, 'Again');
        await store.createFolder(account, 'Again', null);
        const second = await store.status(account, 'Again');
        assert.ok(second.uidValidity > first.uidValidity);
        assert.notEqual(second.id, first.id);
        await assert.rejects(store.expunge({ account, folder: first.id }), NotFound);
      });

      test('RENAME takes children and messages along (RFC 9051 §6.3.6)', async () => {
        const account = newAccount();
        await store.createFolder(account, 'A/B/C', null);
        await deliver(account, 'kept', { folder: { name: 'A/B' } });
        const old = await store.status(account, 'A/B');
        await store.renameFolder(account, 'A/B', 'X/Y');
        const moved = await store.status(account, 'X/Y');
        assert.deepEqual([moved.id, moved.messages, moved.uidNext], [old.id, 1, old.uidNext]);
        const list = await names(account);
        assert.deepEqual(
          list.filter((name) => /^[AX]/.test(name)),
          ['A', 'Archive', 'X', 'X/Y', 'X/Y/C'],
        );
        await assert.rejects(store.renameFolder(account, 'X', 'Trash'), Conflict);
        await assert.rejects(store.renameFolder(account, 'X', 'X/Y/Z'), Rejected);
        await assert.rejects(store.renameFolder(account, 'nowhere', 'N'), NotFound);
      });

      test('RENAME of INBOX moves its messages and leaves it empty (RFC 9051 §6.3.6)', async () => {
        const account = newAccount();
        await store.createFolder(account, 'INBOX/Below', null);
        await deliver(account, 'one');
        await deliver(account, 'two');
        const before = await store.status(account, 'INBOX');
        await store.renameFolder(account, 'INBOX', 'Old mail');
        const inbox = await store.status(account, 'INBOX');
        assert.deepEqual([inbox.id, inbox.messages, inbox.uidNext, inbox.sizeBytes], [before.id, 0, before.uidNext, 0]);
        assert.equal((await store.status(account, 'Old mail')).messages, 2);
        assert.ok((await names(account)).includes('INBOX/Below'));
      });

      test('subscriptions outlive their folders (RFC 9051 §6.3.7)', async () => {
        const account = newAccount();
        await store.createFolder(account, 'News', null);
        await store.subscribeFolder(account, 'News', true);
        await store.deleteFolder(account, 'News');
        await store.subscribeFolder(account, 'Never there', true);
        const find = async (name: string) => (await store.folders(account)).find((folder) => folder.name === name);
        assert.deepEqual([(await find('News'))?.absent, (await find('News'))?.selectable], [true, false]);
        assert.equal((await find('Never there'))?.subscribed, true);
        await assert.rejects(store.status(account, 'News'), NotFound);
        await store.createFolder(account, 'News', null);
        assert.deepEqual(
          [(await find('News'))?.absent, (await find('News'))?.subscribed, (await find('News'))?.selectable],
          [undefined, true, true],
        );
        await store.subscribeFolder(account, 'News', false);
        await store.subscribeFolder(account, 'Never there', false);
        assert.deepEqual([(await find('News'))?.subscribed, await find('Never there')], [false, undefined]);
      });
    });

    describe('delivery', () => {
      test('what was delivered is there byte for byte, with its date', async () => {
        const account = newAccount();
        const raw = messageBytes('bytes', 'caf\u00e9 \u0000 and\r\nmore');
        const expected = raw.slice();
        const uid = await deliver(account, '', { raw, flags: Flag.seen });
        const handle = await handleOf(account);
        assert.deepEqual(await rawOf(handle, uid), expected);
        const [page] = await pages(handle, [uid], Field.internalDate | Field.size | Field.flags | Field.modseq);
        assert.deepEqual([page?.internalDatesMs?.[0], page?.sizes?.[0], page?.flags?.[0]], [1_750_000_000_123, expected.length, Flag.seen]);
        assert.equal(page?.modseqs?.[0], (await store.status(account, 'INBOX')).highestModSeq);
        assert.equal(page?.raw, undefined);
      });

      test('repeating a delivery id is harmless', async () => {
        const account = newAccount();
        await deliver(account, 'once', { deliveryId: 'same:1' });
        const again = await store.deliver({
          account,
          folder: { role: 'junk' },
          deliveryId: 'same:1',
          receivedAtMs: 1,
          raw: messageBytes('once'),
          quotaBytes: null,
          vouched: false,
        });
        assert.deepEqual(again, { kind: 'duplicate' });
        assert.deepEqual(await store.usage(account), { bytes: messageBytes('once').length, messages: 1 });
      });

      test('many at once are each there exactly once, with ascending UIDs', async () => {
        const account = newAccount();
        const uids = await Promise.all(Array.from({ length: 40 }, (_, i) => deliver(account, `m${i}`)));
        assert.equal(new Set(uids).size, 40);
        assert.deepEqual(
          await uidsIn(account),
          [...uids].sort((a, b) => a - b),
        );
      });

      test('the same id twice at once is stored once', async () => {
        const account = newAccount();
        const request = () => ({
          account,
          folder: { role: 'inbox' } as const,
          deliveryId: 'twin:1',
          receivedAtMs: 5,
          raw: messageBytes('twin'),
          quotaBytes: null,
          vouched: false,
        });
        const outcomes = await Promise.all([store.deliver(request()), store.deliver(request())]);
        assert.deepEqual(outcomes.map((outcome) => outcome.kind).sort(), ['duplicate', 'stored']);
      });

      test('a full mailbox refuses, unless the space was promised', async () => {
        const account = newAccount();
        await deliver(account, 'first', { quotaBytes: 10 });
        const refused = { account, folder: { role: 'inbox' } as const, deliveryId: 'q:1', receivedAtMs: 1, quotaBytes: 10 };
        assert.deepEqual(await store.deliver({ ...refused, raw: messageBytes('x'), vouched: false }), { kind: 'over-quota' });
        assert.equal((await store.deliver({ ...refused, raw: messageBytes('x'), vouched: true })).kind, 'stored');
      });

      test('a folder by role or by name is made when it is missing', async () => {
        const account = newAccount();
        await store.deleteFolder(account, 'Junk');
        await deliver(account, 'spam', { folder: { role: 'junk' } });
        await deliver(account, 'list', { folder: { name: 'Lists/News' } });
        assert.equal((await store.status(account, 'Junk')).messages, 1);
        assert.equal((await store.status(account, 'Lists/News')).messages, 1);
        const made = (await store.folders(account)).find((folder) => folder.name === 'Lists/News');
        assert.equal(made?.subscribed, true);
      });

      test('a message of several MiB is stored and read back, also in slices', async () => {
        const account = newAccount();
        const line = 'x'.repeat(76);
        const raw = messageBytes('large', `${line}\r\n`.repeat(45_000));
        const expected = Buffer.from(raw);
        const uid = await deliver(account, '', { raw });
        const handle = await handleOf(account);
        assert.ok(expected.equals(await rawOf(handle, uid)));
        const slices = await pages(handle, [uid], Field.raw | Field.size, true);
        assert.ok(slices.length > 10);
        assert.equal(slices[0]?.sizes?.[0], expected.length);
        let at = 0;
        for (const page of slices) {
          assert.equal(page.rawOffset, at);
          assert.ok((page.raw?.data.length ?? 0) <= 256 * 1024);
          assert.ok(expected.subarray(at, at + (page.raw?.data.length ?? 0)).equals(page.raw?.data as Uint8Array));
          at += page.raw?.data.length ?? 0;
        }
        assert.equal(at, expected.length);
      });
    });

    describe('APPEND', () => {
      test('keeps flags, keywords and date (RFC 9051 §6.3.12)', async () => {
        const account = newAccount();
        const handle = await handleOf(account, 'Drafts');
        const { uid, uidValidity } = await store.append({
          handle,
          raw: messageBytes('draft'),
          flags: Flag.draft | Flag.seen,
          keywords: ['$Forwarded', 'todo'],
          internalDateMs: 86_400_000,
          quotaBytes: null,
        });
        const snapshot = await store.open(account, 'Drafts', false);
        assert.equal(snapshot.uidValidity, uidValidity);
        assert.deepEqual([...snapshot.uids, ...snapshot.flags], [uid, Flag.draft | Flag.seen]);
        assert.deepEqual(snapshot.keywordNames, ['$Forwarded', 'todo']);
        assert.deepEqual([...(snapshot.keywords ?? [])], [3n]);
      });

      test('is refused when the mailbox is full or the folder gone', async () => {
        const account = newAccount();
        const handle = await handleOf(account);
        await deliver(account, 'first');
        const request = { raw: messageBytes('x'), flags: 0, keywords: [], internalDateMs: 1 };
        await assert.rejects(store.append({ ...request, handle, quotaBytes: 5 }), Rejected);
        const missing = { account, folder: brand<FolderHandle['folder']>(999) };
        await assert.rejects(store.append({ ...request, raw: messageBytes('x'), handle: missing, quotaBytes: null }), NotFound);
      });

      test('an account has at most 64 keywords, compared without case', async () => {
        const account = newAccount();
        const handle = await handleOf(account);
        const uid = await deliver(account, 'labels');
        const many = Array.from({ length: 64 }, (_, i) => `k${i}`);
        const uids = Uint32Array.of(uid);
        const result = await store.storeFlags({ handle, uids, mode: 'add', flags: 0, keywords: many });
        assert.deepEqual([...(result.keywords ?? [])], [2n ** 64n - 1n]);
        await store.storeFlags({ handle, uids, mode: 'remove', flags: 0, keywords: ['K5'] });
        await assert.rejects(store.storeFlags({ handle, uids, mode: 'add', flags: 0, keywords: ['one too many'] }), Rejected);
        assert.deepEqual([...((await store.open(account, 'INBOX', false)).keywords ?? [])], [2n ** 64n - 1n - 32n]);
      });
    });

    messageTests();

    function messageTests(): void {
      describe('SELECT', () => {
        test('\\Recent goes to the first session that claims it (RFC 3501 §2.3.2)', async () => {
          const account = newAccount();
          const first = await deliver(account, 'one');
          const examined = await store.open(account, 'INBOX', false);
          assert.deepEqual([examined.recent, examined.firstRecentUid], [1, first]);
          const claimed = await store.open(account, 'INBOX', true);
          assert.deepEqual([claimed.recent, claimed.firstRecentUid], [1, first]);
          const second = await deliver(account, 'two');
          const later = await store.open(account, 'INBOX', true);
          assert.deepEqual([later.recent, later.firstRecentUid], [1, second]);
          assert.equal((await store.open(account, 'INBOX', true)).recent, 0);
        });

        test('STATUS counts (RFC 9051 §6.3.11)', async () => {
          const account = newAccount();
          await deliver(account, 'a', { flags: Flag.seen });
          await deliver(account, 'b', { flags: Flag.deleted });
          await deliver(account, 'c');
          const status = await store.status(account, 'INBOX');
          const { messages, unseen, deleted, recent, uidNext, sizeBytes } = status;
          assert.deepEqual([messages, unseen, deleted, recent, uidNext, sizeBytes], [3, 2, 1, 3, 4, 3 * messageBytes('a').length]);
        });
      });

      describe('STORE', () => {
        test('adds, removes and replaces flags; each change takes a higher modseq (RFC 9051 §6.4.6, RFC 7162 §3.1)', async () => {
          const account = newAccount();
          const uids = Uint32Array.of(await deliver(account, 'a'), await deliver(account, 'b'));
          const handle = await handleOf(account);
          const start = (await store.status(account, 'INBOX')).highestModSeq;
          const added = await store.storeFlags({ handle, uids, mode: 'add', flags: Flag.seen | Flag.flagged, keywords: ['x'] });
          assert.deepEqual([...added.flags], [5, 5]);
          assert.deepEqual([...(added.keywords ?? [])], [1n, 1n]);
          assert.ok(added.modseqs.every((modseq) => modseq > start));
          const removed = await store.storeFlags({ handle, uids: uids.slice(0, 1), mode: 'remove', flags: Flag.flagged, keywords: [] });
          assert.deepEqual([...removed.uids, ...removed.flags], [uids[0], 1]);
          assert.ok((removed.modseqs[0] as number) > (added.modseqs[0] as number));
          const replaced = await store.storeFlags({ handle, uids, mode: 'replace', flags: Flag.answered, keywords: [] });
          assert.deepEqual([...replaced.flags, ...(replaced.keywords ?? [])], [2, 2]);
          const status = await store.status(account, 'INBOX');
          assert.deepEqual([status.unseen, status.highestModSeq], [2, replaced.modseqs[0]]);
        });

        test('what changes nothing keeps its modseq; absent messages are left out', async () => {
          const account = newAccount();
          const uid = await deliver(account, 'a', { flags: Flag.seen });
          const handle = await handleOf(account);
          const before = await store.status(account, 'INBOX');
          const result = await store.storeFlags({
            handle,
            uids: Uint32Array.of(uid, uid + 7),
            mode: 'add',
            flags: Flag.seen,
            keywords: [],
          });
          assert.deepEqual([[...result.uids], [...result.flags], [...result.modseqs]], [[uid], [1], [before.highestModSeq]]);
          assert.equal((await store.status(account, 'INBOX')).highestModSeq, before.highestModSeq);
        });

        test('UNCHANGEDSINCE leaves newer rows alone and names them (RFC 7162 §3.1.3)', async () => {
          const account = newAccount();
          const uids = Uint32Array.of(await deliver(account, 'a'), await deliver(account, 'b'));
          const handle = await handleOf(account);
          const unchangedSince = brand<ModSeq>((await store.status(account, 'INBOX')).highestModSeq);
          await store.storeFlags({ handle, uids: uids.slice(0, 1), mode: 'add', flags: Flag.seen, keywords: [] });
          const result = await store.storeFlags({ handle, uids, mode: 'add', flags: Flag.flagged, keywords: [], unchangedSince });
          assert.deepEqual([[...result.uids], [...result.modified]], [[uids[1]], [uids[0]]]);
        });
      });

      describe('EXPUNGE, COPY and MOVE', () => {
        test('EXPUNGE removes what is \\Deleted, UID EXPUNGE among the given (RFC 9051 §6.4.3, §6.4.9)', async () => {
          const account = newAccount();
          const uids: number[] = [];
          for (const flags of [Flag.deleted, 0, Flag.deleted, Flag.deleted]) uids.push(await deliver(account, 'm', { flags }));
          const handle = await handleOf(account);
          assert.deepEqual([...(await store.expunge(handle, Uint32Array.of(uids[0] as number, uids[1] as number)))], [uids[0]]);
          assert.deepEqual([...(await store.expunge(handle))], [uids[2], uids[3]]);
          assert.deepEqual([...(await store.expunge(handle, Uint32Array.of(uids[1] as number), { force: true }))], [uids[1]]);
          assert.deepEqual(await store.usage(account), { bytes: 0, messages: 0 });
          assert.equal((await store.status(account, 'INBOX')).deleted, 0);
          assert.equal(await deliver(account, 'next'), 5);
        });

        test('COPY keeps content, flags, keywords and date under new UIDs (RFC 9051 §6.4.7)', async () => {
          const account = newAccount();
          const uids = Uint32Array.of(await deliver(account, 'a', { flags: Flag.seen }), await deliver(account, 'b'));
          const from = await handleOf(account);
          const to = await handleOf(account, 'Archive');
          await store.storeFlags({ handle: from, uids, mode: 'add', flags: 0, keywords: ['kept'] });
          const result = await store.copy(from, Uint32Array.of(...uids, 77), to, { quotaBytes: null });
          assert.deepEqual([[...result.sourceUids], [...result.targetUids]], [[...uids], [1, 2]]);
          const copy = await store.open(account, 'Archive', false);
          assert.deepEqual([[...copy.flags], [...(copy.keywords ?? [])], copy.uidValidity], [[1, 0], [1n, 1n], result.uidValidity]);
          await store.expunge(from, uids, { force: true });
          assert.match(decoder.decode(await rawOf(to, 2)), /Subject: b/);
          const same = await store.copy(to, Uint32Array.of(1), to, { quotaBytes: null });
          assert.deepEqual([...same.targetUids], [3]);
        });

        test('MOVE takes messages away from the source (RFC 9051 §6.4.8)', async () => {
          const account = newAccount();
          const uids = Uint32Array.of(await deliver(account, 'a'), await deliver(account, 'b'));
          const usage = await store.usage(account);
          const from = await handleOf(account);
          const to = await handleOf(account, 'Trash');
          const result = await store.move(from, uids.slice(0, 1), to, { quotaBytes: 1 });
          assert.deepEqual([[...result.sourceUids], [...result.targetUids]], [[uids[0]], [1]]);
          assert.deepEqual([await uidsIn(account), await uidsIn(account, 'Trash')], [[uids[1]], [1]]);
          assert.deepEqual(await store.usage(account), usage);
          assert.match(decoder.decode(await rawOf(to, 1)), /Subject: a/);
        });

        test('COPY and MOVE reach into another account', async () => {
          const [mine, theirs] = [newAccount(), newAccount()];
          const uids = Uint32Array.of(await deliver(mine, 'a', { flags: Flag.flagged }), await deliver(mine, 'b'));
          const from = await handleOf(mine);
          const to = await handleOf(theirs, 'Archive');
          await store.storeFlags({ handle: from, uids, mode: 'add', flags: 0, keywords: ['shared'] });
          assert.deepEqual([...(await store.copy(from, uids.slice(0, 1), to, { quotaBytes: null })).targetUids], [1]);
          assert.deepEqual([...(await store.move(from, uids, to, { quotaBytes: null })).targetUids], [2, 3]);
          assert.deepEqual(await uidsIn(mine), []);
          const there = await store.open(theirs, 'Archive', false);
          assert.deepEqual([[...there.flags], [...(there.keywords ?? [])], there.keywordNames], [[4, 4, 0], [1n, 1n, 1n], ['shared']]);
          assert.match(decoder.decode(await rawOf(to, 3)), /Subject: b/);
          await assert.rejects(store.copy(to, Uint32Array.of(1), from, { quotaBytes: 3 }), Rejected);
        });

        test('COPY beyond the quota leaves the target as it was', async () => {
          const account = newAccount();
          const uids = Uint32Array.of(await deliver(account, 'a'), await deliver(account, 'b'));
          const { bytes } = await store.usage(account);
          const to = await handleOf(account, 'Archive');
          await assert.rejects(store.copy(await handleOf(account), uids, to, { quotaBytes: bytes + 1 }), Rejected);
          assert.deepEqual(await uidsIn(account, 'Archive'), []);
          assert.equal((await store.usage(account)).bytes, bytes);
        });

        test('thousands of messages change in one call', async () => {
          const account = newAccount();
          const from = await handleOf(account);
          await deliver(account, 'seed');
          let uids = Uint32Array.of(1);
          while (uids.length < 2500)
            uids = Uint32Array.of(...uids, ...(await store.copy(from, uids, from, { quotaBytes: null })).targetUids);
          const stored = await store.storeFlags({ handle: from, uids, mode: 'add', flags: Flag.deleted, keywords: [] });
          assert.equal(stored.uids.length, uids.length);
          assert.equal((await store.status(account, 'INBOX')).deleted, uids.length);
          const moved = await store.move(from, uids.slice(0, 2000), await handleOf(account, 'Trash'), { quotaBytes: null });
          assert.equal(moved.targetUids.length, 2000);
          assert.equal((await store.expunge(from)).length, uids.length - 2000);
          assert.deepEqual(await uidsIn(account), []);
          assert.equal((await store.usage(account)).messages, 2000);
        });
      });

      describe('FETCH', () => {
        test('answers in ascending UID order, in pages, without absent messages', async () => {
          const account = newAccount();
          const body = `${'y'.repeat(70)}\r\n`.repeat(700);
          const uids: number[] = [];
          for (let i = 0; i < 12; i++) uids.push(await deliver(account, '', { raw: messageBytes(`p${i}`, body) }));
          const handle = await handleOf(account);
          await store.expunge(handle, Uint32Array.of(uids[3] as number), { force: true });
          const found = await pages(handle, [...uids, 500], Field.raw | Field.envelope);
          assert.ok(found.length > 1);
          assert.deepEqual(
            found.flatMap((page) => [...page.uids]),
            uids.filter((_, i) => i !== 3),
          );
          for (const page of found) {
            assert.equal(page.raw?.offsets.length, page.uids.length + 1);
            assert.ok((page.raw?.data.length ?? 0) <= 256 * 1024);
          }
        });

        test('header, ENVELOPE and BODYSTRUCTURE come in final form (RFC 9051 §7.5.2)', async () => {
          const account = newAccount();
          const uid = await deliver(account, 'final form');
          const [page] = await pages(await handleOf(account), [uid], Field.envelope | Field.bodyStructure | Field.body | Field.header);
          const text = (column: { data: Uint8Array } | undefined) => decoder.decode(column?.data);
          const header = decoder.decode(messageBytes('final form')).split('Hello')[0];
          assert.equal(text(page?.header), header);
          assert.match(text(page?.envelope), /^\("Mon, 1 Jun 2026 10:00:00 \+0200" "final form" \(\("Ann" NIL "ann" "example.org"\)\)/);
          assert.match(text(page?.bodyStructure), /^\("TEXT" "PLAIN" /i);
          assert.match(text(page?.body), /^\("TEXT" "PLAIN" /i);
        });

        test('leaving a fetch early is fine', async () => {
          const account = newAccount();
          for (let i = 0; i < 4; i++) await deliver(account, '', { raw: messageBytes('big', 'z'.repeat(200_000)) });
          const handle = await handleOf(account);
          for await (const page of store.fetch({ handle, uids: Uint32Array.of(1, 2, 3, 4), fields: Field.raw })) {
            assert.equal(page.uids[0], 1);
            break;
          }
          assert.equal((await uidsIn(account)).length, 4);
        });
      });

      describe('SEARCH', () => {
        test('by flags, keywords, size, dates, modseq and UIDs (RFC 9051 §6.4.4)', async () => {
          const account = newAccount();
          const day = 86_400_000;
          const one = await deliver(account, 'one', { flags: Flag.seen, receivedAtMs: 10 * day });
          const two = await deliver(account, 'two', { receivedAtMs: 20 * day, raw: messageBytes('two', 'x'.repeat(5000)) });
          const three = await deliver(account, 'three', { receivedAtMs: 30 * day });
          const handle = await handleOf(account);
          const marked = await store.storeFlags({ handle, uids: Uint32Array.of(three), mode: 'add', flags: 0, keywords: ['Todo'] });
          const find = async (criteria: SearchCriteria) => [...(await store.search(handle, criteria))];
          assert.deepEqual(await find({ kind: 'all' }), [one, two, three]);
          assert.deepEqual(await find({ kind: 'flags', set: 0, clear: Flag.seen }), [two, three]);
          assert.deepEqual(await find({ kind: 'keyword', name: 'todo', present: true }), [three]);
          assert.deepEqual(await find({ kind: 'keyword', name: 'unheard', present: false }), [one, two, three]);
          assert.deepEqual(await find({ kind: 'size', op: 'larger', bytes: 4000 }), [two]);
          assert.deepEqual(await find({ kind: 'received', fromMs: 15 * day, beforeMs: 30 * day }), [two]);
          const june = Date.UTC(2026, 5, 1);
          assert.deepEqual(await find({ kind: 'sent', fromMs: june, beforeMs: june + day }), [one, two, three]);
          assert.deepEqual(await find({ kind: 'modseq', atLeast: marked.modseqs[0] as number }), [three]);
          assert.deepEqual(await find({ kind: 'uids', ranges: Uint32Array.of(1, 1, 3, 9) }), [one, three]);
          const not: SearchCriteria = {
            kind: 'not',
            of: {
              kind: 'or',
              of: [
                { kind: 'uids', ranges: Uint32Array.of(1, 1) },
                { kind: 'size', op: 'larger', bytes: 4000 },
              ],
            },
          };
          assert.deepEqual(await find(not), [three]);
          assert.deepEqual(await find({ kind: 'and', of: [] }), [one, two, three]);
        });

        test('by header and text, decoded and without case (RFC 9051 §6.4.4)', async () => {
          const account = newAccount();
          await deliver(account, '=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=');
          const encoded = Buffer.from('Die Rechnung vom M\u00e4rz').toString('base64');
          const mime = 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n';
          await deliver(account, '', { raw: messageBytes('invoice', `${encoded}\r\n`, mime) });
          const handle = await handleOf(account);
          const find = async (criteria: SearchCriteria) => [...(await store.search(handle, criteria))];
          assert.deepEqual(await find({ kind: 'header', name: 'subject', text: 'GR\u00dc' }), [1]);
          assert.deepEqual(await find({ kind: 'header', name: 'mime-version', text: '' }), [2]);
          assert.deepEqual(await find({ kind: 'body', text: 'rechnung vom m\u00c4rz' }), [2]);
          assert.deepEqual(await find({ kind: 'body', text: 'ann@example.org' }), []);
          assert.deepEqual(await find({ kind: 'text', text: 'ann@example.org' }), [1, 2]);
          assert.deepEqual(await find({ kind: 'text', text: 'hello' }), [1]);
        });
      });
    }

    describe('usage and removal', () => {
      test('usage by folder', async () => {
        const account = newAccount();
        await deliver(account, 'a');
        await deliver(account, 'b', { folder: { role: 'junk' } });
        const bytes = messageBytes('a').length;
        assert.deepEqual(
          (await store.usageByFolder(account)).filter((folder) => folder.messages > 0),
          [
            { name: 'INBOX', bytes, messages: 1 },
            { name: 'Junk', bytes, messages: 1 },
          ],
        );
      });

      test('a deleted folder gives its space back', async () => {
        const account = newAccount();
        await deliver(account, 'a', { folder: { name: 'Gone' } });
        await store.deleteFolder(account, 'Gone');
        assert.deepEqual(await store.usage(account), { bytes: 0, messages: 0 });
      });

      test('a removed account is gone for good', async () => {
        const account = newAccount();
        await deliver(account, 'a');
        const log = new ChangeLog(store, account);
        await store.remove(account);
        await log.until((changes) => changes.find((change) => change.kind === 'removed'));
        assert.deepEqual(await store.usage(account), { bytes: 0, messages: 0 });
      });
    });

    describe('change feed', () => {
      test('tells what was added, changed and expunged, in order, with its origin', async () => {
        const account = newAccount();
        const log = new ChangeLog(store, account);
        const uid = await deliver(account, 'new', { flags: Flag.flagged });
        const handle = await handleOf(account);
        const uids = Uint32Array.of(uid);
        await store.storeFlags({ handle, uids, mode: 'add', flags: Flag.seen, keywords: ['tag'] }, 'session 1');
        await store.expunge(handle, uids, { force: true, origin: 'session 2' });
        const expunged = await log.messages((change) => change.expunged.length > 0);
        assert.deepEqual([[...expunged.expunged], expunged.origin, expunged.folder], [[uid], 'session 2', handle.folder]);
        const added = await log.messages((change) => change.added.length > 0);
        assert.deepEqual([[...added.added], [...added.addedFlags], added.origin], [[uid], [Flag.flagged], undefined]);
        const changed = await log.messages((change) => change.changed.length > 0);
        assert.deepEqual([[...changed.changed], [...changed.changedFlags], changed.origin], [[uid], [5], 'session 1']);
        assert.deepEqual([[...(changed.changedKeywords ?? [])], changed.keywordNames], [[1n], ['tag']]);
        const order = log.all.filter((change) => change.kind === 'messages').map((change) => change.modseq);
        assert.deepEqual(
          order,
          [...order].sort((a, b) => a - b),
        );
      });

      test('MOVE tells both folders; folder changes are told', async () => {
        const account = newAccount();
        await deliver(account, 'm');
        const log = new ChangeLog(store, account);
        const [from, to] = [await handleOf(account), await handleOf(account, 'Junk')];
        await store.move(from, Uint32Array.of(1), to, { quotaBytes: null, origin: 'mover' });
        const left = await log.messages((change) => change.expunged.length > 0);
        assert.deepEqual([left.folder, left.origin], [from.folder, 'mover']);
        const came = await log.messages((change) => change.added.length > 0);
        assert.equal(came.folder, to.folder);
        await store.createFolder(account, 'New', null);
        await log.until((changes) => changes.find((change) => change.kind === 'folders'));
      });

      test('a closed subscription hears nothing, others go on', async () => {
        const account = newAccount();
        const heard: Change[] = [];
        const closed = store.subscribe(account, (change) => heard.push(change));
        const log = new ChangeLog(store, account);
        await deliver(account, 'first');
        await log.messages((change) => change.added[0] === 1);
        const before = heard.length;
        closed.close();
        await deliver(account, 'second');
        await log.messages((change) => change.added.includes(2));
        assert.equal(heard.length, before);
      });
    });
  });
}
