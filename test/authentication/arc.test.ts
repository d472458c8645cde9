import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Analysis } from '../../daemon/authentication/analysis.ts';
import { Analyzer } from '../../daemon/authentication/analyze.ts';
import { scanHeader } from '../../daemon/authentication/header-fields.ts';
import { fakeResolver } from '../support/fake-resolver.ts';

interface Sealer {
  sealMessage(message: Buffer, seal: Record<string, unknown>): Promise<Buffer>;
}

const { sealMessage } = createRequire(import.meta.url)('mailauth/lib/arc') as Sealer;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ZONE = {
  's._domainkey.lists.test': { TXT: [`v=DKIM1; k=rsa; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`] },
};
const MESSAGE = Buffer.from('From: anna@example.test\r\nTo: list@lists.test\r\nSubject: x\r\n\r\nbody\r\n');

async function sealed(): Promise<string> {
  const fields = await sealMessage(MESSAGE, {
    signingDomain: 'lists.test',
    selector: 's',
    privateKey: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    authResults: 'lists.test; spf=pass smtp.mailfrom=example.test',
    cv: 'none',
  });
  return fields.toString() + MESSAGE.toString();
}

async function analyzed(message: string): Promise<Analysis> {
  const analyzer = new Analyzer({ resolver: fakeResolver(ZONE), hostname: 'mx.test', onDefect: (error) => assert.fail(String(error)) });
  return analyzer.analyze({
    clientAddress: '192.0.2.1',
    helo: 'mx.lists.test',
    sender: 'list@lists.test',
    header: scanHeader(Buffer.from(message)),
  });
}

test('RFC 8617 §5.2: a whole chain passes and names its newest sealer', async () => {
  const { arc } = await analyzed(await sealed());
  assert.deepEqual([arc.result, arc.sealer], ['pass', 'lists.test']);
});

test('RFC 8617 §5.2: a changed body or a missing part fails the chain', async () => {
  const message = await sealed();
  assert.equal((await analyzed(message.replace('body', 'bold'))).arc.result, 'fail');
  assert.equal((await analyzed(message.replace(/^ARC-Authentication-Results:[^]*?\r\n(?![ \t])/m, ''))).arc.result, 'fail');
  assert.equal((await analyzed(MESSAGE.toString())).arc.result, 'none');
});
