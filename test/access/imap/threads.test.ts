import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './dialogue.ts';

test('RFC 9051 §6.3.13: over store threads mail is announced to every idling session in under 100 ms', async () => {
  const imap = await startServer({ threads: true });
  try {
    const sessions = [];
    for (let index = 0; index < 5; index++) {
      const client = await imap.loggedIn();
      await client.ok('SELECT INBOX');
      client.send('i IDLE\r\n');
      assert.equal(await client.line(), '+ idling');
      sessions.push(client);
    }
    await imap.deliver('Subject: first\n\n\n');
    await Promise.all(sessions.map((client) => client.linesUntil('* 1 RECENT')));
    let slowest = 0;
    for (let count = 2; count <= 20; count++) {
      const delivered = imap.deliver(`Subject: m${count}\n\n\n`).then(() => performance.now());
      const [at, ...told] = await Promise.all([
        delivered,
        ...sessions.map((client) => client.linesUntil(`* ${count} RECENT`).then(() => performance.now())),
      ]);
      slowest = Math.max(slowest, ...told.map((moment) => moment - at));
    }
    assert.ok(slowest < 100, `${slowest} ms`);
    assert.deepEqual(imap.errors, []);
  } finally {
    await imap.stop();
  }
});
