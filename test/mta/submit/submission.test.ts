import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { Analyzer } from '../../../daemon/authentication/analyze.ts';
import { scanHeader } from '../../../daemon/authentication/header-fields.ts';
import { submissionProfile } from '../../../daemon/mta/submit/submission-profile.ts';
import { fakeResolver } from '../../support/fake-resolver.ts';
import { Dialogue, listening } from '../receive/dialogue.ts';
import { type HostOptions, type MailHost, mailHost, PASSWORD } from '../receive/mail-host.ts';

const plain = (login: string, password = PASSWORD): string => Buffer.from(`\0${login}\0${password}`).toString('base64');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ANNA = plain('anna@example.test');

async function submission(
  t: TestContext,
  options: HostOptions & { implicitTls?: boolean } = {},
): Promise<{ host: MailHost; port: number; talk: () => Promise<Dialogue> }> {
  const host = await mailHost(t, options);
  const { port } = await listening(t, host.context, submissionProfile(host.context, { implicitTls: options.implicitTls === true }));
  return { host, port, talk: () => (options.implicitTls === true ? Dialogue.openTls(t, port) : Dialogue.open(t, port)) };
}

const LOGGED_IN = (token = ANNA): string => `S: 220\nC: EHLO laptop.test\nS: 250\nC: AUTH PLAIN ${token}\nS: 235 2.7.0`;
const bodyOf = (host: MailHost, index = 0): string => Buffer.from(host.queued[index]?.body ?? []).toString();

test('RFC 6409 §4.3: nothing goes before a log-in', async (t) => {
  const { talk } = await submission(t);
  const dialogue = await talk();
  await dialogue.play(`
    S: 220
    C: AUTH PLAIN ${ANNA}
    S: 503 5.5.1
    C: EHLO laptop.test
    S: 250
    C: MAIL FROM:<anna@example.test>
    S: 530 5.7.0
    C: AUTH PLAIN ${plain('anna@example.test', 'wrong')}
    S: 535 5.7.8
    C: AUTH CRAM-MD5
    S: 504 5.5.4
    C: AUTH LOGIN
    S: 334 VXNlcm5hbWU6
    C: ${base64('slow@example.test')}
    S: 334 UGFzc3dvcmQ6
    C: ${base64('x')}
    S: 454 4.7.0
    C: AUTH PLAIN
    S: 334
    C: *
    S: 501
    C: AUTH LOGIN ${base64('anna@example.test')}
    S: 334 UGFzc3dvcmQ6
    C: ${base64(PASSWORD)}
    S: 235 2.7.0
    C: AUTH PLAIN ${ANNA}
    S: 503 5.5.1
    C: MAIL FROM:<anna@example.test> AUTH=a+zz
    S: 501
    C: MAIL FROM:<anna@example.test> AUTH=<>
    S: 250 2.1.0`);
  const guesser = await talk();
  const wrong = plain('anna@example.test', 'wrong');
  await guesser.play(
    `S: 220\nC: EHLO x\nS: 250\nC: AUTH PLAIN ${wrong}\nS: 535\nC: AUTH PLAIN ${wrong}\nS: 535\nC: AUTH PLAIN ${wrong}\nS: 421 4.7.0\nS-close`,
  );
});

test('RFC 8314 §3: implicit TLS, and AUTH offered under it', async (t) => {
  const { host, talk } = await submission(t, { implicitTls: true });
  const dialogue = await talk();
  const replies = await dialogue.play(`${LOGGED_IN()}
    C: MAIL FROM:<anna@example.test>
    S: 250
    C: RCPT TO:<far@far.test>
    S: 250
    C: DATA
    S: 354
    C: From: anna@example.test
    C: ${''}
    C: .
    S: 250 2.0.0 Accepted`);
  assert.match(replies[1] ?? '', /AUTH PLAIN LOGIN/);
  assert.ok(!(replies[1] ?? '').includes('STARTTLS'));
  assert.match(bodyOf(host), /^Received: from laptop\.test by mx\.example\.test with ESMTPSA/m);
});

test("RFC 6409 §6.1: MAIL FROM, From and Sender must be the account's own; the refusal names the address", async (t) => {
  const { host, talk } = await submission(t);
  const dialogue = await talk();
  await dialogue.play(`${LOGGED_IN()}\nC: MAIL FROM:<bert@example.test>\nS: 550 5.7.1 You may not send as bert@example.test`);
  const send = async (header: string, answer: string): Promise<void> => {
    await dialogue.play('C: MAIL FROM:<anna+shop@example.test>\nS: 250\nC: RCPT TO:<far@far.test>\nS: 250\nC: DATA\nS: 354');
    dialogue.write(`${header}\r\n\r\nx\r\n.\r\n`);
    await dialogue.play(`S: ${answer}`);
  };
  await send('From: Bert <bert@example.test>', '550 5.7.1 You may not send as bert@example.test');
  await send('From: anna@example.test, boss@far.test', '550 5.7.1 You may not send as boss@far.test');
  await send('From: anna@example.test\r\nSender: boss@far.test', '550 5.7.1 You may not send as boss@far.test');
  await send('From: anna@example.test\r\nFrom: boss@far.test', '554 5.6.0');
  await send('From: undisclosed', '554 5.6.0');
  await send('From: Anna <ANNA@example.test>', '250 2.0.0');
  assert.equal(host.queued.length, 1);
  const silenced = await talk();
  await silenced.play(
    `${LOGGED_IN(plain('silenced@example.test'))}\nC: MAIL FROM:<silenced@example.test>\nS: 550 5.7.1 Sending is suspended`,
  );
});

test('RFC 6409 §6.1: a foreign author hidden from our reading of From, but not from another one, is refused', async (t) => {
  const { host, talk } = await submission(t);
  const own = 'anna@example.test';
  const hidden = [
    `From: ${own},${' '.repeat(17_000)}boss@far.test`,
    `${'a:b\r\n'.repeat(10_000)}From: boss@far.test`,
    `From: ${own} boss@far.test`,
    `From: <${own} boss@far.test>`,
    `From: boss@far.test <${own}>`,
    `From: boss @ far.test <${own}>`,
    `From: <@far.test:${own}>`,
    `From: ${own}, "boss@far.test`,
    `From: ${own} (boss@far.test`,
    `From: boss, ${own}`,
    `From: boss <>, ${own}`,
    `From: ${own}\r\nSender: ${own} boss@far.test`,
  ];
  const plainly = [`From: "boss@far.test" <${own}>`, `From: ${own} (boss)`, `From: =?utf-8?q?a@b?=\r\n =?utf-8?q?c?= <${own}>`];
  const send = async (header: string): Promise<void> => {
    const dialogue = await talk();
    await dialogue.play(`${LOGGED_IN()}\nC: MAIL FROM:<${own}>\nS: 250\nC: RCPT TO:<far@far.test>\nS: 250\nC: DATA\nS: 354`);
    dialogue.write(`${header}\r\n\r\nx\r\n.\r\n`);
    await dialogue.play(`S: ${plainly.includes(header) ? '250' : '55'}`);
  };
  for (const header of [...hidden, ...plainly]) await send(header);
  assert.equal(host.queued.length, plainly.length);
});

test('RFC 6409 §8: what is missing is added, blind copies are cut', async (t) => {
  const { host, talk } = await submission(t);
  const dialogue = await talk();
  await dialogue.play(`${LOGGED_IN()}\nC: MAIL FROM:<anna@example.test>\nS: 250\nC: RCPT TO:<far@far.test>\nS: 250\nC: DATA\nS: 354`);
  dialogue.write(
    'To: far@far.test\r\nBcc: secret@far.test,\r\n other@far.test\r\nAuthentication-Results: mx.example.test; spf=pass\r\nSubject: s\r\n\r\nbody\r\n.\r\n',
  );
  await dialogue.play('S: 250 2.0.0');
  const body = bodyOf(host);
  assert.match(body, /^Received: from laptop\.test by mx\.example\.test with ESMTPA\s+id \w{20}\s+for <far@far\.test>;/);
  assert.match(
    body,
    /^From: <anna@example\.test>\r\nDate: \w{3}, .* \+0000\r\nMessage-ID: <\w{20}@mx\.example\.test>\r\nTo: far@far\.test\r\nSubject: s\r\n\r\nbody\r\n$/m,
  );
  assert.ok(!body.includes('secret@far.test') && !body.includes('Authentication-Results'));
  const [message] = host.queued;
  assert.deepEqual(
    [message?.origin, message?.vouched, message?.account, message?.sender],
    ['submission', true, host.accounts['anna@example.test'], 'anna@example.test'],
  );
  assert.deepEqual(
    host.events.map((event) => [event.kind, event.direction]),
    [['submitted', 'out']],
  );
});

test('recipients of this machine never leave it, and one commit holds them all', async (t) => {
  const { host, talk } = await submission(t);
  const dialogue = await talk();
  await dialogue.play(`${LOGGED_IN()}
    C: MAIL FROM:<anna@example.test>
    S: 250
    C: RCPT TO:<nobody.here@example.test>
    S: 550 5.1.1
    C: RCPT TO:<x@gone.test>
    S: 550 5.2.1
    C: RCPT TO:<x@[127.0.0.1]>
    S: 550 5.1.2
    C: RCPT TO:<team@example.test>
    S: 250
    C: RCPT TO:<carl+list@other.test>
    S: 250
    C: RCPT TO:<far@far.test>
    S: 250
    C: RCPT TO:<x@unproven.test>
    S: 250
    C: DATA
    S: 354
    C: From: anna@example.test
    C: ${''}
    C: .
    S: 250 2.0.0`);
  const [message] = host.queued;
  const { accounts } = host;
  assert.deepEqual(
    message?.recipients.map(({ destination, original }) => [original, destination.kind === 'account' ? destination.account : 'remote']),
    [
      ['team@example.test', accounts['anna@example.test']],
      ['team@example.test', accounts['bert@example.test']],
      ['carl+list@other.test', accounts['carl@other.test']],
      ['far@far.test', 'remote'],
      ['x@unproven.test', 'remote'],
    ],
  );
  assert.equal(host.queued.length, 1);
});

test("RFC 6376 §5: submitted mail is signed as the author's domain and verifies after the trace fields", async (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed25519 = generateKeyPairSync('ed25519');
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const { host, talk } = await submission(t, {
    dkim: [
      { selector: 'r', algorithm: 'rsa-sha256', privateKeyPem: rsa.privateKey.export(pem).toString() },
      { selector: 'e', algorithm: 'ed25519-sha256', privateKeyPem: ed25519.privateKey.export(pem).toString() },
    ],
  });
  const dialogue = await talk();
  await dialogue.play(
    `${LOGGED_IN()}\nC: MAIL FROM:<anna@example.test> BODY=8BITMIME\nS: 250\nC: RCPT TO:<far@far.test>\nS: 250\nC: DATA\nS: 354`,
  );
  dialogue.write('From: anna@example.test\r\nSubject: Grüße\r\n\r\nHöhe\r\n.leading\r\n.\r\n');
  await dialogue.play('S: 250');
  const spki = { type: 'spki', format: 'der' } as const;
  const resolver = fakeResolver({
    'r._domainkey.example.test': { TXT: [`v=DKIM1; k=rsa; p=${rsa.publicKey.export(spki).toString('base64')}`] },
    'e._domainkey.example.test': { TXT: [`v=DKIM1; k=ed25519; p=${ed25519.publicKey.export(spki).subarray(-32).toString('base64')}`] },
  });
  const analyzer = new Analyzer({ resolver, hostname: 'far.test', onDefect: (error) => assert.fail(String(error)) });
  const header = scanHeader(host.queued[0]?.body ?? Buffer.alloc(0));
  const analysis = await analyzer.analyze({ clientAddress: '192.0.2.1', helo: 'mx.example.test', sender: 'anna@example.test', header });
  assert.deepEqual(
    analysis.dkim.map((check) => [check.result, check.domain]),
    [
      ['pass', 'example.test'],
      ['pass', 'example.test'],
    ],
  );
  assert.equal(host.queued[0]?.eightBit, true);
});
