import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { type Client, startServer, type TestServer } from './dialogue.ts';

let imap: TestServer;
before(async () => {
  imap = await startServer();
});
after(async () => {
  await imap.stop();
  assert.deepEqual(imap.errors, []);
});

test('RFC 9051 §2.2: each bad line is answered and the session goes on', async () => {
  const client = await imap.loggedIn();
  const table: [string, string][] = [
    ['\r\n', '* BAD '],
    ['a\r\n', 'a BAD '],
    ['a \r\n', 'a BAD '],
    ['a NO\0OP\r\n', 'a BAD NUL'],
    ['a NOOP\n', 'a BAD Lines must end'],
    ['a SELECT "x\r\n', 'a BAD '],
    ['* NOOP\r\n', '* BAD '],
    [`a NOOP ${'x'.repeat(70_000)}\r\n`, 'a BAD [TOOBIG]'],
    ['a SELECT {3+}\r\nIN\0\r\n', 'a BAD NUL'],
    ['a SELECT {2+}\r\nINBOX\r\n', 'a BAD '],
    ['a SELECT {999999999}\r\n', 'a BAD [TOOBIG]'],
    [`a SEARCH ${'NOT '.repeat(2000)}ALL\r\n`, 'a BAD [LIMIT]'],
    [`a FETCH 1 ${'('.repeat(2000)}\r\n`, 'a BAD '],
    ['a \xff\xfe\r\n', 'a BAD '],
    ['a LOGIN\tx y\r\n', 'a BAD '],
    ['a CREATE "\xff"\r\n', 'a BAD '],
    ['a CREATE "a\x01b"\r\n', 'a NO [CANNOT]'],
  ];
  for (const [bytes, answer] of table) {
    client.send(bytes);
    const line = await client.line();
    assert.ok(line.startsWith(answer), `${JSON.stringify(bytes.slice(0, 60))}: ${line}`);
  }
  await client.ok('NOOP');
});

test('RFC 7888 §4: a non-synchronizing literal beyond the bound ends the connection with BYE', async () => {
  const client = await imap.loggedIn();
  client.send('a APPEND INBOX {99999999999+}\r\n');
  assert.match(await client.line(), /^a BAD \[TOOBIG\]/);
  assert.match(await client.line(), /^\* BYE /);
  await client.ended();
});

test('RFC 7888 §4: the octets of a refused non-synchronizing literal are dropped', async () => {
  const small = await startServer({ limits: { messageBytes: 1000 } });
  try {
    const client = await small.loggedIn();
    client.send(`a APPEND INBOX {20000+}\r\n${'b NOOP\r\n'.repeat(2500)}\r\nc NOOP\r\n`);
    assert.match(await client.line(), /^a NO \[TOOBIG\]/);
    assert.equal(await client.line(), 'c OK Done');
  } finally {
    await small.stop();
  }
});

test('one octet at a time', async () => {
  const client = await imap.connect();
  for (const octet of 'a LOGIN {16+}\r\nfred@example.com "secret"\r\nb APPEND INBOX {3+}\r\nabc\r\n') client.send(octet);
  assert.match(await client.line(), /^a OK /);
  assert.match(await client.line(), /^b OK /);
});

test('a client that leaves in the middle of a literal leaves nothing behind', async () => {
  const client = await imap.loggedIn();
  const before = imap.server.sessions();
  client.send('a APPEND INBOX {1000+}\r\nabc');
  client.socket.end();
  await client.ended();
  assert.equal(imap.server.sessions(), before - 1);
});

test('octets at random: the server answers or closes, and lives', async () => {
  let state = 20261123;
  const random = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const words = [
    'a ',
    'FETCH ',
    '1:* ',
    '(',
    ')',
    '"',
    '{3}',
    '{3+}\r\n',
    'BODY[',
    ']',
    '<',
    'UID ',
    'SEARCH ',
    'OR ',
    'SELECT INBOX\r\n',
    'APPEND INBOX ',
    'IDLE\r\n',
    'DONE\r\n',
    '\0',
    '\xff',
    '\r\n',
    '\n',
    'STORE ',
    'FLAGS ',
    '\\Seen',
    'AUTHENTICATE PLAIN\r\n',
    '*\r\n',
    'LIST "" ',
    '%*',
  ];
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    const client = await imap.loggedIn();
    let text = '';
    for (let count = 0; count < 60; count++) text += words[Math.floor(random() * words.length)];
    client.send(text);
    client.socket.end();
    await client.ended();
  }
  await (await imap.loggedIn()).ok('NOOP');
});

test('RFC 9051 §6.3.12: uploads that are never finished take a share of memory, and a disconnect gives it back', async (t) => {
  const MB = 1024 * 1024;
  const imap = await startServer({ limits: { uploadBytes: 3 * MB, uploadBytesPerAccount: 2 * MB } });
  t.after(() => imap.stop());
  const begin = async (size: number): Promise<[Client, string]> => {
    const client = await imap.loggedIn();
    client.send(`a APPEND INBOX {${size}}\r\n`);
    return [client, await client.line()];
  };
  const [first, answer] = await begin(1.5 * MB);
  assert.equal(answer, '+ OK');
  const [second, refusal] = await begin(MB);
  assert.match(refusal, /^a NO \[LIMIT\] Too many large messages at once/);
  assert.equal((await begin(200_000))[1], '+ OK', 'small ones are not counted');
  first.send(`${'x'.repeat(1.5 * MB)}\r\n`);
  await first.linesUntil('a OK');
  second.send(`b APPEND INBOX {${1.5 * MB}}\r\n`);
  assert.equal(await second.line(), '+ OK');
  second.socket.destroy();
  await eventually('room for another upload', async () => (await begin(1.5 * MB))[1] === '+ OK');
});
