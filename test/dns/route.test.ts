import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MailRoute, mailRoute, type RouteOptions } from '../../daemon/dns/route.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { type FakeResolverSettings, fakeResolver } from '../support/fake-resolver.ts';

const OWN = { hostname: 'mail.own.test', addresses: ['192.0.2.10', '2001:db8::10'], smtpPort: 25 };

const route = (domain: string, data: ZoneData, options: RouteOptions = {}, settings: FakeResolverSettings = {}): Promise<MailRoute> =>
  mailRoute(fakeResolver(data, settings), domain, OWN, { random: () => 0.999, ...options });

const names = (found: MailRoute): string[] =>
  found.kind === 'hosts' ? found.hosts.map((host) => `${host.preference} ${host.name}`) : [found.kind];

test('RFC 5321 §5.1: hosts come in order of preference with IPv6 and IPv4 addresses by turns', async () => {
  const found = await route('d.test', {
    'd.test': { MX: ['20 b.test', '10 a.test', '30 c.test'] },
    'a.test': { A: ['198.51.100.1', '198.51.100.2'], AAAA: ['2001:db8:1::1'] },
    'b.test': { A: ['198.51.100.3'] },
    'c.test': { AAAA: ['2001:db8:1::3'] },
  });
  assert.equal(found.kind, 'hosts');
  assert.equal(found.source, 'mx');
  assert.deepEqual(names(found), ['10 a.test', '20 b.test', '30 c.test']);
  assert.deepEqual(found.hosts[0]?.addresses, ['2001:db8:1::1', '198.51.100.1', '198.51.100.2']);
});

test('RFC 5321 §5.1: hosts of equal preference are shuffled', async () => {
  const data: ZoneData = {
    'd.test': { MX: ['10 a.test', '10 b.test'] },
    'a.test': { A: ['198.51.100.1'] },
    'b.test': { A: ['198.51.100.2'] },
  };
  assert.deepEqual(names(await route('d.test', data, { random: () => 0.999 })), ['10 a.test', '10 b.test']);
  assert.deepEqual(names(await route('d.test', data, { random: () => 0 })), ['10 b.test', '10 a.test']);
});

test('RFC 5321 §5.1: without MX the domain itself is the host, also behind a CNAME', async () => {
  const data: ZoneData = { 'd.test': { A: ['198.51.100.1'] }, 'alias.test': { CNAME: ['d.test'] } };
  const found = await route('d.test', data);
  assert.deepEqual([found.kind === 'hosts' && found.source, ...names(found)], ['implicit', '0 d.test']);
  assert.deepEqual(names(await route('alias.test', data)), ['0 d.test']);
});

test('a failing name server is temporary: there is no fallback to A', async () => {
  const data: ZoneData = { 'd.test': { A: ['198.51.100.1'] } };
  for (const status of ['servfail', 'timeout', 'bogus', 'refused', 'malformed'] as const) {
    const found = await route('d.test', data, {}, { failures: { 'MX d.test': status } });
    assert.deepEqual(found, { kind: 'temporary', status, question: 'MX d.test', server: 'fake:53' });
  }
  assert.equal((await route('d.test', { 'd.test': {} }, {}, { failures: { 'AAAA d.test': 'timeout' } })).kind, 'temporary');
});

test('a host whose addresses cannot be asked for is passed over while another is known', async () => {
  const data: ZoneData = { 'd.test': { MX: ['10 a.test', '20 b.test'] }, 'b.test': { A: ['198.51.100.2'] } };
  const failures = { 'A a.test': 'servfail', 'AAAA a.test': 'servfail' } as const;
  assert.deepEqual(names(await route('d.test', data, {}, { failures })), ['20 b.test']);
  const alone: ZoneData = { 'd.test': { MX: ['10 a.test'] } };
  const found = await route('d.test', alone, {}, { failures });
  assert.deepEqual(found, { kind: 'temporary', status: 'servfail', question: 'A a.test', server: 'fake:53' });
  assert.deepEqual(
    names(
      await route(
        'd.test',
        { 'd.test': { MX: ['10 a.test'] }, 'a.test': { A: ['198.51.100.1'] } },
        {},
        { failures: { 'AAAA a.test': 'servfail' } },
      ),
    ),
    ['10 a.test'],
  );
});

test('RFC 7505 §3: a null MX refuses mail, beside other records it means nothing', async () => {
  assert.deepEqual(await route('d.test', { 'd.test': { MX: ['0 .'], A: ['198.51.100.1'] } }), { kind: 'nullMx' });
  assert.deepEqual(names(await route('d.test', { 'd.test': { MX: ['0 .', '10 a.test'] }, 'a.test': { A: ['198.51.100.1'] } })), [
    '10 a.test',
  ]);
});

test('a domain that does not exist, and MX records that lead nowhere, are told apart', async () => {
  assert.deepEqual(await route('d.test', {}), { kind: 'noSuchDomain' });
  assert.deepEqual(await route('d.test', { 'd.test': { TXT: ['x'] } }), { kind: 'noUsableHost', reason: 'noAddress', names: ['d.test'] });
  assert.deepEqual(await route('d.test', { 'd.test': { MX: ['10 gone.test'], A: ['198.51.100.1'] } }), {
    kind: 'noUsableHost',
    reason: 'noAddress',
    names: ['gone.test'],
  });
});

test('RFC 5321 §5.1: this machine and all that is no better leave the list', async () => {
  const data: ZoneData = {
    'd.test': { MX: ['10 a.test', '20 us.test', '20 b.test', '30 c.test'] },
    'a.test': { A: ['198.51.100.1'] },
    'b.test': { A: ['198.51.100.2'] },
    'c.test': { A: ['198.51.100.3'] },
    'us.test': { AAAA: ['2001:db8:0::10'] },
  };
  assert.deepEqual(names(await route('d.test', data)), ['10 a.test']);
  const first: ZoneData = { ...data, 'd.test': { MX: ['10 us.test', '20 a.test'] } };
  assert.deepEqual(await route('d.test', first), { kind: 'loopsToSelf', name: 'us.test' });
  assert.deepEqual(names(await route('d.test', { 'd.test': { MX: ['10 mail.own.test'] } })), ['loopsToSelf'], 'by name, behind NAT');
  const unsure = { failures: { 'A a.test': 'timeout' } } as const;
  assert.deepEqual(names(await route('d.test', { 'd.test': data['d.test']!, 'us.test': data['us.test']! }, {}, unsure)), ['temporary']);
});

test('"this machine" is address and port together', async () => {
  const data: ZoneData = { 'd.test': { MX: ['10 us.test'] }, 'us.test': { A: ['127.0.0.1'] } };
  assert.deepEqual(names(await route('d.test', data, { allowPrivate: true })), ['loopsToSelf']);
  assert.deepEqual(names(await route('d.test', data, { allowPrivate: true, port: 2525 })), ['10 us.test']);
  const neighbour: ZoneData = { 'd.test': { MX: ['10 us.test'] }, 'us.test': { A: ['127.0.0.2'] } };
  assert.deepEqual(names(await route('d.test', neighbour, { allowPrivate: true })), ['10 us.test']);
  const everywhere = { ...OWN, addresses: ['0.0.0.0'] };
  assert.deepEqual(names(await mailRoute(fakeResolver(neighbour), 'd.test', everywhere, { allowPrivate: true })), ['loopsToSelf']);
});

test('hosts on addresses that the Internet does not route are refused unless allowed', async () => {
  for (const address of ['127.0.0.1', '10.1.2.3', '192.168.1.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1']) {
    const data: ZoneData = { 'd.test': { MX: ['10 a.test'] }, 'a.test': { A: [address] } };
    assert.deepEqual(
      await route('d.test', data, { port: 2525 }),
      { kind: 'noUsableHost', reason: 'privateAddress', names: ['a.test'] },
      address,
    );
    assert.deepEqual(names(await route('d.test', data, { port: 2525, allowPrivate: true })), ['10 a.test']);
  }
  for (const address of ['::1', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::']) {
    const data: ZoneData = { 'd.test': { MX: ['10 a.test'] }, 'a.test': { AAAA: [address] } };
    assert.deepEqual(names(await route('d.test', data, { port: 2525 })), ['noUsableHost'], address);
  }
});

test('RFC 5321 §5.1: an MX name that is an alias is used and noted', async () => {
  const found = await route('d.test', {
    'd.test': { MX: ['10 a.test'] },
    'a.test': { CNAME: ['b.test'] },
    'b.test': { A: ['198.51.100.1'] },
  });
  assert.equal(found.kind, 'hosts');
  assert.deepEqual([found.hosts[0]?.name, found.hosts[0]?.canonicalName, found.hosts[0]?.isAlias], ['a.test', 'b.test', true]);
});

test('RFC 5321 §4.1.3: address literals are routes of their own', async () => {
  const address = async (domain: string) => {
    const found = await route(domain, {});
    return found.kind === 'hosts' ? found.hosts[0]?.addresses[0] : found.kind;
  };
  assert.equal(await address('[198.51.100.7]'), '198.51.100.7');
  assert.equal(await address('[IPv6:2001:DB8::7]'), '2001:db8::7');
  assert.equal(await address('[192.0.2.10]'), 'loopsToSelf');
  assert.equal(await address('[10.0.0.1]'), 'noUsableHost');
  for (const bad of ['[198.51.100.7', '[2001:db8::7]', '[IPv6:198.51.100.7]', '[x]', '[]'])
    assert.equal(await address(bad), 'noSuchDomain', bad);
});

test('a zone with hundreds of hosts costs no more than sixteen', async () => {
  const found = await route('d.test', {
    'd.test': { MX: Array.from({ length: 300 }, (_, i) => `${i} h${i}.test`) },
    ...Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`h${i}.test`, { A: Array.from({ length: 40 }, (_, j) => `198.51.${i % 200}.${j}`) }]),
    ),
  });
  assert.equal(found.kind === 'hosts' && found.hosts.length, 16);
  assert.equal(found.kind === 'hosts' && found.hosts[0]?.addresses.length, 10);
});
