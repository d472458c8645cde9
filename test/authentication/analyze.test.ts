import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Analysis, isVouched } from '../../daemon/authentication/analysis.ts';
import { Analyzer } from '../../daemon/authentication/analyze.ts';
import { scanHeader } from '../../daemon/authentication/header-fields.ts';
import type { Resolver } from '../../daemon/dns/resolver.ts';
import type { Address } from '../../daemon/wire/ids.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { type FakeResolverSettings, fakeResolver } from '../support/fake-resolver.ts';

const ZONE: ZoneData = {
  'good.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'], MX: ['10 mx.good.test'] },
  'mail.good.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  '_dmarc.good.test': { TXT: ['v=DMARC1; p=quarantine'] },
  'soft.test': { TXT: ['v=spf1 ~all'], A: ['192.0.2.9'] },
  'twice.test': { TXT: ['v=spf1 -all', 'v=spf1 +all'] },
  'nullmx.test': { MX: ['0 .'] },
  'macro.test': { TXT: ['v=spf1 exists:%{l}.users.macro.test -all'], A: ['192.0.2.9'] },
  'anna.users.macro.test': { A: ['127.0.0.2'] },
  'org.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  '_dmarc.org.test': { TXT: ['v=DMARC1; p=reject; aspf=s'] },
};

interface Given {
  readonly sender?: string;
  readonly from?: string;
  readonly header?: string;
  readonly settings?: FakeResolverSettings;
  readonly address?: string;
}

async function analyzed({
  sender = 'a@good.test',
  from = 'a@good.test',
  header = `From: ${from}\r\n`,
  settings = {},
  address = '192.0.2.1',
}: Given): Promise<Analysis> {
  const analyzer = new Analyzer({
    resolver: fakeResolver(ZONE, settings),
    hostname: 'mx.test',
    onDefect: (error) => assert.fail(String(error)),
  });
  return analyzer.analyze({
    clientAddress: address,
    helo: 'mail.good.test',
    sender,
    header: scanHeader(Buffer.from(`${header}\r\nbody\r\n`)),
  });
}

test('RFC 7208 §2.6: each SPF result', async () => {
  const table = [
    ['a@good.test', '192.0.2.1', 'pass'],
    ['a@good.test', '192.0.2.2', 'fail'],
    ['a@good.test', '2001:db8::1', 'fail'],
    ['a@good.test', '::ffff:192.0.2.1', 'pass'],
    ['a@soft.test', '192.0.2.1', 'softfail'],
    ['a@twice.test', '192.0.2.1', 'permerror'],
    ['a@nothing.test', '192.0.2.1', 'none'],
    ['a@[192.0.2.1]', '192.0.2.1', 'none'],
    ['anna@macro.test', '192.0.2.1', 'pass'],
    ['bert@macro.test', '192.0.2.1', 'fail'],
  ] as const;
  for (const [sender, address, result] of table) {
    assert.equal((await analyzed({ sender, address })).spf.result, result, `${sender} from ${address}`);
  }
  const temporary = await analyzed({ settings: { failures: { 'TXT good.test': 'timeout' } } });
  assert.equal(temporary.spf.result, 'temperror');
});

test('RFC 7208 §2.4: the null sender is checked by HELO', async () => {
  const analysis = await analyzed({ sender: '' });
  assert.deepEqual([analysis.spf.domain, analysis.spf.result, analysis.senderDomain], ['mail.good.test', 'pass', 'null-sender']);
});

test('RFC 9989 §5.3: alignment, policy and the author domain', async () => {
  assert.deepEqual((await analyzed({})).dmarc, { result: 'pass', policy: 'quarantine', domain: 'good.test', reason: '' });
  assert.equal((await analyzed({ sender: 'a@mail.good.test' })).dmarc.result, 'pass');
  assert.equal((await analyzed({ sender: 'a@soft.test' })).dmarc.result, 'fail');
  assert.equal((await analyzed({ from: 'a@nothing.test' })).dmarc.result, 'none');
  const strict = await analyzed({ sender: 'a@org.test', from: 'a@sub.org.test' });
  assert.deepEqual([strict.dmarc.result, strict.dmarc.policy], ['fail', 'reject']);
  const twoDomains = await analyzed({ from: 'a@good.test, b@org.test' });
  assert.deepEqual([twoDomains.dmarc.result, twoDomains.dmarc.reason], ['none', 'no single author domain']);
  const twoFields = await analyzed({ header: 'From: a@good.test\r\nFrom: b@good.test\r\n' });
  assert.deepEqual([twoFields.dmarc.result, twoFields.fromFields], ['none', 2]);
  assert.equal((await analyzed({ header: 'Subject: x\r\n' })).dmarc.reason, 'no From field');
});

test('RFC 3834 §2: a sender whom only a signature of another domain speaks for is told nothing', async () => {
  const analysis = await analyzed({});
  const signed: Analysis = { ...analysis, spf: { result: 'none', domain: 'victim.test' } };
  assert.equal(isVouched(analysis, 'a@good.test' as Address), true);
  for (const sender of ['a@good.test', 'bounces@mail.good.test']) assert.equal(isVouched(signed, sender as Address), true, sender);
  for (const sender of ['who@victim.test', 'who@evilgood.test', 'who@test', 'who@[192.0.2.1]', ''])
    assert.equal(isVouched(signed, sender as Address), false, sender);
});

test('RFC 9989 §5.3.5: a failure with an identity in doubt is no failure', async () => {
  const analysis = await analyzed({ from: 'a@org.test', settings: { failures: { 'TXT good.test': 'servfail' } } });
  assert.deepEqual([analysis.spf.result, analysis.dmarc.result], ['temperror', 'temperror']);
});

test('RFC 7505: what the domain of the sender says about mail', async () => {
  assert.equal((await analyzed({})).senderDomain, 'resolves');
  assert.equal((await analyzed({ sender: 'a@soft.test' })).senderDomain, 'resolves');
  assert.equal((await analyzed({ sender: 'a@nullmx.test' })).senderDomain, 'null-mx');
  assert.equal((await analyzed({ sender: 'a@nothing.test' })).senderDomain, 'missing');
  assert.equal((await analyzed({ settings: { failures: { 'MX good.test': 'timeout' } } })).senderDomain, 'unknown');
});

test('the second message of a sender asks nothing again, unless the policy looked at the local part', async () => {
  const resolver = fakeResolver(ZONE);
  const analyzer = new Analyzer({ resolver, hostname: 'mx.test', onDefect: (error) => assert.fail(String(error)) });
  const ask = (sender: string): Promise<Analysis> =>
    analyzer.analyze({
      clientAddress: '192.0.2.1',
      helo: 'mail.good.test',
      sender,
      header: scanHeader(Buffer.from(`From: ${sender}\r\n\r\n`)),
    });
  await ask('a@good.test');
  const before = resolver.asked.filter((question) => question.startsWith('TXT')).length;
  assert.equal((await ask('b@good.test')).spf.result, 'pass');
  assert.equal(resolver.asked.filter((question) => question.startsWith('TXT')).length, before);
  assert.equal((await ask('anna@macro.test')).spf.result, 'pass');
  assert.equal((await ask('bert@macro.test')).spf.result, 'fail');
});

test('a resolver that never answers costs the time that is given, not more', async () => {
  const silent = {
    ...fakeResolver({}),
    query: () => new Promise(() => {}),
    mx: () => new Promise(() => {}),
    peek: () => undefined,
  } as unknown as Resolver;
  const analyzer = new Analyzer({ resolver: silent, hostname: 'mx.test', onDefect: () => {}, totalMs: 50 });
  const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=good.test; s=s; h=from; bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; b=AAAA\r\n';
  const header = scanHeader(Buffer.from(`${signature}From: a@good.test\r\n\r\nx\r\n`));
  const startedAt = performance.now();
  const analysis = await analyzer.analyze({ clientAddress: '192.0.2.1', helo: 'mail.good.test', sender: 'a@good.test', header });
  assert.ok(performance.now() - startedAt < 1_000);
  assert.deepEqual([analysis.spf.result, analysis.senderDomain, analysis.dmarc.result], ['temperror', 'unknown', 'temperror']);
});

test('RFC 6376 §6.1: two hundred signatures are ten', async () => {
  const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=good.test; s=s; h=from; bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; b=AAAA\r\n';
  const analysis = await analyzed({ header: `${signature.repeat(200)}From: a@good.test\r\n` });
  assert.equal(analysis.dkim.length, 10);
  assert.ok(analysis.dkim.every((check) => check.result !== 'pass'));
});
