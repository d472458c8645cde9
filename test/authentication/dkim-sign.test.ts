import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { Analyzer } from '../../daemon/authentication/analyze.ts';
import { type DkimKey, DkimSigner } from '../../daemon/authentication/dkim-sign.ts';
import { scanHeader } from '../../daemon/authentication/header-fields.ts';
import { fakeResolver } from '../support/fake-resolver.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');
const pem = { type: 'pkcs8', format: 'pem' } as const;
const KEYS: readonly DkimKey[] = [
  { selector: 'r1', algorithm: 'rsa-sha256', privateKeyPem: rsa.privateKey.export(pem).toString() },
  { selector: 'e1', algorithm: 'ed25519-sha256', privateKeyPem: ed25519.privateKey.export(pem).toString() },
];
const ZONE = {
  'r1._domainkey.example.test': { TXT: [`v=DKIM1; k=rsa; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`] },
  // RFC 8463 §4: the bare 32 octets, which end the DER form.
  'e1._domainkey.example.test': {
    TXT: [`v=DKIM1; k=ed25519; p=${ed25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`],
  },
  'example.test': { TXT: ['v=spf1 -all'] },
  '_dmarc.example.test': { TXT: ['v=DMARC1; p=reject'] },
};
const MESSAGE =
  'From: Anna <anna@example.test>\r\nTo: far@far.test\r\nSubject:  two   spaces\t and\r\n a fold \r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nBody  with \t runs \r\nand trailing   \r\n\r\n\r\n';

async function signed(message: string): Promise<string> {
  const fields = await new DkimSigner().sign(scanHeader(Buffer.from(message)), 'example.test', KEYS, Date.now() - 5_000);
  return fields + message;
}

async function verify(message: string): Promise<{ results: string[]; dmarc: string; reasons: string[] }> {
  const defects: unknown[] = [];
  const analyzer = new Analyzer({ resolver: fakeResolver(ZONE), hostname: 'mx.test', onDefect: (error) => void defects.push(error) });
  const header = scanHeader(Buffer.from(message));
  const analysis = await analyzer.analyze({ clientAddress: '192.0.2.1', helo: 'x.example.test', sender: 'a@example.test', header });
  assert.deepEqual(defects, []);
  return {
    results: analysis.dkim.map((check) => check.result),
    dmarc: analysis.dmarc.result,
    reasons: analysis.dkim.map((check) => check.reason),
  };
}

test('RFC 6376 §3.4: RSA and Ed25519 signatures verify, and align for DMARC', async () => {
  for (const body of [
    'plain\r\n',
    '',
    '\r\n\r\n',
    'no line end',
    ' leading\r\n \r\nend\r\n\r\n',
    ' ',
    'x ',
    '\r\n \t',
    'x\r\n \r\n\t\r\n',
    'tab\tand  run \r\n',
  ]) {
    const message = `From: anna@example.test\r\nSubject: s\r\n\r\n${body}`;
    const found = await verify(await signed(message));
    assert.deepEqual({ ...found, reasons: [] }, { results: ['pass', 'pass'], dmarc: 'pass', reasons: [] }, JSON.stringify(body));
  }
  assert.deepEqual((await verify(await signed(MESSAGE))).results, ['pass', 'pass']);
});

test('RFC 6376 §3.4.4: large bodies are hashed in slices, with white space at every border', async () => {
  const line = `${'word  '.repeat(20)}\t\r\n`;
  for (const body of [line.repeat(20_000), `${'x'.repeat(1_200_000)}\r\n \r\n`, `${'plain text\r\n'.repeat(200_000)} \t\r\n\r\n`]) {
    assert.deepEqual((await verify(await signed(`From: anna@example.test\r\n\r\n${body}`))).results, ['pass', 'pass']);
  }
});

test('RFC 6376 §3.4.2: relaxed signatures survive folding and white space', async () => {
  const changed = (await signed(MESSAGE))
    .replace('Subject:  two   spaces', 'SUBJECT: two\r\n spaces')
    .replace('Body  with \t runs', 'Body with runs');
  assert.deepEqual((await verify(changed)).results, ['pass', 'pass']);
});

test('RFC 6376 §8.15: a second From, Subject or To breaks the signature (oversigning)', async () => {
  const message = await signed(MESSAGE);
  for (const field of ['From: boss@example.test', 'Subject: other', 'To: all@far.test', 'Reply-To: evil@far.test', 'Cc: x@far.test']) {
    const found = await verify(`${field}\r\n${message}`);
    assert.deepEqual(found.results, ['fail', 'fail'], field);
  }
});

test('a changed body fails, 8-bit header fields and bodies are signed as they are', async () => {
  assert.deepEqual((await verify((await signed(MESSAGE)).replace('Body', 'Bold'))).results, ['fail', 'fail']);
  const utf8 = MESSAGE.replace('two', 'zwölf').replace('Body', 'Körper');
  assert.deepEqual((await verify(await signed(utf8))).results, ['pass', 'pass']);
});

test('RFC 5322 §2.1.1: no line of the field is longer than 78 characters but the base64 may be', async () => {
  const fields = (await signed(MESSAGE)).slice(0, -MESSAGE.length);
  for (const line of fields.split('\r\n')) assert.ok(line.length <= 80, line);
});
