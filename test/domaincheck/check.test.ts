/** Whole checks over real name servers on loopback: three authoritative ones on one port, and one that plays the resolver. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResolver } from '../../daemon/dns/resolver.ts';
import { checkDomain, type DomainCheckInput } from '../../daemon/domaincheck/check.ts';
import type { DomainReport, Finding, FindingId } from '../../daemon/domaincheck/report.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { type Behaviour, type DnsServer, startDnsServer } from '../support/dns-server.ts';

const KEY = { selector: 'ms1', publicKeyBase64: Buffer.from('a public key').toString('base64'), algorithm: 'rsa' } as const;
const OWN = { hostname: 'mail.host.test', addresses: ['127.0.0.1', '::1'] };

const HEALTHY: ZoneData = {
  'bakery.test': {
    NS: ['ns1.bakery.test', 'ns2.bakery.test', 'ns3.bakery.test'],
    MX: ['10 mail.host.test'],
    TXT: ['v=spf1 mx -all', 'other'],
  },
  'ns1.bakery.test': { A: ['127.0.0.1'] },
  'ns2.bakery.test': { A: ['127.0.0.2'] },
  'ns3.bakery.test': { A: ['127.0.0.3'] },
  'mail.host.test': { A: ['127.0.0.1'], AAAA: ['::1'] },
  'ms1._domainkey.bakery.test': { TXT: [`v=DKIM1; k=rsa; p=${KEY.publicKeyBase64}`] },
  '_dmarc.bakery.test': { TXT: ['v=DMARC1; p=reject'] },
  'autoconfig.bakery.test': { CNAME: ['mail.host.test'] },
  'autodiscover.bakery.test': { CNAME: ['mail.host.test'] },
  '_imaps._tcp.bakery.test': { SRV: ['0 1 993 mail.host.test'] },
  '_submissions._tcp.bakery.test': { SRV: ['0 1 465 mail.host.test'] },
  '_pop3s._tcp.bakery.test': { SRV: ['10 1 995 mail.host.test'] },
  '1.0.0.127.in-addr.arpa': { PTR: ['mail.host.test'] },
  '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa': { PTR: ['mail.host.test'] },
};

class Lab implements AsyncDisposable {
  readonly #servers: DnsServer[];
  readonly resolver: DnsServer;
  readonly authoritative: readonly DnsServer[];

  constructor(resolver: DnsServer, authoritative: DnsServer[]) {
    this.resolver = resolver;
    this.authoritative = authoritative;
    this.#servers = [resolver, ...authoritative];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
  }

  check(changes: Partial<DomainCheckInput> = {}): Promise<DomainReport> {
    const resolver = createResolver({ servers: [this.resolver], totalMs: 600, tryMs: 200 });
    const loopbackNameserverPort = this.authoritative[0]?.port ?? 53;
    return checkDomain({ domain: 'bakery.test', resolver, own: OWN, dkim: [KEY], allowPrivate: true, loopbackNameserverPort, ...changes });
  }
}

/** The three servers share one port, as in the world they share 53. */
async function startLab(data: ZoneData, behave: Record<number, Record<string, Behaviour>> = {}): Promise<Lab> {
  const resolver = await startDnsServer({ zones: [''], data, recursive: true });
  for (;;) {
    const first = await startDnsServer({ zones: ['bakery.test'], data, behave: behave[0] ?? {} });
    try {
      const second = await startDnsServer({
        zones: ['bakery.test'],
        data,
        address: '127.0.0.2',
        port: first.port,
        behave: behave[1] ?? {},
      });
      const third = await startDnsServer({ zones: ['bakery.test'], data, address: '127.0.0.3', port: first.port, behave: behave[2] ?? {} });
      return new Lab(resolver, [first, second, third]);
    } catch {
      await first[Symbol.asyncDispose]();
    }
  }
}

function get(report: DomainReport, id: FindingId, subject = ''): Finding {
  const found = report.findings.find((finding) => finding.id === id && finding.subject === subject);
  assert.ok(found, `${id} ${subject} in ${report.findings.map((each) => `${each.id} ${each.subject} ${each.level}`).join(', ')}`);
  return found;
}

const levels = (report: DomainReport): string[] =>
  report.findings.filter((finding) => finding.level !== 'ok').map((finding) => `${finding.level} ${finding.id} ${finding.subject}`.trim());

test('a healthy domain has nothing to change, and every finding says who was asked', async () => {
  await using lab = await startLab(HEALTHY);
  const report = await lab.check({ now: () => new Date('2026-05-03T10:00:00Z') });
  assert.deepEqual(levels(report), []);
  assert.equal(report.delivers, true);
  assert.equal(report.checked_at, '2026-05-03T10:00:00.000Z');
  assert.equal(report.headline, 'Mail for bakery.test comes here, and all is well');
  for (const finding of report.findings) assert.ok(finding.asked.length > 0, `${finding.id} names whom it asked`);
  const keys = report.findings.map((finding) => `${finding.id} ${finding.subject}`);
  assert.equal(new Set(keys).size, keys.length, 'id and subject are unique');
  assert.deepEqual(
    report.mx.map((row) => [row.order, row.preference, row.host, row.here, row.word]),
    [['First', 10, 'mail.host.test', true, 'Here']],
  );
  assert.deepEqual(
    report.line.map((station) => `${station.id} ${station.state}`),
    ['name ok', 'mx ok', 'port25 off', 'tls off', 'spf ok', 'dkim ok', 'dmarc ok', 'blocklists off', 'autoconfig ok'],
  );
});

test('one of three name servers lies about the MX record: it is caught and named', async () => {
  for (const liar of [0, 1, 2]) {
    await using lab = await startLab(HEALTHY, { [liar]: { 'MX bakery.test': { lie: ['5 mail.thief.test'] } } });
    const report = await lab.check();
    const finding = get(report, 'nameservers-agree', 'MX');
    assert.equal(finding.level, 'fail');
    assert.equal(finding.title, `ns${liar + 1}.bakery.test gives out another MX record than the other name servers`);
    assert.match(finding.found, new RegExp(`ns${liar + 1}\\.bakery\\.test \\(127\\.0\\.0\\.${liar + 1}:\\d+\\): 5 mail\\.thief\\.test`));
    assert.match(finding.expected, /^10 mail\.host\.test, as ns\d\.bakery\.test and ns\d\.bakery\.test have it$/);
    assert.deepEqual(
      finding.asked,
      lab.authoritative.map((server) => server.text),
    );
    assert.equal(report.delivers, false, 'a third of the senders ask the liar');
    assert.equal(report.headline, 'Some mail for bakery.test goes to another server');
    assert.equal(report.line[0]?.state, 'fail');
  }
});

test('a name server that has no MX record at all is a liar too, one that only adds a backup still delivers', async () => {
  await using empty = await startLab(HEALTHY, { 1: { 'MX bakery.test': 'nodata' } });
  assert.equal((await empty.check()).delivers, false);
  await using more = await startLab(HEALTHY, { 1: { 'MX bakery.test': { lie: ['10 mail.host.test', '50 backup.test'] } } });
  const report = await more.check();
  assert.equal(get(report, 'nameservers-agree', 'MX').level, 'fail');
  assert.equal(report.delivers, true);
});

test('the side with more name servers is the truth also against the resolver', async () => {
  await using lab = await startLab(HEALTHY);
  lab.resolver.data = { ...HEALTHY, 'bakery.test': { ...HEALTHY['bakery.test'], MX: ['10 old.test'] }, 'old.test': { A: ['127.9.9.9'] } };
  const report = await lab.check();
  assert.equal(get(report, 'nameservers-agree', 'MX').level, 'ok');
  const stale = get(report, 'resolver-agrees', 'MX');
  assert.equal(stale.level, 'warn');
  assert.equal(stale.found, 'Our resolver: 10 old.test; the name servers: 10 mail.host.test');
  assert.equal(report.delivers, true, 'what the name servers say counts, memories fade');
  assert.equal(get(report, 'mx-here').level, 'ok');
});

test('a lie that the resolver has fallen for is told from the truth', async () => {
  for (const lie of ['nxdomain', 'nodata'] as const) {
    await using lab = await startLab(HEALTHY, { 2: { 'MX bakery.test': lie } });
    lab.resolver.behave = { 'MX bakery.test': lie };
    const report = await lab.check();
    assert.match(get(report, 'nameservers-agree', 'MX').title, /^ns3\.bakery\.test gives out another MX record/);
    assert.match(get(report, 'nameservers-agree', 'MX').found, /our resolver was told: no such (?:name|record)$/);
    assert.equal(get(report, 'mx-here').level, 'ok');
    assert.equal(report.delivers, false);
  }
});

test('a tie between two name servers names both and calls neither the truth', async () => {
  const two: ZoneData = { ...HEALTHY, 'bakery.test': { ...HEALTHY['bakery.test'], NS: ['ns1.bakery.test', 'ns2.bakery.test'] } };
  await using lab = await startLab(two, { 1: { 'MX bakery.test': { lie: ['5 mail.thief.test'] } } });
  const finding = get(await lab.check(), 'nameservers-agree', 'MX');
  assert.equal(finding.title, 'The name servers of bakery.test contradict each other about the MX record');
  assert.match(finding.found, /ns1.*10 mail\.host\.test; ns2.*5 mail\.thief\.test/);
});

test('silent, failing and unknowing name servers are named and no reason to doubt the records', async () => {
  await using lab = await startLab(HEALTHY, { 0: { '*': 'silent' }, 1: { '*': 'servfail' } });
  const report = await lab.check();
  const finding = get(report, 'nameservers-answer');
  assert.equal(finding.level, 'warn');
  assert.equal(finding.title, 'ns1.bakery.test and ns2.bakery.test do not answer for bakery.test');
  assert.match(finding.found, /ns1\.bakery\.test \([^)]*\): no answer in time; ns2\.bakery\.test \([^)]*\): the name server failed/);
  assert.equal(get(report, 'nameservers-agree', 'MX').level, 'ok');
  assert.equal(report.delivers, true);
});

test('a domain that does not exist fails with one finding, a resolver that fails leaves all unknown', async () => {
  await using lab = await startLab(HEALTHY);
  const gone = await lab.check({ domain: 'nobody.test' });
  assert.deepEqual(levels(gone), ['fail domain-exists']);
  assert.equal(gone.delivers, false);
  lab.resolver.behave = { '*': 'servfail' };
  const unknown = await lab.check();
  assert.equal(unknown.delivers, null);
  assert.deepEqual([...new Set(unknown.findings.map((finding) => finding.level))], ['unknown']);
  assert.equal(unknown.headline, 'Where mail for bakery.test goes could not be found out');
  lab.resolver.behave = { '*': 'silent' };
  assert.equal((await lab.check()).delivers, null);
});

test('a check ends at its deadline, whatever the name servers do', async () => {
  await using lab = await startLab(HEALTHY);
  lab.resolver.behave = { 'TXT bakery.test': 'silent', 'A autoconfig.bakery.test': 'silent' };
  const report = await lab.check({ signal: AbortSignal.timeout(100) });
  assert.equal(get(report, 'spf').level, 'unknown');
});

test('in a trial without any records the report says what to publish and cries no wolf', async () => {
  await using lab = await startLab({ 'bakery.test': { NS: ['ns1.bakery.test'] }, 'ns1.bakery.test': { A: ['127.0.0.1'] } });
  const report = await lab.check();
  assert.deepEqual(levels(report), [
    'fail mx-present',
    'warn spf',
    'warn dkim ms1',
    'warn dmarc',
    'hint ptr 127.0.0.1',
    'hint ptr ::1',
    'hint autoconfig',
    'hint autodiscover',
    'hint srv _imaps._tcp',
    'hint srv _submissions._tcp',
    'hint srv _pop3s._tcp',
  ]);
  assert.deepEqual(get(report, 'mx-present').fix, { name: 'bakery.test', type: 'MX', value: '10 mail.host.test.', ttl: 3600 });
  assert.deepEqual(get(report, 'spf').fix, { name: 'bakery.test', type: 'TXT', value: 'v=spf1 mx ~all', ttl: 3600 });
});
