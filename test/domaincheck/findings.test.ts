/** Single findings, from tables. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDomain, type DomainCheckInput } from '../../daemon/domaincheck/check.ts';
import { Inquiry } from '../../daemon/domaincheck/inquiry.ts';
import { provesOwnership } from '../../daemon/domaincheck/ownership.ts';
import { proofValue, recordsFor } from '../../daemon/domaincheck/records.ts';
import type { DomainReport, Finding, FindingId } from '../../daemon/domaincheck/report.ts';
import { evaluateSpf } from '../../daemon/domaincheck/spf-evaluate.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { type FakeResolverSettings, fakeResolver } from '../support/fake-resolver.ts';

const OWN = { hostname: 'mx1.host.test', addresses: ['192.0.2.10', '2001:db8::10'] };
const US: ZoneData = {
  'mx1.host.test': { A: ['192.0.2.10'], AAAA: ['2001:db8::10'] },
  'other.test': { A: ['198.51.100.7'] },
  'alias.test': { CNAME: ['mx1.host.test'] },
  'private.test': { A: ['10.0.0.1'] },
};

interface Changes extends Partial<Omit<DomainCheckInput, 'resolver'>> {
  readonly fake?: FakeResolverSettings;
}

function check(data: ZoneData, { fake, ...changes }: Changes = {}): Promise<DomainReport> {
  return checkDomain({ domain: 'd.test', resolver: fakeResolver({ ...US, ...data }, fake), own: OWN, dkim: [], ...changes });
}

function get(report: DomainReport, id: FindingId, subject = ''): Finding {
  const found = report.findings.find((finding) => finding.id === id && finding.subject === subject);
  assert.ok(found, `${id} ${subject}`);
  return found;
}

const withMx = (...records: string[]): ZoneData => ({ 'd.test': { MX: records } });

test('RFC 5321 §5.1: which MX records deliver here, and what the report calls them', async () => {
  const cases: [string[], boolean | null, string, string[]][] = [
    [['10 mx1.host.test'], true, 'Mail for d.test comes here', ['First ok Here']],
    [['5 other.test', '10 mx1.host.test'], false, 'Remove other.test from the MX records', ['First fail Not here', 'Second ok Here']],
    [['10 mx1.host.test', '20 other.test'], true, 'Mail for d.test comes here', ['First ok Here', 'Second hint Backup']],
    [
      ['10 mx1.host.test', '10 other.test'],
      false,
      'Only a part of the mail for d.test comes here',
      ['First ok Here', 'First fail Not here'],
    ],
    [['10 other.test'], false, 'Mail for d.test goes to another server', ['First fail Not here']],
    [['10 gone.test'], false, 'Mail for d.test goes nowhere', ['First warn Nobody']],
    [['5 gone.test', '10 mx1.host.test'], true, 'Mail for d.test comes here', ['First warn Nobody', 'Second ok Here']],
    [['5 private.test', '10 mx1.host.test'], true, 'Mail for d.test comes here', ['First warn Nobody', 'Second ok Here']],
    [['10 alias.test'], true, 'Mail for d.test comes here', ['First ok Here']],
    [
      ['5 lost.test', '10 mx1.host.test'],
      null,
      'Where mail for d.test goes could not be found out',
      ['First unknown Not known', 'Second ok Here'],
    ],
    [['10 mx1.host.test', '20 lost.test'], true, 'Mail for d.test comes here', ['First ok Here', 'Second unknown Not known']],
  ];
  for (const [records, delivers, title, rows] of cases) {
    const report = await check(withMx(...records), { fake: { failures: { 'A lost.test': 'servfail', 'AAAA lost.test': 'servfail' } } });
    assert.equal(report.delivers, delivers, records.join());
    assert.equal(get(report, 'mx-here').title, title);
    assert.deepEqual(
      report.mx.map((row) => `${row.order} ${row.state} ${row.word}`),
      rows,
    );
  }
});

test('RFC 7505 §3: a null MX, and no MX at all', async () => {
  const nothing = await check(withMx('0 .'));
  assert.equal(nothing.delivers, false);
  assert.equal(get(nothing, 'mx-present').title, 'Remove the record that says d.test takes no mail');
  assert.equal((await check({ 'd.test': { A: ['192.0.2.10'] } })).delivers, true);
  const elsewhere = await check({ 'd.test': { A: ['198.51.100.9'] } });
  assert.equal(elsewhere.delivers, false);
  assert.match(get(elsewhere, 'mx-present').found, /198\.51\.100\.9 stands in/);
});

test('RFC 2181 §10.3: an MX record that names an alias, a host without address, a private one', async () => {
  const report = await check(withMx('10 alias.test', '20 gone.test', '30 private.test'));
  assert.equal(get(report, 'mx-target', 'alias.test').title, 'Name mx1.host.test itself instead of its alias alias.test');
  assert.equal(get(report, 'mx-target', 'gone.test').title, 'Remove gone.test, which has no address');
  assert.equal(get(report, 'mx-target', 'private.test').level, 'fail');
  assert.equal(get(report, 'mx-others', 'private.test').level, 'hint');
});

test('private addresses count only where they are allowed, and a machine behind NAT goes by its name', async () => {
  const data: ZoneData = { ...withMx('10 lan.test'), 'lan.test': { A: ['10.0.0.5'] } };
  const own = { hostname: 'lan.test', addresses: ['10.0.0.5'] };
  assert.equal((await check(data, { own, allowPrivate: true })).delivers, true);
  const natted: ZoneData = { ...withMx('10 lan.test'), 'lan.test': { A: ['192.0.2.99'] } };
  assert.equal((await check(natted, { own })).delivers, true);
  assert.equal((await check(natted, { own: { ...own, addresses: ['192.0.2.1'] } })).delivers, false);
});

const evaluate = async (
  record: string | readonly string[],
  data: ZoneData = {},
  fake: FakeResolverSettings = {},
  addresses = ['192.0.2.10'],
) => {
  const all = { ...US, ...data, 'd.test': { ...data['d.test'], TXT: typeof record === 'string' ? [record] : record } };
  const report = await evaluateSpf('d.test', addresses, new Inquiry({ resolver: fakeResolver(all, fake), own: OWN }));
  return { result: report.results.get(addresses[0]!), ...report };
};

test('RFC 7208 §4.6.2, §5: results of a record for our address', async () => {
  const data: ZoneData = {
    'd.test': { MX: ['10 mx1.host.test'], A: ['192.0.2.10'] },
    'inc.test': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] },
    'no.test': { TXT: ['v=spf1 -all'] },
    'bad.test': { TXT: ['v=spf1 nonsense -all'] },
    'empty.test': { TXT: ['nothing'] },
    '10.2.0.192.in-addr.x.test': { A: ['127.0.0.2'] },
  };
  const table: [string, string][] = [
    ['v=spf1 mx -all', 'pass'],
    ['v=spf1 a ~all', 'pass'],
    ['v=spf1 a:mx1.host.test/24 -all', 'pass'],
    ['v=spf1 a/24//64 -all', 'pass'],
    ['v=spf1 ip4:192.0.2.8/29 -all', 'pass'],
    ['v=spf1 ip4:192.0.2.11 -all', 'fail'],
    ['v=spf1 ip4:192.0.2.11 ~all', 'softfail'],
    ['v=spf1 ip4:192.0.2.11', 'neutral'],
    ['v=spf1 ?all', 'neutral'],
    ['V=SPF1 MX -ALL', 'pass'],
    ['v=spf1 include:inc.test -all', 'pass'],
    ['v=spf1 include:no.test ~all', 'softfail'],
    ['v=spf1 -include:inc.test all', 'fail'],
    ['v=spf1 redirect=inc.test', 'pass'],
    ['v=spf1 redirect=no.test', 'fail'],
    ['v=spf1 redirect=empty.test', 'permerror'],
    ['v=spf1 include:empty.test -all', 'permerror'],
    ['v=spf1 include:bad.test -all', 'permerror'],
    ['v=spf1 include:inc.test include:bad.test', 'pass'],
    ['v=spf1 exists:%{ir}.%{v}.x.test -all', 'pass'],
    ['v=spf1 exists:%{i}.x.test -all', 'fail'],
    ['v=spf1 moo -all', 'permerror'],
    ['v=spf1 ip4:192.0.2.300 -all', 'permerror'],
    ['v=spf1 ip4:192.0.2.0/33 -all', 'permerror'],
    ['v=spf1 redirect=a.test redirect=b.test', 'permerror'],
    ['v=spf1 include -all', 'permerror'],
    ['v=spf1 all:d.test', 'permerror'],
    ['v=spf10 -all', 'none'],
  ];
  for (const [record, expected] of table) assert.equal((await evaluate(record, data)).result, expected, record);
  assert.equal((await evaluate(['v=spf1 -all', 'v=spf1 mx'], data)).result, 'permerror');
  assert.equal((await evaluate('v=spf1 ip6:2001:db8::/32 -all', data, {}, ['2001:db8::10'])).result, 'pass');
  assert.equal(
    (await evaluate('v=spf1 a:mx1.host.test -all', data, { failures: { 'A mx1.host.test': 'servfail', 'AAAA mx1.host.test': 'servfail' } }))
      .result,
    'temperror',
  );
});

test('RFC 7208 §4.6.4: look-ups and void look-ups are counted to the end, loops are cut', async () => {
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`i${i}.test`, { TXT: ['v=spf1 -all'] }]));
  const eleven = await evaluate(
    `v=spf1 mx ${Object.keys(many)
      .map((name) => `include:${name}`)
      .join(' ')} -all`,
    many,
  );
  assert.equal(eleven.lookups, 12);
  const voids = await evaluate('v=spf1 a:x.test a:y.test include:mx1.host.test exists:z.test -all');
  assert.equal(voids.voids, 3);
  const loop = await evaluate('v=spf1 include:l.test -all', { 'l.test': { TXT: ['v=spf1 include:l.test -all'] } });
  assert.equal(loop.result, 'permerror');
  assert.ok(loop.lookups <= 41);
  const bomb: ZoneData = { 'b.test': { TXT: [`v=spf1 ${'include:b.test '.repeat(50)}-all`] } };
  assert.ok((await evaluate('v=spf1 include:b.test -all', bomb)).lookups < 1_000);
});

test('RFC 7208: SPF findings carry the record that mends them', async () => {
  const report = await check({
    'd.test': { MX: ['10 mx1.host.test'], TXT: ['v=spf1 ip4:192.0.2.10 include:n.test -all'] },
    'n.test': { TXT: ['v=spf1 ip4:198.51.100.0/24 -all'] },
  });
  assert.equal(get(report, 'spf').level, 'ok');
  assert.equal(get(report, 'spf-addresses', '192.0.2.10').level, 'ok');
  const missing = get(report, 'spf-addresses', '2001:db8::10');
  assert.equal(missing.level, 'fail');
  assert.equal(missing.fix?.value, 'v=spf1 ip6:2001:db8::10 ip4:192.0.2.10 include:n.test -all');
  const open = await check({ 'd.test': { MX: ['10 mx1.host.test'], TXT: ['v=spf1 +all'] } });
  assert.equal(get(open, 'spf').fix?.value, 'v=spf1 ~all');
  const twice = await check({ 'd.test': { MX: ['10 mx1.host.test'], TXT: ['v=spf1 -all', 'v=spf1 mx -all'] } });
  assert.equal(get(twice, 'spf').level, 'fail');
});

test('RFC 6376 §3.6.1: the published key is ours, another, withdrawn, doubled or missing', async () => {
  const rsa = { selector: 'r', publicKeyBase64: 'QUJD', algorithm: 'rsa' } as const;
  const ed = { selector: 'e', publicKeyBase64: 'REVG', algorithm: 'ed25519' } as const;
  const level = async (records: string[] | undefined, key: typeof rsa | typeof ed = rsa) => {
    const data: ZoneData =
      records === undefined
        ? withMx('10 mx1.host.test')
        : { ...withMx('10 mx1.host.test'), [`${key.selector}._domainkey.d.test`]: { TXT: records } };
    return get(await check(data, { dkim: [key] }), 'dkim', key.selector).level;
  };
  assert.equal(await level(['v=DKIM1; k=rsa; p=QUJD']), 'ok');
  assert.equal(await level(['p=QU JD']), 'ok');
  assert.equal(await level(['v=DKIM1; k=ed25519; p=REVG'], ed), 'ok');
  assert.equal(await level(['v=DKIM1; p=WFla']), 'fail');
  assert.equal(await level(['v=DKIM1; k=ed25519; p=QUJD']), 'fail');
  assert.equal(await level(['v=DKIM1; p=']), 'fail');
  assert.equal(await level(['v=DKIM1; p=QUJD', 'v=DKIM1; p=QUJD']), 'fail');
  assert.equal(await level(['hello']), 'fail');
  assert.equal(await level(undefined), 'warn');
  const both = await check({ ...withMx('10 mx1.host.test'), 'r._domainkey.d.test': { TXT: ['v=DKIM1; p=QUJD'] } }, { dkim: [rsa, ed] });
  assert.equal(get(both, 'dkim', 'e').level, 'hint', 'RFC 8463: a second key is optional');
  assert.equal(get(both, 'dkim', 'e').fix?.value, 'v=DKIM1; k=ed25519; p=REVG');
});

test('RFC 9989 §4.10: the DMARC record of the domain, or of a name above it', async () => {
  const level = async (data: ZoneData, domain = 'd.test') =>
    get(await check({ [domain]: { MX: ['10 mx1.host.test'] }, ...data }, { domain }), 'dmarc').level;
  const record = (text: string, ...more: string[]): ZoneData => ({ '_dmarc.d.test': { TXT: [text, ...more] } });
  assert.equal(await level(record('v=DMARC1; p=reject')), 'ok');
  assert.equal(await level(record('v=DMARC1;p=quarantine;')), 'ok');
  assert.equal(await level(record('v=DMARC1; p=none')), 'hint');
  assert.equal(await level(record('v=DMARC1; p=reject; t=y')), 'hint');
  assert.equal(await level(record('v=DMARC1; p=maybe')), 'warn');
  assert.equal(await level(record('v=DMARC1; p=none', 'v=DMARC1; p=reject')), 'warn');
  assert.equal(await level({}), 'warn');
  assert.equal(await level(record('v=DMARC1; p=reject'), 'sub.d.test'), 'ok');
  assert.equal(await level(record('v=DMARC1; p=reject; sp=none'), 'sub.d.test'), 'hint');
});

test('RFC 1912 §2.1: addresses have a name that points back', async () => {
  const ptr = async (data: ZoneData, address = '192.0.2.10') =>
    get(await check({ ...withMx('10 mx1.host.test'), ...data }), 'ptr', address);
  const named = (name: string): ZoneData => ({ '10.2.0.192.in-addr.arpa': { PTR: [name] } });
  assert.equal((await ptr(named('mx1.host.test'))).level, 'ok');
  assert.equal((await ptr({ ...named('web.test'), 'web.test': { A: ['192.0.2.10'] } })).level, 'hint');
  assert.equal((await ptr(named('other.test'))).title, 'Let other.test point back to 192.0.2.10');
  assert.equal((await ptr({})).level, 'warn');
  assert.match((await ptr({}, '2001:db8::10')).fix?.name ?? '', /ip6\.arpa$/);
  const hidden = await check(withMx('10 mx1.host.test'), { own: { hostname: 'mx1.host.test', addresses: ['10.0.0.1'] } });
  assert.equal(get(hidden, 'ptr').level, 'unknown');
});

test('client records are hints, and Autodiscover may be found by SRV', async () => {
  const report = await check({
    ...withMx('10 mx1.host.test'),
    '_autodiscover._tcp.d.test': { SRV: ['0 1 443 mx1.host.test'] },
    'autoconfig.d.test': { A: ['198.51.100.7'] },
  });
  assert.equal(get(report, 'autodiscover').level, 'ok');
  assert.equal(get(report, 'autoconfig').title, 'Let autoconfig.d.test lead to this server');
  assert.equal(get(report, 'srv', '_imaps._tcp').level, 'hint');
  assert.deepEqual(get(report, 'srv', '_imaps._tcp').fix, {
    name: '_imaps._tcp.d.test',
    type: 'SRV',
    value: '0 1 993 mx1.host.test.',
    ttl: 3600,
  });
});

test('what recordsFor lists is what the check wants', async () => {
  const keys = [
    { selector: 'r', publicKeyBase64: 'QUJD', algorithm: 'rsa' },
    { selector: 'e', publicKeyBase64: 'REVG', algorithm: 'ed25519' },
  ] as const;
  const records = recordsFor('d.test', OWN, keys, 'secret');
  assert.deepEqual(records[0]?.name, '_mailstead.d.test');
  const data: Record<string, Record<string, string[]>> = {};
  for (const { name, type, value } of records) ((data[name] ??= {})[type] ??= []).push(value);
  const report = await check(data as ZoneData, { dkim: keys });
  const open = report.findings.filter((finding) => finding.level !== 'ok').map((finding) => `${finding.level} ${finding.id}`);
  assert.deepEqual(open, ['hint nameservers-answer', 'hint dmarc', 'warn ptr', 'warn ptr']);
});

test('a domain is proven by its MX or by its token, and a failing name server proves nothing', async () => {
  const prove = (data: ZoneData, fake: FakeResolverSettings = {}, changes = {}) =>
    provesOwnership({ domain: 'd.test', token: 'secret', resolver: fakeResolver({ ...US, ...data }, fake), own: OWN, ...changes });
  const told = async (...args: Parameters<typeof prove>) => {
    const result = await prove(...args);
    return result.proven ? result.by : result.temporary ? 'temporary' : 'no';
  };
  assert.equal(await told(withMx('10 mx1.host.test')), 'mx');
  assert.equal(await told(withMx('5 other.test', '10 mx1.host.test')), 'no');
  assert.equal(await told({ '_mailstead.d.test': { TXT: ['x', proofValue('secret')] } }), 'txt');
  assert.equal(await told({ '_mailstead.d.test': { TXT: [proofValue('other')] } }), 'no');
  assert.equal(await told({ '_mailstead.d.test': { TXT: [proofValue('')] } }, {}, { token: '' }), 'no');
  assert.equal(await told({}, { failures: { 'MX d.test': 'servfail' } }), 'temporary');
  const zone: ZoneData = { 'd.test': { NS: ['ns.test'], MX: ['10 other.test'] }, 'ns.test': { A: ['198.51.100.53'] } };
  const servers = { '198.51.100.53:53': { '_mailstead.d.test': { TXT: [proofValue('secret')] } } };
  assert.equal(await told(zone, { servers }), 'txt', "the domain's own name server knows of the token before resolvers do");
  assert.equal(await told(zone, { servers: { '198.51.100.53:53': withMx('10 mx1.host.test') } }), 'mx');
  const loopback: ZoneData = { ...withMx('10 lo.test'), 'lo.test': { A: ['127.0.0.1'] } };
  const own = { hostname: 'mx1.host.test', addresses: ['127.0.0.1', '192.0.2.10'] };
  assert.equal(await told(loopback, {}, { own }), 'no', 'an MX on loopback proves nothing on a public server');
  assert.equal(await told(loopback, {}, { own, allowPrivate: true }), 'mx');
});
