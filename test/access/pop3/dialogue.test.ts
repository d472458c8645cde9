import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { createSecureContext, connect as tlsConnect } from 'node:tls';
import { DEFAULT_POP3_LIMITS } from '../../../daemon/access/pop3/context.ts';
import { createPop3Server } from '../../../daemon/access/pop3/server.ts';
import { makeSelfSigned } from '../../../daemon/certificates/self-signed.ts';
import type { LoginRequest, LoginVerdict } from '../../../daemon/directory/login.ts';
import { MaildropLocks } from '../../../daemon/limits/maildrop-locks.ts';
import { type AccountId, type Address, brand, type CustomerId } from '../../../daemon/wire/ids.ts';
import { MemoryMailstore } from '../../support/memory-mailstore.ts';

const account = brand<AccountId>(1);
const mailstore = new MemoryMailstore();
const locks = new MaildropLocks();
const logged: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
const certificate = await makeSelfSigned('mail.example.com', Date.now());
const server = createPop3Server({
  mailstore,
  authenticator: {
    async login({ login, password }: LoginRequest): Promise<LoginVerdict> {
      if (login === 'slow@example.com') return { kind: 'throttled', retryAfterS: 30 };
      if (login !== 'anna@example.com' || password !== 'a pass word') return { kind: 'refused' };
      return { kind: 'account', account, address: brand<Address>(login), customer: brand<CustomerId>(1), credentialVersion: 1 };
    },
    onRevoked: () => undefined,
  },
  lock: { take: async (which) => locks.take(which, 0), release: (which) => locks.release(which, 0) },
  hostname: 'mail.example.com',
  version: 'test',
  secureContext: () => createSecureContext({ key: certificate.keyPem, cert: certificate.chainPem }),
  log: { info: (fields, event) => logged.push({ event, fields: { ...fields } }), error: (fields) => console.error(fields) },
  limits: DEFAULT_POP3_LIMITS,
});
const listener = createServer((socket) => server.handle(socket, { implicitTls: false })).listen(0, '127.0.0.1');
await once(listener, 'listening');
const { port } = listener.address() as AddressInfo;
after(async () => {
  await server.close(1000);
  listener.close();
});

const MESSAGES = ['Subject: one\r\n\r\n.dot first\r\nsecond\r\n..two dots\r\nlast', 'Subject: two\r\nFrom: b@example.org\r\n\r\nhello\r\n'];

async function fill(): Promise<void> {
  const inbox = await mailstore.open(account, 'INBOX', false);
  await mailstore.expunge({ account, folder: inbox.id }, inbox.uids, { force: true });
  for (const text of MESSAGES) {
    await mailstore.append({
      handle: { account, folder: inbox.id },
      raw: Buffer.from(text),
      flags: 0,
      keywords: [],
      internalDateMs: 0,
      quotaBytes: null,
    });
  }
}

/** A client that sends everything after the greeting and collects until the server closes. */
async function converse(text: string, wrap: (socket: Socket) => Socket = (socket) => socket): Promise<string> {
  const socket = wrap(connect(port, '127.0.0.1'));
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

const LOGIN = 'USER anna@example.com\r\nPASS a pass word\r\n';

test('RFC 1939 §5 a pipelined session reads everything, numbers and ids stay', async () => {
  await fill();
  const answer = await converse(`CAPA\r\n${LOGIN}STAT\r\nLIST\r\nUIDL 1\r\nRETR 1\r\nTOP 2 0\r\nNOOP\r\nXYZZY\r\nQUIT\r\n`);
  const inbox = await mailstore.open(account, 'INBOX', false);
  assert.equal(
    answer,
    [
      '+OK mail.example.com POP3 ready',
      '+OK Capabilities follow\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\nUSER\r\nSASL PLAIN LOGIN\r\nSTLS\r\nIMPLEMENTATION Mailstead-test\r\n.',
      '+OK Send PASS',
      '+OK 2 messages, 96 octets',
      '+OK 2 96',
      '+OK 2 messages\r\n1 52\r\n2 44\r\n.',
      `+OK 1 ${inbox.uidValidity}.${inbox.uids[0]}`,
      '+OK 52 octets\r\nSubject: one\r\n\r\n..dot first\r\nsecond\r\n...two dots\r\nlast\r\n.',
      '+OK Top of message follows\r\nSubject: two\r\nFrom: b@example.org\r\n\r\n.',
      '+OK',
      '-ERR This command is not known',
      '+OK Goodbye\r\n',
    ].join('\r\n'),
  );
  assert.equal(inbox.flags[0], 1, 'what was retrieved is \\Seen for IMAP');
});

test('RFC 1939 §6 deletes happen at QUIT only, and RSET takes them back', async () => {
  await fill();
  await converse(`${LOGIN}DELE 1\r\n`);
  assert.equal((await mailstore.open(account, 'INBOX', false)).uids.length, 2);
  await converse(`${LOGIN}DELE 1\r\nRSET\r\nQUIT\r\n`);
  assert.equal((await mailstore.open(account, 'INBOX', false)).uids.length, 2);
  const answer = await converse(`${LOGIN}DELE 1\r\nRETR 1\r\nSTAT\r\nQUIT\r\n`);
  assert.match(answer, /-ERR There is no such message\r\n\+OK 1 44\r\n\+OK Goodbye/);
  assert.equal((await mailstore.open(account, 'INBOX', false)).uids.length, 1);
});

test('RFC 1939 §4 one session has the maildrop at a time (RFC 2449 §8.1.2 IN-USE)', async () => {
  locks.take(account, 9);
  assert.match(await converse(`${LOGIN}QUIT\r\n`), /-ERR \[IN-USE\] /);
  locks.release(account, 9);
  assert.match(await converse(`${LOGIN}QUIT\r\n`), /\+OK \d messages/);
});

test('RFC 5034 §4 AUTH PLAIN with and without an initial response, LOGIN, and cancelling', async () => {
  const plain = Buffer.from('\0anna@example.com\0a pass word').toString('base64');
  assert.match(await converse(`AUTH PLAIN ${plain}\r\nQUIT\r\n`), /\+OK \d messages/);
  assert.match(await converse(`AUTH PLAIN\r\n${plain}\r\nQUIT\r\n`), /\+ \r\n\+OK \d messages/);
  const parts = ['anna@example.com', 'a pass word'].map((part) => Buffer.from(part).toString('base64'));
  assert.match(await converse(`AUTH LOGIN\r\n${parts.join('\r\n')}\r\nQUIT\r\n`), /\+OK \d messages/);
  assert.match(await converse('AUTH PLAIN\r\n*\r\nQUIT\r\n'), /-ERR Authentication cancelled/);
});

test('RFC 3206 §4 a wrong password says AUTH, too many tries say LOGIN-DELAY', async () => {
  assert.match(await converse('USER anna@example.com\r\nPASS wrong\r\nQUIT\r\n'), /-ERR \[AUTH\] /);
  assert.match(await converse('USER slow@example.com\r\nPASS x\r\nQUIT\r\n'), /-ERR \[LOGIN-DELAY\] /);
  const { event, fields } = logged.at(-1) ?? {};
  assert.deepEqual([event, fields?.['login'], fields?.['verdict']], ['pop3_login_refused', 'slow@example.com', 'throttled']);
});

test('RFC 2595 §4 STLS, and nothing said before it counts', async () => {
  await fill();
  const plain = connect(port, '127.0.0.1');
  await once(plain, 'data');
  plain.write('USER nobody@example.com\r\nSTLS\r\nUSER injected@example.com\r\nPASS x\r\n');
  let before = '';
  while (!before.includes('Begin TLS')) before += (await once(plain, 'data')) as unknown as string;
  plain.removeAllListeners('data');
  const secure = tlsConnect({ socket: plain, rejectUnauthorized: false });
  secure.end(`${LOGIN}STAT\r\nQUIT\r\n`);
  let answer = '';
  for await (const chunk of secure) answer += chunk;
  assert.equal(answer, '+OK Send PASS\r\n+OK 2 messages, 96 octets\r\n+OK 2 96\r\n+OK Goodbye\r\n');
});

test('an endless line and endless nonsense end the connection', async () => {
  assert.match(await converse('A'.repeat(100_000)), /-ERR Line too long\r\n$/);
  const answer = await converse('WHAT\r\n'.repeat(50));
  assert.equal(answer.match(/-ERR/g)?.length, 10);
});
