import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { eventually } from '../../support/eventually.ts';
import { ACCOUNT, Client, startServer, type TestServer } from './dialogue.ts';

let imap: TestServer;
before(async () => {
  imap = await startServer();
});
after(() => imap.stop());

test('RFC 9051 §7.1: the greeting tells the capabilities', async () => {
  const client = new Client((await imap.connect()).socket);
  client.send('a CAPABILITY\r\n');
  assert.equal(await client.line(), '* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE STARTTLS AUTH=PLAIN AUTH=LOGIN');
  assert.equal(await client.line(), 'a OK Listed');
});

test('RFC 9051 §6.2.3: LOGIN, each verdict with its code', async () => {
  const client = await imap.connect();
  assert.equal(await client.tagged('LOGIN fred@example.com wrong'), 'NO [AUTHENTICATIONFAILED] Address or password is wrong');
  assert.equal(await client.tagged('LOGIN nobody@example.com secret'), 'NO [AUTHENTICATIONFAILED] Address or password is wrong');
  const line = imap.logged.at(-1);
  assert.deepEqual([line?.['event'], line?.['login'], line?.['verdict']], ['imap_login_refused', 'nobody@example.com', 'refused']);
  assert.doesNotMatch(JSON.stringify(line), /secret/);
  assert.equal(await client.tagged('LOGIN suspended@example.com x'), 'NO [AUTHORIZATIONFAILED] This log-in is suspended');
  assert.equal(await client.tagged('LOGIN throttled@example.com x'), 'NO [LIMIT] Too many tries, wait 7 seconds');
  assert.equal(await client.tagged('LOGIN broken@example.com x'), 'NO [UNAVAILABLE] Temporarily unavailable, try again');
  client.send('a LOGIN {16}\r\n');
  assert.equal(await client.line(), '+ OK');
  client.send('fred@example.com {6+}\r\nsecret\r\n');
  assert.match(await client.line(), /^a OK \[CAPABILITY IMAP4rev1 .*IDLE .*APPENDLIMIT=\d+\] Logged in$/);
  assert.match(await client.tagged('LOGIN fred@example.com secret'), /^BAD /);
});

test('RFC 4616, RFC 4959: AUTHENTICATE PLAIN with and without initial response, cancelled, acting for another', async () => {
  const client = await imap.connect();
  const plain = (text: string): string => Buffer.from(text).toString('base64');
  client.send('a AUTHENTICATE PLAIN\r\n');
  assert.equal(await client.line(), '+ ');
  client.send('*\r\n');
  assert.equal(await client.line(), 'a BAD Cancelled');
  assert.match(
    await client.tagged(`AUTHENTICATE PLAIN ${plain('ann@example.com\0fred@example.com\0secret')}`),
    /^NO \[AUTHORIZATIONFAILED\]/,
  );
  assert.match(await client.tagged(`AUTHENTICATE PLAIN ${plain('no separators')}`), /^BAD /);
  assert.match(await client.tagged('AUTHENTICATE GSSAPI'), /^NO /);
  client.send('b AUTHENTICATE PLAIN\r\n');
  assert.equal(await client.line(), '+ ');
  client.send(`${plain('\0fred@example.com\0secret')}\r\n`);
  assert.match(await client.line(), /^b OK \[CAPABILITY /);
  const second = await imap.connect();
  assert.match(await second.tagged(`AUTHENTICATE PLAIN ${plain('\0fred@example.com\0secret')}`), /^OK \[CAPABILITY /);
});

test('AUTHENTICATE LOGIN asks for user and password', async () => {
  const client = await imap.connect();
  client.send('a AUTHENTICATE LOGIN\r\n');
  assert.equal(await client.line(), '+ VXNlcm5hbWU6');
  client.send(`${Buffer.from('fred@example.com').toString('base64')}\r\n`);
  assert.equal(await client.line(), '+ UGFzc3dvcmQ6');
  client.send(`${Buffer.from('secret').toString('base64')}\r\n`);
  assert.match(await client.line(), /^a OK /);
});

test('RFC 9051 §6.2.1: STARTTLS, and commands injected before it are not obeyed after it', async () => {
  const client = await imap.connect();
  client.send('a STARTTLS\r\nb LOGIN fred@example.com secret\r\n');
  assert.equal(await client.line(), 'a OK Begin TLS now');
  await client.secure();
  const [capabilities] = await client.ok('CAPABILITY');
  assert.equal(capabilities, '* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE AUTH=PLAIN AUTH=LOGIN');
  assert.match(await client.tagged('STARTTLS'), /^BAD /);
  await client.ok('LOGIN fred@example.com secret');
  assert.equal(imap.authenticator.requests.at(-1)?.tls, true);
});

test('RFC 8314 §3.2: implicit TLS', async () => {
  const client = new Client(connectTls({ port: imap.tlsPort, host: '127.0.0.1', rejectUnauthorized: false }));
  assert.match(await client.line(), /^\* OK \[CAPABILITY IMAP4rev1 LITERAL\+ SASL-IR ID ENABLE AUTH=PLAIN AUTH=LOGIN\]/);
  await client.ok('LOGIN fred@example.com secret');
  assert.deepEqual(await client.run('LOGOUT'), ['* BYE Good bye', 'OK Logged out']);
  await client.ended();
});

test('clear text on the TLS port ends the connection and nothing else', async () => {
  const client = new Client(connect(imap.tlsPort, '127.0.0.1'));
  client.send('a LOGIN fred@example.com secret\r\n');
  await client.ended();
  await imap.loggedIn();
});

test('RFC 9051 §3: commands are refused in the wrong state', async () => {
  const client = await imap.connect();
  for (const command of ['SELECT INBOX', 'LIST "" *', 'FETCH 1 FLAGS', 'IDLE', 'ENABLE CONDSTORE'])
    assert.match(await client.tagged(command), /^BAD /, command);
  const user = await imap.loggedIn();
  for (const command of ['FETCH 1 FLAGS', 'CLOSE', 'EXPUNGE', 'SEARCH ALL', 'STARTTLS'])
    assert.match(await user.tagged(command), /^BAD /, command);
});

test('ten bad commands before log-in end the connection', async () => {
  const client = await imap.connect();
  client.send('x FOO\r\n'.repeat(30));
  assert.equal((await client.linesUntil('* BYE')).filter((line) => line.startsWith('x BAD')).length, 10);
  await client.ended();
});

test('RFC 9051 §4.3: before log-in large literals are refused, and the connection lives', async () => {
  const client = await imap.connect();
  assert.match(await client.tagged('LOGIN {100000}'), /^BAD \[TOOBIG\]/);
  await client.ok('LOGIN fred@example.com secret');
});

test('RFC 2971: ID', async () => {
  const client = await imap.connect();
  assert.deepEqual(await client.ok('ID NIL'), ['* ID ("name" "Mailstead")']);
  await client.ok('LOGIN fred@example.com secret');
  assert.deepEqual(await client.ok('ID ("name" "x" "version" NIL)'), ['* ID ("name" "Mailstead" "version" "1.2.3")']);
});

test('a revoked credential ends the sessions of its account', async () => {
  const client = await imap.loggedIn();
  await client.ok('SELECT INBOX');
  imap.authenticator.revoke(ACCOUNT);
  assert.equal(await client.line(), '* BYE Your log-in is no longer valid');
  await client.ended();
});

test('RFC 9051 §6.2.3: LOGINDISABLED where there is neither TLS nor loopback', async () => {
  const { capabilityText } = await import('../../../daemon/access/imap/capabilities.ts');
  assert.equal(
    capabilityText({ login: null, isSecure: false, mayLogIn: false, hasCertificate: () => true } as never),
    'IMAP4rev1 LITERAL+ SASL-IR ID ENABLE STARTTLS LOGINDISABLED',
  );
});

test('a client that leaves before its TLS handshake counts no longer', async () => {
  const own = await startServer();
  try {
    const socket = connect(own.tlsPort, '127.0.0.1');
    await eventually('a session', () => own.server.sessions() === 1);
    socket.end();
    await eventually('no session', () => own.server.sessions() === 0, 5_000);
  } finally {
    await own.stop();
  }
});

test('limits per address, per account and in time', async () => {
  const small = await startServer({ limits: { sessionsPerAddress: 3, sessionsPerAccount: 1, loginMs: 150 } });
  try {
    const first = await small.loggedIn();
    const second = await small.connect();
    assert.equal(await second.tagged('LOGIN fred@example.com secret'), 'NO [LIMIT] Too many sessions of this account');
    assert.equal(await second.line(), '* BYE Too slow to log in');
    await second.ended();
    await first.ok('NOOP');
    const kept = [await small.connect(), await small.connect()];
    const refused = new Client(connect(small.port, '127.0.0.1'));
    assert.equal(await refused.line(), '* BYE Too many connections from your address');
    assert.equal(kept.length, 2);
  } finally {
    await small.stop();
  }
});
