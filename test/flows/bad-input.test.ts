/**
 * What no program should send, over real sockets to the running server: a clear answer, the server lives on, memory stays bounded.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type Lab, openLab } from '../support/lab.ts';
import { LineClient } from '../support/line-client.ts';
import { openImapLines, readFolder } from '../support/mail-clients.ts';

/** More than any of these attacks may cost; a leak of one whole message of 50 MB a try shows. */
const GROWTH_MAX = 400_000_000;
const MEGABYTE = 1_048_576;

let lab: Lab;
let restingBytes: number;

before(async () => {
  lab = await openLab({ accounts: ['ann', 'bob'] });
  (await openMx())[Symbol.dispose]();
  restingBytes = lab.daemon.residentBytes;
});
after(() => lab[Symbol.asyncDispose]());

afterEach(async () => {
  const { daemon } = lab;
  assert.equal(((await daemon.call('status', {})) as { ready: boolean }).ready, true);
  const grown = daemon.residentBytes - restingBytes;
  assert.ok(grown < GROWTH_MAX, `grown by ${Math.round(grown / MEGABYTE)} MB`);
});

async function openMx(): Promise<LineClient> {
  const { network, daemon } = lab;
  const client = await LineClient.open({ host: network.own, port: daemon.port('smtp'), from: network.foreign });
  await client.reply();
  await client.say('EHLO mx.far.test');
  return client;
}

/** A session after DATA, to send anything. */
async function openData(parameters = ''): Promise<LineClient> {
  const client = await openMx();
  await client.say(`MAIL FROM:<zoe@far.test>${parameters}`);
  await client.say('RCPT TO:<ann@own.test>');
  assert.match(await client.say('DATA'), /^354 /);
  return client;
}

const HEADER = 'From: zoe@far.test\r\nTo: ann@own.test\r\nSubject: bad\r\n';

/** Sends a content; answers the reply to its end. */
async function replyTo(content: string | Buffer, parameters?: string): Promise<string> {
  using client = await openData(parameters);
  await client.push(Buffer.isBuffer(content) ? content : Buffer.from(content, 'latin1'));
  client.write('\r\n.\r\n');
  // Not before the answer may the connection go.
  return await client.reply(60_000);
}

async function lastSubject(): Promise<string> {
  const messages = await readFolder(lab.daemon, 'ann@own.test');
  return /^Subject: (.*)\r$/m.exec(String(messages.at(-1)))?.[1] ?? '';
}

test('RFC 1870 §6.3: a message over the limit is refused, told beforehand or not, and a sender without end is let go', async () => {
  using client = await openMx();
  assert.match(await client.say('MAIL FROM:<zoe@far.test> SIZE=9999999999'), /^552 5\.3\.4 /);
  const line = Buffer.from(`${'x'.repeat(998)}\r\n`);
  const block = Buffer.concat(new Array<Buffer>(1_000).fill(line));
  using sender = await openData();
  sender.write(`${HEADER}\r\n`);
  // One and a half times as much as is taken.
  const limit = 52_428_800;
  for (let sent = 0; sent < limit * 1.5 && !sender.isOver; sent += block.length) await sender.push(block);
  sender.write('\r\n.\r\n');
  assert.match(await sender.reply(120_000), /^552 5\.3\.4 /);
  using next = await openMx();
  assert.match(await next.say('NOOP'), /^250 /);
});

test('RFC 5321 §2.3.8, §4.1.1.4: NUL and bare line ends are refused, and nothing can be smuggled behind them', async () => {
  assert.match(await replyTo(`${HEADER}\r\na\0b\r\n`), /^550 5\.6\.11 /);
  assert.match(await replyTo(`${HEADER}\r\nbare\nline\r\n`), /^550 5\.6\.11 /);
  assert.match(await replyTo(`${HEADER}\r\nbare\rreturn\r\n`), /^550 5\.6\.11 /);
  for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\r\n\0.\r\n']) {
    const smuggled = `${HEADER}\r\nfirst${end}MAIL FROM:<boss@own.test>\r\nRCPT TO:<bob@own.test>\r\nDATA\r\nSubject: smuggled\r\n\r\n`;
    assert.match(await replyTo(smuggled), /^550 5\.6\.11 /, JSON.stringify(end));
  }
  assert.deepEqual(await readFolder(lab.daemon, 'bob@own.test'), []);
});

test('RFC 5321 §4.5.3.1: long lines, long commands and endless headers end with an answer', async () => {
  using client = await openMx();
  client.write(`MAIL FROM:<${'a'.repeat(100_000)}@far.test>\r\n`);
  assert.match(await client.reply(), /^5\d\d |^421 /);
  assert.match(await replyTo(`${HEADER}\r\n${'x'.repeat(200_000)}\r\n`), /^(?:250|550) /);
  assert.match(await replyTo(`${HEADER}${'X-Filler: nothing to see\r\n'.repeat(100_000)}\r\nbody\r\n`), /^(?:250|55\d) /);
  assert.match(await replyTo(`${HEADER}X-Long: ${'folded\r\n '.repeat(200_000)}\r\n\r\nbody\r\n`), /^(?:250|55\d) /);
  assert.match(await replyTo(`Subject: ${'=?utf-8?q?=C3=A4?= '.repeat(50_000)}\r\nFrom: zoe@far.test\r\n\r\n`), /^(?:250|55\d) /);
});

test('RFC 2046 §5.1: MIME ten thousand levels deep, without end or with ten thousand parts is kept and can be read', async () => {
  let deep = `${HEADER.replace('bad', 'deep')}MIME-Version: 1.0\r\n`;
  for (let level = 0; level < 10_000; level++) deep += `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`;
  assert.match(await replyTo(`${deep}\r\ntext\r\n`), /^250 /);
  assert.equal(await lastSubject(), 'deep');
  const wide = `${HEADER.replace('bad', 'wide')}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(10_000)}`;
  assert.match(await replyTo(wide), /^250 /);
  const nested = `${HEADER.replace('bad', 'nested')}${'Content-Type: message/rfc822\r\n\r\n'.repeat(10_000)}`;
  assert.match(await replyTo(nested), /^250 /);
  using imap = await openImapLines(lab.daemon, 'ann@own.test');
  await imap.imap('SELECT INBOX');
  assert.match((await imap.imap('FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[1.1.1.1.1])', 60_000)).at(-1) ?? '', / OK /);
  assert.match((await imap.imap('SEARCH TEXT nothing-like-it', 60_000)).at(-1) ?? '', / OK /);
});

test('wrong charsets, wrong encodings and octets over 127 are kept as they are', async () => {
  const odd = Buffer.concat([
    Buffer.from(
      `${HEADER.replace('bad', 'odd')}MIME-Version: 1.0\r\nContent-Type: text/plain; charset="no-such-charset\\"\r\nContent-Transfer-Encoding: base64\r\n`,
    ),
    Buffer.from([0x58, 0x3a, 0x20, 0xff, 0xfe, 0x80, 0x0d, 0x0a, 0x0d, 0x0a, 0xc3, 0x28, 0xa0, 0xa1, 0x0d, 0x0a]),
    Buffer.from('***not base64***\r\n=?utf-8?b?broken\r\n'),
  ]);
  assert.match(await replyTo(odd), /^250 /);
  const kept = (await readFolder(lab.daemon, 'ann@own.test')).find((message) => message.includes('Subject: odd'));
  assert.ok(kept?.includes(odd.subarray(0, odd.length - 2)), 'byte for byte');
  assert.match(await replyTo('no header at all'), /^(?:250|55\d) /);
  assert.match(await replyTo('\r\n'), /^(?:250|55\d) /);
  assert.match(await replyTo(''), /^(?:250|55\d) /);
});

test('RFC 5321 §4.5.3.1.8: of a thousand recipients at least a hundred are taken, the rest is put off, and nobody gets it twice', async () => {
  using client = await openMx();
  await client.say('MAIL FROM:<zoe@far.test>');
  const answers: string[] = [];
  client.write(`${'RCPT TO:<bob@own.test>\r\n'.repeat(1_000)}`);
  for (let i = 0; i < 1_000; i++) answers.push(await client.reply());
  const taken = answers.filter((answer) => answer.startsWith('250'));
  assert.ok(taken.length >= 100, `${taken.length} taken`);
  for (const answer of answers) assert.match(answer, /^(?:250 2\.1\.5|452 4\.5\.3) /);
  await client.say('DATA');
  assert.match(await client.say(`${HEADER.replace('bad', 'many')}\r\n.`), /^250 /);
  await lab.daemon.queueEmpty();
  assert.equal((await readFolder(lab.daemon, 'bob@own.test')).length, 1);
});

test('half-open and slow connections, and those that end in the middle, hold nothing up', async () => {
  const held: LineClient[] = [];
  try {
    for (let i = 0; i < 150; i++) {
      const { network, daemon } = lab;
      const client = await LineClient.open({
        host: network.own,
        port: daemon.port(i % 2 === 0 ? 'smtp' : 'imaps'),
        from: network.foreign,
        tls: i % 2 === 1 && i % 3 === 0,
      });
      held.push(client);
    }
    const writer = await openData();
    held.push(writer);
    writer.write(HEADER);
    const gone = await openData();
    gone.write(`${HEADER}\r\nhalf of a mess`);
    gone.socket.destroy();
    const shut = await openMx();
    held.push(shut);
    // RFC 9293 §3.6: a closed half still hears the answers.
    shut.socket.end('MAIL FROM:<zoe@far.test>\r\nRCPT TO:<ann@own.test>\r\nQUIT\r\n');
    assert.match(await shut.reply(), /^250 2\.1\.0/);
    for (const octet of 'X-Slow: yes\r\n\r\nslow\r\n.\r\n') await writer.push(Buffer.from(octet));
    assert.match(await writer.reply(), /^250 /);
    assert.match(await replyTo(`${HEADER.replace('bad', 'in between')}\r\nHello\r\n`), /^250 /);
  } finally {
    for (const client of held) client[Symbol.dispose]();
  }
});

test('RFC 9051 §4.3, §2.2: wrong literals and broken commands get BAD or the end of the connection, never another command', async () => {
  const { network, daemon } = lab;
  const open = async (): Promise<LineClient> => openImapLines(daemon, 'ann@own.test');
  for (const literal of ['{-1}', '{99999999999999999999}', '{12', '{1}x', '{}', '{1+2}', '{0x10}', '{4294967296}']) {
    using imap = await open();
    imap.write(`x APPEND INBOX ${literal}\r\n`);
    assert.match((await imap.line()) ?? '', /^(?:x (?:BAD|NO) |\* BYE )/, literal);
  }
  using over = await open();
  over.write('x APPEND INBOX {99999999+}\r\n');
  const block = Buffer.alloc(MEGABYTE, 'x');
  for (let sent = 0; sent < 99_999_999 && !over.isOver; sent += block.length) await over.push(block);
  const answer = await over.line(60_000);
  assert.ok(answer === undefined || /^(?:x (?:NO|BAD) |\* BYE )/.test(answer), answer);
  using short = await open();
  short.write('x APPEND INBOX {5}\r\n');
  assert.match((await short.line()) ?? '', /^\+/);
  // Longer than said: what follows the literal is the rest of the command, not a new one.
  short.write('12345y LOGOUT\r\n');
  assert.match((await short.line()) ?? '', /^x BAD /);
  using nested = await open();
  assert.match((await nested.imap(`SEARCH ${'('.repeat(20_000)}ALL${')'.repeat(20_000)}`)).at(-1) ?? '', /^t2 (?:BAD|NO) /);
  assert.match((await nested.imap(`SEARCH ${'NOT '.repeat(20_000)}ALL`)).at(-1) ?? '', /^t3 (?:BAD|NO|OK) /);
  await nested.imap('SELECT INBOX');
  assert.match((await nested.imap(`FETCH ${'1,'.repeat(20_000)}1 FLAGS`)).at(-1) ?? '', /^t5 (?:BAD|NO|OK) /);
  assert.match((await nested.imap('FETCH 0:0 FLAGS')).at(-1) ?? '', /^t6 BAD /);
  using raw = await LineClient.open({ host: network.own, port: daemon.port('imap') });
  await raw.line();
  raw.write(Buffer.from([0x00, 0xff, 0xfe, 0x0d, 0x0a, 0x61, 0x20, 0x00, 0x0d, 0x0a]));
  assert.match((await raw.line()) ?? '', /BAD|BYE/);
  using endless = await LineClient.open({ host: network.own, port: daemon.port('imap') });
  await endless.line();
  for (let sent = 0; sent < 8 * MEGABYTE && !endless.isOver; sent += block.length) await endless.push(block);
  assert.match((await endless.line()) ?? '* BYE', /BAD|BYE/);
});

test('RFC 1939 §3: POP3 and HTTP answer nonsense and live', async () => {
  const { network, daemon } = lab;
  using pop = await LineClient.open({ host: network.own, port: daemon.port('pop3') });
  await pop.line();
  for (const command of ['RETR 1', 'TOP', 'USER', 'AUTH NONSENSE', '\xff\xfe', `USER ${'x'.repeat(5_000)}`]) {
    if (pop.isOver) break;
    assert.match((await pop.say(command)) || '-ERR', /^-ERR/, command);
  }
  using http = await LineClient.open({ host: network.own, port: daemon.port('https'), tls: true });
  http.write('GET / HTTP/9.9\r\n\0\r\n\r\n');
  assert.match((await http.line()) ?? '', /^HTTP\/1\.1 400 /);
  using large = await LineClient.open({ host: network.own, port: daemon.port('https'), tls: true });
  large.write(`POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{`);
  assert.match((await large.line()) ?? '', /^HTTP\/1\.1 413 /);
});
