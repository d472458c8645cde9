/**
 * Mail that a foreign Postfix brought by MX look-up, read by foreign programs over TLS: mbsync, getmail, curl. Byte for byte what
 * was handed to Postfix, below the trace fields that both servers put on top.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runWell } from '../support/child-process.ts';
import { PASSWORD } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { LineClient } from '../support/line-client.ts';
import { SMTP_PORT } from '../support/loopback-network.ts';

const USER = 'ann@own.test';
const NOBODY = 65_534;

/** What programs like to spoil: dots, blanks at line ends, octets over 127, the longest lines allowed, folded fields, no last newline. */
const MESSAGES: Readonly<Record<string, string>> = {
  plain:
    'From: Zoe <zoe@far.test>\nTo: ann@own.test\nSubject: plain\nDate: Mon, 1 Jun 2026 10:00:00 +0000\nMessage-ID: <1@far.test>\n\nHello Ann.\n',
  dots: 'From: zoe@far.test\nSubject: dots\nDate: Mon, 1 Jun 2026 10:00:00 +0000\nMessage-ID: <2@far.test>\n\n.\n..\n...three\n. \nFrom here on\n>From there\n\n\n',
  blanks:
    'From: zoe@far.test\nSubject: blanks\nDate: Mon, 1 Jun 2026 10:00:00 +0000\nMessage-ID: <3@far.test>\nX-Folded: one\n\ttwo  \n   three\n\n \t \ntrailing   \n\ttab\t\n',
  octets: `From: zoe@far.test\nSubject: octets\nDate: Mon, 1 Jun 2026 10:00:00 +0000\nMessage-ID: <4@far.test>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nGr\xfc\xdfe, \xe9t\xe9 \x80\xff\x01\x7f\n${'x'.repeat(990)}\n`,
  large: `From: zoe@far.test\nSubject: large\nDate: Mon, 1 Jun 2026 10:00:00 +0000\nMessage-ID: <5@far.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\npreamble\n--b\n\ntext\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n${`${'QUJD'.repeat(19)}\n`.repeat(20_000)}--b--\nepilogue\n`,
};

let lab: Lab;
let folder: string;

before(async () => {
  lab = await openLab({ accounts: ['ann'], foreignUsers: ['zoe@far.test'] });
  folder = mkdtempSync(join(tmpdir(), 'reading-'));
  chmodSync(folder, 0o755);
  const { network, daemon, postfix } = lab;
  using toPostfix = await LineClient.open({ host: network.foreign, port: SMTP_PORT, from: network.foreign });
  await toPostfix.reply();
  await toPostfix.say('EHLO client.far.test');
  for (const text of Object.values(MESSAGES)) {
    await toPostfix.say('MAIL FROM:<zoe@far.test> BODY=8BITMIME');
    await toPostfix.say(`RCPT TO:<${USER}>`);
    await toPostfix.say('DATA');
    const stuffed = text.replace(/^\./gm, '..').replaceAll('\n', '\r\n');
    assert.match(await toPostfix.say(`${stuffed}.`), /^250 /);
  }
  await eventually('Postfix has handed all of it over', () => postfix.log.split('status=sent').length > Object.keys(MESSAGES).length);
  assert.doesNotMatch(postfix.log, /status=(?:deferred|bounced)/);
  assert.match(postfix.log, /relay=mail\.own\.test\[127\.[\d.]+\]:\d+, .*status=sent \(250 2\.0\.0 /);
  // RFC 3207 §4: both sides offer TLS, so it is used.
  assert.match(postfix.log, /TLS connection established to mail\.own\.test\[127\.[\d.]+\]:\d+: TLSv1\.3/);
  assert.equal(daemon.unexpectedErrors.length, 0);
});

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab[Symbol.asyncDispose]();
});

/** Compares what a program read with what was sent: trace fields may stand above it, nothing else may differ. */
function assertAllRead(read: readonly string[], lineEnd: '\n' | '\r\n'): void {
  assert.equal(read.length, Object.keys(MESSAGES).length);
  for (const [name, text] of Object.entries(MESSAGES)) {
    const sent = text.replaceAll('\n', lineEnd);
    const got = read.find((candidate) => candidate.includes(`${lineEnd}Subject: ${name}${lineEnd}`));
    assert.ok(got !== undefined, `${name} was read`);
    assert.ok(got.endsWith(sent), `${name}: read ${JSON.stringify(got.slice(0, 1500))}`);
    const trace = got.slice(0, got.length - sent.length).replace(/\r?\n[ \t]+/g, ' ');
    for (const line of trace.split(lineEnd).slice(0, -1)) {
      assert.match(line, /^(?:Return-Path|Delivered-To|Authentication-Results|Received|Received-SPF): /, name);
    }
    assert.match(trace, /^Return-Path: <zoe@far\.test>/);
    assert.match(trace, /spf=pass/);
    assert.match(trace, /Received: from mx\.far\.test .* by mail\.own\.test with ESMTPS/);
  }
}

function maildir(path: string): string[] {
  return ['new', 'cur'].flatMap((part) => readdirSync(join(path, part)).map((name) => readFileSync(join(path, part, name), 'latin1')));
}

/** A file that the program may read, in the test's folder. */
function place(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function certificateFile(): Promise<string> {
  const { network, daemon } = lab;
  const shown = await runWell(
    'openssl',
    ['s_client', '-connect', `${network.own}:${daemon.port('imaps')}`, '-servername', 'mail.own.test'],
    { input: '' },
  );
  return place('server.pem', /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n/.exec(shown)?.[0] ?? '');
}

test('mbsync over IMAPS reads what Postfix brought, and brings flags and a message back', async () => {
  const { network, daemon } = lab;
  const mail = join(folder, 'mbsync');
  mkdirSync(mail);
  const rc = place(
    'mbsyncrc',
    `IMAPAccount own
Host ${network.own}
Port ${daemon.port('imaps')}
User ${USER}
Pass ${PASSWORD}
SSLType IMAPS
CertificateFile ${await certificateFile()}

IMAPStore far
Account own

MaildirStore near
Path ${mail}/
Inbox ${mail}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Expunge Both
SyncState *
`,
  );
  const sync = (): Promise<string> => runWell('mbsync', ['-c', rc, '-a'], { env: { ...process.env, HOME: folder } });
  await sync();
  const inbox = join(mail, 'INBOX');
  // mbsync marks what it copies with a field of its own.
  assertAllRead(
    maildir(inbox).map((text) => text.replace(/^X-TUID: .*\n/m, '')),
    '\n',
  );
  for (const name of ['Drafts', 'Sent', 'Junk', 'Trash', 'Archive']) assert.ok(readdirSync(mail).includes(name), `the folder ${name}`);

  writeFileSync(join(mail, 'Sent', 'cur', '1.own.client:2,S'), 'From: ann@own.test\nSubject: copy\n\nSent copy.\n');
  await sync();
  using imap = await LineClient.open({ host: network.own, port: daemon.port('imaps'), tls: true });
  await imap.line();
  await imap.imap(`LOGIN ${USER} ${PASSWORD}`);
  await imap.imap('SELECT Sent');
  const [fetched = ''] = await imap.imap('FETCH 1 (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])');
  assert.match(fetched, /\\Seen/);
});

test('getmail over POP3S reads what Postfix brought', async () => {
  const { network, daemon } = lab;
  const home = join(folder, 'getmail');
  const mail = join(home, 'Maildir');
  for (const path of [home, mail, ...['cur', 'new', 'tmp'].map((part) => join(mail, part))]) {
    mkdirSync(path);
    chownSync(path, NOBODY, NOBODY);
  }
  const rc = place(
    'getmailrc',
    `[retriever]
type = SimplePOP3SSLRetriever
server = ${network.own}
port = ${daemon.port('pop3s')}
username = ${USER}
password = ${PASSWORD}

[destination]
type = Maildir
path = ${mail}/

[options]
delete = false
read_all = true
delivered_to = false
received = false
verbose = 2
`,
  );
  chownSync(rc, NOBODY, NOBODY);
  // It refuses to deliver as root.
  const asNobody = [
    '--reuid',
    String(NOBODY),
    '--regid',
    String(NOBODY),
    '--clear-groups',
    '--',
    'getmail',
    '--getmaildir',
    home,
    '--rcfile',
    rc,
  ];
  const said = await runWell('setpriv', asNobody, { env: { ...process.env, HOME: home }, cwd: home });
  assert.match(said, /5 messages .* retrieved/);
  assertAllRead(maildir(mail), '\n');
});

test('curl reads over IMAPS, IMAP with STARTTLS, POP3S and POP3 with STLS', async () => {
  const { network, daemon } = lab;
  const curl = (scheme: string, port: number, path: string, ...more: string[]): Promise<string> =>
    runWell('curl', [
      '-sS',
      '-k',
      '--max-time',
      '20',
      '--user',
      `${USER}:${PASSWORD}`,
      `${scheme}://${network.own}:${port}/${path}`,
      ...more,
    ]);
  const text = (MESSAGES['plain'] ?? '').replaceAll('\n', '\r\n');
  // Postfix hands over several at a time: who is first is not said.
  const [, number = ''] = /^\* SEARCH (\d)\r$/m.exec(await curl('imaps', daemon.port('imaps'), 'INBOX?SUBJECT%20plain')) ?? [];
  assert.ok((await curl('imaps', daemon.port('imaps'), `INBOX;MAILINDEX=${number}`)).endsWith(text));
  assert.ok((await curl('imap', daemon.port('imap'), `INBOX;MAILINDEX=${number}`, '--ssl-reqd')).endsWith(text));
  assert.ok((await curl('pop3s', daemon.port('pop3s'), number)).endsWith(text));
  assert.ok((await curl('pop3', daemon.port('pop3'), number, '--ssl-reqd')).endsWith(text));
  assert.match(await curl('pop3s', daemon.port('pop3s'), ''), /^5 \d+\r$/m);
  const file = place('appended.eml', 'From: ann@own.test\r\nSubject: appended\r\n\r\nBy curl.\r\n');
  await curl('imaps', daemon.port('imaps'), 'Drafts', '-T', file);
  assert.match(await curl('imaps', daemon.port('imaps'), 'Drafts;MAILINDEX=1'), /Subject: appended\r\n\r\nBy curl\.\r\n$/);
});
