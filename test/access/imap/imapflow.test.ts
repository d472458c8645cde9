import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { startServer, type TestServer } from './dialogue.ts';

let imap: TestServer;
before(async () => {
  imap = await startServer();
});
after(() => imap.stop());

test('imapflow logs in over STARTTLS, lists, appends, reads, flags, searches, moves, deletes and hears of new mail', async () => {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: imap.port,
    secure: false,
    auth: { user: 'fred@example.com', pass: 'secret' },
    logger: false,
    tls: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    const folders = await client.list();
    assert.deepEqual(folders.map(({ path, specialUse }) => [path, specialUse]).sort(), [
      ['Archive', '\\Archive'],
      ['Drafts', '\\Drafts'],
      ['INBOX', '\\Inbox'],
      ['Junk', '\\Junk'],
      ['Sent', '\\Sent'],
      ['Trash', '\\Trash'],
    ]);
    const made = await client.mailboxCreate(['Prüfung', 'ä/b'.replace('/', '-')]);
    assert.ok(made.created);
    const appended = await client.append(
      'INBOX',
      'Subject: hi\r\nFrom: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
      ['\\Seen', '$X'],
    );
    assert.ok(appended !== false && appended.uid === 1);
    await imap.deliver('Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\nFrom: "B" <b@example.com>\n\nworld\n');
    const lock = await client.getMailboxLock('INBOX');
    try {
      const messages = await client.fetchAll('1:*', {
        uid: true,
        flags: true,
        envelope: true,
        bodyStructure: true,
        source: true,
        size: true,
        internalDate: true,
        headers: ['from'],
      });
      assert.deepEqual(
        messages.map(({ uid, envelope }) => [uid, envelope?.subject]),
        [
          [1, 'hi'],
          [2, 'grüße'],
        ],
      );
      assert.deepEqual([...(messages[0]?.flags ?? [])].sort(), ['$X', '\\Recent', '\\Seen']);
      assert.equal(messages[1]?.source?.toString(), 'Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nFrom: "B" <b@example.com>\r\n\r\nworld\r\n');
      assert.equal(messages[0]?.bodyStructure?.type, 'text/plain');
      assert.deepEqual(await client.search({ subject: 'grüße' }, { uid: true }), [2]);
      assert.deepEqual(await client.search({ seen: false, since: '2020-01-01' }), [2]);
      await client.messageFlagsAdd('2', ['\\Flagged']);
      const downloaded = await client.download('2', 'TEXT');
      let text = '';
      for await (const chunk of downloaded.content ?? []) text += String(chunk);
      assert.equal(text, 'world\r\n');
      const moved = await client.messageMove('1', 'Prüfung/ä-b');
      assert.ok(moved !== false && moved.uidMap?.get(1) === 1);
      const { promise, resolve } = Promise.withResolvers<number>();
      client.on('exists', ({ count }) => resolve(count));
      void client.idle();
      await imap.deliver('Subject: new\n\n\n');
      assert.equal(await promise, 2);
      assert.ok(await client.messageDelete('1:*'));
      const status = await client.status('INBOX', { messages: true, uidNext: true });
      assert.ok(status !== false && status.messages === 0 && status.uidNext === 4);
      const quota = await client.getQuota('INBOX');
      assert.ok(quota !== false);
    } finally {
      lock.release();
    }
  } finally {
    await client.logout();
  }
  assert.deepEqual(imap.errors, []);
});
