/**
 * Foreign programs submit (swaks, nodemailer, curl; imapflow keeps the copy), a foreign Postfix receives by MX look-up, foreign
 * verifiers check the signatures, and refusals become bounces on the side that owes them.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { run, runWell } from '../support/child-process.ts';
import { PASSWORD } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { SMTP_PORT } from '../support/loopback-network.ts';
import { openImap, readFolder, submission } from '../support/mail-clients.ts';

let lab: Lab;
let folder: string;

before(async () => {
  lab = await openLab({ accounts: ['ann', 'bob'], foreignUsers: ['zoe@far.test'] });
  folder = mkdtempSync(join(tmpdir(), 'sending-'));
  // The keys are made when the domain is added; its owner publishes them as the panel says.
  const records = Object.entries(await signingRecords());
  const quoted = (value: string): string => (value.match(/.{1,200}/g) ?? []).map((piece) => `"${piece}"`).join(' ');
  await lab.names.publish(
    'own.test',
    records.map(([name, value]) => `${name}. IN TXT ${quoted(value)}`),
  );
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab[Symbol.asyncDispose]();
});

/** RFC 6376 §3.6.1: TXT records by name. */
async function signingRecords(): Promise<Record<string, string>> {
  const { keys } = await lab.daemon.call('showDomain', { domain: 'own.test' });
  return Object.fromEntries(
    keys.map(({ selector, algorithm, publicKey }) => [
      `${selector}._domainkey.own.test`,
      `v=DKIM1; k=${algorithm.replace(/-.*/, '')}; p=${publicKey}`,
    ]),
  );
}

async function swaks(...options: string[]): Promise<string> {
  const { daemon } = lab;
  const login = ['--auth-user', 'ann@own.test', '--auth-password', PASSWORD, '--from', 'ann@own.test', '--hide-all'];
  const { code, stdout, stderr } = await run('swaks', [...login, '--server', daemon.network.own, ...options]);
  assert.equal(code, 0, `swaks ${options.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

test('swaks submits on 465 and on 587 with STARTTLS, by PLAIN and LOGIN', async () => {
  const { daemon, postfix } = lab;
  const to = ['--to', 'zoe@far.test'];
  await swaks('--port', String(daemon.port('submissions')), '--tls-on-connect', '--auth', 'PLAIN', '--header', 'Subject: implicit', ...to);
  await swaks('--port', String(daemon.port('submission')), '--tls', '--auth', 'LOGIN', '--header', 'Subject: starttls', ...to);
  for (const subject of ['implicit', 'starttls']) {
    const text = await postfix.received('zoe@far.test', new RegExp(`^Subject: ${subject}$`, 'm'));
    assert.match(text, /^This is a test mailing$/m);
  }
});

test("curl submits, and a wrong password or somebody else's name is refused in words", async () => {
  const { daemon, network, postfix } = lab;
  const file = join(folder, 'message.eml');
  writeFileSync(file, 'From: ann@own.test\r\nTo: zoe@far.test\r\nSubject: by curl\r\n\r\nHello\r\n');
  const curl = (password: string, from: string) =>
    run(
      'curl',
      ['-sSvk', '--user', `ann@own.test:${password}`, '--mail-from', from, '--mail-rcpt', 'zoe@far.test', '-T', file].concat(
        `smtps://${network.own}:${daemon.port('submissions')}`,
      ),
    );
  assert.equal((await curl(PASSWORD, 'ann@own.test')).code, 0);
  await postfix.received('zoe@far.test', /^Subject: by curl$/m);
  assert.match((await curl('wrong', 'ann@own.test')).stderr, /< 535 5\.7\.8 /);
  assert.match((await curl(PASSWORD, 'bob@own.test')).stderr, /< 550 5\.7\.1 .*bob@own\.test/);
});

test('RFC 6376 §6, RFC 8463: mailauth and OpenDKIM find the signatures of a submitted message good', async () => {
  const { daemon, network, postfix } = lab;
  await submission(daemon, 'ann@own.test').sendMail({
    from: 'Änn <ann@own.test>',
    to: 'zoe@far.test',
    subject: 'Signed — twice',
    text: 'Grüße\n\n.\ntrailing  \n\n\n',
    html: '<p>Grüße</p>',
  });
  const stored = await postfix.received('zoe@far.test', /DKIM-Signature[^]*nodemailer|DKIM-Signature[^]*Signed/);
  const message = Buffer.from(stored.replaceAll('\n', '\r\n'), 'latin1');
  const records = await signingRecords();
  const resolver = async (name: string): Promise<string[][]> => (records[name] === undefined ? [] : [[records[name]]]);
  const { results } = await dkimVerify(message, { resolver });
  assert.deepEqual(results.map(({ status, algo }) => `${status.result} ${algo}`).sort(), ['pass ed25519-sha256', 'pass rsa-sha256']);

  // OpenDKIM asks whom resolv.conf names; it gets one of its own in a mount name space.
  writeFileSync(join(folder, 'resolv.conf'), `nameserver ${network.nameServer}\n`);
  const script = `mount --bind ${folder}/resolv.conf /etc/resolv.conf && exec opendkim-testmsg`;
  const rsaOnly = Buffer.from(withoutEd25519(message.toString('latin1')), 'latin1');
  await runWell('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script], { input: rsaOnly });
  const spoiled = Buffer.from(rsaOnly.toString('latin1').replace('trailing', 'Trailing'), 'latin1');
  const verdict = await run('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script], { input: spoiled });
  assert.notEqual(verdict.code, 0, 'a changed body is noticed');
});

/** Debian's OpenDKIM does not know this algorithm and would judge by it. */
function withoutEd25519(text: string): string {
  return text.replace(/^DKIM-Signature:(?:[^\r]|\r\n[ \t])*?a=ed25519-sha256(?:[^\r]|\r\n[ \t])*\r\n/m, '');
}

test('imapflow keeps the copy in Sent while the message is on its way', async () => {
  const { daemon, postfix } = lab;
  const raw = 'From: ann@own.test\r\nTo: zoe@far.test\r\nSubject: kept\r\n\r\nA copy stays.\r\n';
  const client = await openImap(daemon, 'ann@own.test');
  const sent = (await client.list()).find(({ specialUse }) => specialUse === '\\Sent');
  assert.equal(sent?.path, 'Sent');
  await submission(daemon, 'ann@own.test').sendMail({ envelope: { from: 'ann@own.test', to: ['zoe@far.test'] }, raw });
  const appended = await client.append(sent.path, raw, ['\\Seen']);
  assert.ok(appended !== false && appended.uid === 1, 'RFC 4315 §3: the answer names the UID');
  await client.logout();
  await postfix.received('zoe@far.test', /^Subject: kept$/m);
  const [copy] = await readFolder(daemon, 'ann@own.test', 'Sent');
  assert.equal(copy?.toString(), raw);
});

test('RFC 5321 §6.1: our refusal makes Postfix bounce, and what it sends us late it sends once', async () => {
  const { daemon, network, postfix } = lab;
  await daemon.call('addAddress', { address: 'closed@own.test', kind: 'reject', rejectText: 'This office is closed' });
  const options = [
    '--server',
    `${network.foreign}:${SMTP_PORT}`,
    '--local-interface',
    network.foreign,
    '--from',
    'zoe@far.test',
    '--hide-all',
  ];
  await runWell('swaks', [...options, '--to', 'closed@own.test,nobody@own.test,bob@own.test', '--header', 'Subject: three']);
  const bounce = await postfix.received('zoe@far.test', /Undelivered Mail Returned to Sender/);
  assert.match(bounce, /^Diagnostic-Code: smtp; 550 5\.1\.1 /m);
  assert.match(bounce, /This office is closed/);
  assert.doesNotMatch(bounce, /bob@own\.test>/);
  const inbox = await eventually('the message for Bob', async () => {
    const messages = await readFolder(daemon, 'bob@own.test');
    return messages.length > 0 && messages;
  });
  assert.equal(inbox.length, 1);
});

test('RFC 7489 §6.6.2: mail in the name of a domain that forbids it is refused', async () => {
  const { network, daemon } = lab;
  const forged = ['--server', network.own, '--port', String(daemon.port('smtp')), '--local-interface', `${network.prefix}.99`];
  const { code, stdout } = await run('swaks', [...forged, '--from', 'zoe@far.test', '--to', 'bob@own.test', '--header', 'Subject: forged']);
  assert.notEqual(code, 0);
  assert.match(stdout, /<\*\* 550 5\.7\.\d+ .*far\.test/);
});
