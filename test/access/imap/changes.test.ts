import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { MAX_PENDING } from '../../../daemon/access/imap/session-view.ts';
import { ACCOUNT, type Client, startServer, type TestServer } from './dialogue.ts';

let imap: TestServer;
let one: Client;
let two: Client;
beforeEach(async () => {
  imap = await startServer();
  one = await imap.loggedIn();
  two = await imap.loggedIn();
});
afterEach(async () => {
  await imap.stop();
  assert.deepEqual(imap.errors, []);
});

async function fill(count: number): Promise<void> {
  for (let index = 1; index <= count; index++) await imap.deliver(`Subject: m${index}\n\nbody ${index}\n`);
}

test('RFC 9051 §6.3.13: mail delivered while idling is announced at once', async () => {
  await one.ok('SELECT INBOX');
  one.send('i IDLE\r\n');
  assert.equal(await one.line(), '+ idling');
  const started = performance.now();
  await fill(1);
  assert.equal(await one.line(), '* 1 EXISTS');
  assert.ok(performance.now() - started < 100, 'announced in under 100 ms');
  assert.equal(await one.line(), '* 1 RECENT');
  await two.ok('SELECT INBOX');
  await two.ok('STORE 1 +FLAGS (\\Deleted)');
  assert.equal(await one.line(), '* 1 FETCH (FLAGS (\\Deleted \\Recent))');
  await two.ok('EXPUNGE');
  assert.equal(await one.line(), '* 1 EXPUNGE');
  one.send('DONE\r\nn NOOP\r\n');
  assert.equal(await one.line(), 'i OK Idled');
  assert.equal(await one.line(), 'n OK Done');
  one.send('j IDLE\r\nFOO\r\n');
  assert.equal(await one.line(), '+ idling');
  assert.equal(await one.line(), 'j BAD Expected DONE');
});

test('RFC 9051 §7.5.1: EXPUNGE is held back in FETCH, STORE and SEARCH, and told in NOOP and UID commands', async () => {
  await fill(4);
  await one.ok('SELECT INBOX');
  await two.ok('SELECT INBOX');
  await two.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await two.ok('EXPUNGE');
  assert.deepEqual(await one.run('FETCH 2 UID'), ['* 2 FETCH (UID 2)', '* 1 FETCH (FLAGS (\\Deleted \\Recent))', 'OK Fetched']);
  assert.deepEqual(await one.run('FETCH 1 UID'), ['NO [EXPUNGEISSUED] Some of the messages are gone']);
  assert.deepEqual(await one.run('SEARCH 2'), ['* SEARCH 2', 'OK Searched']);
  await fill(1);
  assert.deepEqual(await one.run('STORE 3 +FLAGS.SILENT (\\Seen)'), ['* 5 EXISTS', '* 5 RECENT', 'OK Stored']);
  assert.deepEqual(await one.run('UID SEARCH UID 2'), ['* SEARCH 2', '* 1 EXPUNGE', 'OK Searched']);
  assert.deepEqual(await one.run('FETCH 4 UID'), ['* 4 FETCH (UID 5)', 'OK Fetched']);
  assert.deepEqual(
    await two.run('NOOP'),
    ['* 4 EXISTS', '* 4 RECENT', '* 2 FETCH (FLAGS (\\Seen \\Recent))', 'OK Done'].map((line) =>
      line.replace('4 RECENT', '1 RECENT').replace('\\Seen \\Recent', '\\Seen'),
    ),
  );
});

test('RFC 9051 §7.5.2: the last flags that a session is told are the newest, whoever set them', async () => {
  await fill(1);
  await one.ok('SELECT INBOX');
  await two.ok('SELECT INBOX');
  for (const command of ['STORE 1 +FLAGS.SILENT (\\Seen)', 'STORE 1 +FLAGS (\\Answered)', 'FETCH 1 BODY[TEXT]']) {
    await two.ok('STORE 1 FLAGS.SILENT (\\Flagged)');
    const told = await one.ok(command);
    const [actual] = await two.ok('FETCH 1 FLAGS');
    // The feed may be slower than the answers.
    for (let round = 0; round < 50; round++) told.push(...(await one.ok('NOOP')));
    assert.equal(told.at(-1)?.replace(' \\Recent', ''), actual, command);
    await two.ok('NOOP');
  }
});

test('RFC 3501 §2.3.2: \\Recent belongs to the first session that selects', async () => {
  await fill(2);
  assert.ok((await one.ok('EXAMINE INBOX')).includes('* 2 RECENT'));
  assert.ok((await one.ok('SELECT INBOX')).includes('* 2 RECENT'));
  assert.ok((await two.ok('SELECT INBOX')).includes('* 0 RECENT'));
});

test('a folder that is deleted under a session ends it, one that is renamed does not', async () => {
  await one.ok('CREATE Box');
  await one.ok('SELECT Box');
  await two.ok('RENAME Box Case');
  assert.deepEqual(await one.run('NOOP'), ['OK Done']);
  await two.ok('DELETE Case');
  one.send('n NOOP\r\n');
  assert.equal(await one.line(), '* BYE The selected folder is gone');
  await one.ended();
});

test('more changes than may wait: the session reads again what it has missed', async () => {
  await fill(3);
  await one.ok('SELECT INBOX');
  const { mailstore } = imap;
  const handle = { account: ACCOUNT, folder: (await mailstore.status(ACCOUNT, 'INBOX')).id };
  await mailstore.storeFlags({ handle, uids: Uint32Array.of(2), mode: 'add', flags: 8, keywords: [] });
  await mailstore.expunge(handle);
  for (let round = 0; round <= MAX_PENDING; round++) {
    await mailstore.storeFlags({ handle, uids: Uint32Array.of(1), mode: round % 2 === 0 ? 'add' : 'remove', flags: 1, keywords: [] });
  }
  await fill(1);
  assert.deepEqual(await one.run('FETCH 3 UID'), [
    '* 3 FETCH (UID 3)',
    '* 4 EXISTS',
    '* 4 RECENT',
    '* 1 FETCH (FLAGS (\\Seen \\Recent))',
    'OK Fetched',
  ]);
  assert.deepEqual(await one.run('NOOP'), ['* 2 EXPUNGE', 'OK Done']);
});

test('pipelined commands are answered in order, those behind a literal too', async () => {
  await fill(2);
  one.send('a SELECT INBOX\r\nb FETCH 1 UID\r\nc APPEND INBOX {3+}\r\nabc\r\nd SEARCH ALL\r\ne LOGOUT\r\n');
  const text = await one.ended();
  const tags = text
    .split('\r\n')
    .filter((line) => /^[a-e] /.test(line))
    .map((line) => line.slice(0, 4));
  assert.deepEqual(tags, ['a OK', 'b OK', 'c OK', 'd OK', 'e OK']);
  assert.ok(text.includes('* SEARCH 1 2 3\r\n'));
});

test('what a client sent before it closed its side is answered', async () => {
  one.socket.end('a SELECT INBOX\r\nb NOOP\r\nc IDLE\r\n');
  assert.match(await one.ended(), /\r\na OK .*\r\nb OK Done\r\n\+ idling\r\nc OK Idled\r\n$/);
});

test('RFC 9051 §5.5: a client that reads nothing holds only a bounded amount of what it asked for', async () => {
  const body = `Subject: big\n\n${`${'x'.repeat(76)}\n`.repeat(2600)}`;
  for (let index = 0; index < 40; index++) await imap.deliver(body);
  await one.ok('SELECT INBOX');
  one.socket.pause();
  let fetched = 0;
  const { mailstore } = imap;
  const original = mailstore.fetch.bind(mailstore);
  mailstore.fetch = async function* (request) {
    for await (const page of original(request)) {
      fetched += page.uids.length;
      yield page;
    }
  };
  one.send('f FETCH 1:* BODY.PEEK[]\r\n');
  await two.ok('NOOP');
  for (let round = 0; round < 50; round++) await two.ok('NOOP');
  assert.ok(fetched < 40, `${fetched} of 40 read ahead of the client`);
  one.socket.resume();
  assert.equal((await one.linesUntil('f OK')).length, 41);
  assert.equal(fetched, 40);
});

test('a client that leaves in the middle of a FETCH cancels it', async () => {
  const body = `Subject: big\n\n${`${'x'.repeat(76)}\n`.repeat(2600)}`;
  for (let index = 0; index < 40; index++) await imap.deliver(body);
  await one.ok('SELECT INBOX');
  one.socket.pause();
  const { mailstore } = imap;
  const original = mailstore.fetch.bind(mailstore);
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  mailstore.fetch = async function* (request) {
    try {
      yield* original(request);
    } finally {
      resolve();
    }
  };
  one.send('f FETCH 1:* BODY.PEEK[]\r\n');
  await two.ok('NOOP');
  one.socket.destroy();
  await cancelled;
});

test('close() says BYE to idle and busy sessions and returns within its deadline', async () => {
  one.send('i IDLE\r\n');
  await one.line();
  const closed = imap.server.close(2000);
  assert.equal(await one.line(), '* BYE Shutting down');
  assert.equal(await two.line(), '* BYE Shutting down');
  await closed;
  assert.equal(imap.server.sessions(), 0);
});
