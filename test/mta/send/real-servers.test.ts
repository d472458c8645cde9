/** The whole way out: our resolver asks a real name server, the message reaches a real SMTP server over TLS, both on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { makeSelfSigned } from '../../../daemon/certificates/self-signed.ts';
import { createResolver } from '../../../daemon/dns/resolver.ts';
import { message, remote } from '../../queue/ledger-fixture.ts';
import { startDnsServer } from '../../support/dns-server.ts';
import { startRig } from './runner-fixture.ts';

test('MX look-up, TLS and delivery with foreign servers; a resolver that fails only delays', async () => {
  const { keyPem, chainPem } = await makeSelfSigned('mx.far.test', Date.now());
  const received: string[] = [];
  const server = new SMTPServer({
    key: keyPem,
    cert: chainPem,
    disabledCommands: ['AUTH'],
    authOptional: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join(' ');
        received.push(`${session.secure} ${to} ${Buffer.concat(chunks).toString().split('\r\n').at(-2)}`);
        done();
      });
    },
  });
  server.listen(0, '127.0.0.5');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  await using names = await startDnsServer({
    zones: [''],
    recursive: true,
    data: {
      'far.test': { MX: ['10 dead.far.test', '20 mx.far.test'] },
      'mx.far.test': { A: ['127.0.0.5'] },
      'dead.far.test': { A: ['127.0.0.6'] },
    },
    behave: { 'MX sick.test': 'servfail' },
  });
  const resolver = createResolver({ servers: [names] });
  await using rig = startRig({ port, dns: {}, context: { resolver } });
  const body = Buffer.from('Subject: x\r\n\r\n.dots\r\n..and more\r\nlast line\r\n');
  await rig.ledger.queue.put(message([remote('a@far.test'), remote('b@far.test')], { body: new Uint8Array(body) }));
  await rig.ledger.queue.put(message([remote('c@sick.test')]));
  const event = await rig.until(({ recipient, kind }) => recipient === 'b@far.test' && kind === 'delivered');
  assert.equal(event.remote, `mx.far.test [127.0.0.5]:${port}`);
  assert.equal(event.detail['tls'], 'TLSv1.3');
  assert.deepEqual(received, ['true a@far.test b@far.test last line']);
  assert.equal((await rig.until(({ recipient }) => recipient === 'c@sick.test')).kind, 'deferred');
  assert.deepEqual(rig.defects, []);
  resolver.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
