/** Against foreign name servers: nsd with signed zones, unbound validating in front of it. Left out where they are not installed. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createResolver, type Resolver } from '../../daemon/dns/resolver.ts';
import { mailRoute } from '../../daemon/dns/route.ts';

const TOOLS = ['/usr/sbin/nsd', '/usr/sbin/unbound', '/usr/bin/ldns-keygen', '/usr/bin/ldns-signzone'];
const skip = TOOLS.every((tool) => existsSync(tool)) ? false : 'nsd, unbound and ldnsutils are not installed';

const zone = (name: string): string => `$ORIGIN ${name}.
$TTL 300
@ IN SOA ns1.${name}. hostmaster.${name}. 1 3600 600 86400 300
@ IN NS ns1
ns1 IN A 127.0.0.1
@ IN MX 10 mx
mx IN A 192.0.2.1
mx IN AAAA 2001:db8::1
www IN CNAME mx
big IN TXT ${Array.from({ length: 12 }, (_, i) => `"${String(i).repeat(200).slice(0, 250)}"`).join(' ')}
_25._tcp.mx IN TLSA 3 1 1 ${'ab'.repeat(32)}
`;

let directory: string;
let nsd: ChildProcess;
let unbound: ChildProcess;
let nsdPort: number;
let resolver: Resolver;

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Signs a zone; its key-signing key becomes a trust anchor. */
function sign(name: string): string {
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  writeFileSync(join(directory, `${name}.zone`), zone(name));
  const zsk = run('ldns-keygen', '-a', 'ECDSAP256SHA256', name);
  const ksk = run('ldns-keygen', '-k', '-a', 'ECDSAP256SHA256', name);
  run('ldns-signzone', `${name}.zone`, zsk, ksk);
  return readFileSync(join(directory, `${ksk}.key`), 'utf8');
}

before(async () => {
  if (skip !== false) return;
  directory = mkdtempSync(join(tmpdir(), 'dns-'));
  const anchors = sign('signed.test') + sign('bogus.test');
  const spoiled = join(directory, 'bogus.test.zone.signed');
  writeFileSync(spoiled, readFileSync(spoiled, 'utf8').replaceAll('192.0.2.1\n', '192.0.2.66\n'));
  writeFileSync(join(directory, 'anchors.key'), anchors);
  writeFileSync(join(directory, 'unsigned.test.zone'), zone('unsigned.test'));
  nsdPort = await freePort();
  const unboundPort = await freePort();
  const zones = ['signed.test', 'bogus.test', 'unsigned.test'];
  const file = (name: string): string => `${name}.zone${name === 'unsigned.test' ? '' : '.signed'}`;
  writeFileSync(
    join(directory, 'nsd.conf'),
    `server:\n  ip-address: 127.0.0.1@${nsdPort}\n  username: ""\n  zonesdir: "${directory}"\n  database: ""\n  pidfile: "${directory}/nsd.pid"\n  xfrdfile: "${directory}/xfrd"\n  zonelistfile: "${directory}/zone.list"\n  server-count: 1\nremote-control:\n  control-enable: no\n${zones.map((name) => `zone:\n  name: ${name}\n  zonefile: ${file(name)}\n`).join('')}`,
  );
  writeFileSync(
    join(directory, 'unbound.conf'),
    `server:\n  interface: 127.0.0.1@${unboundPort}\n  username: ""\n  chroot: ""\n  directory: "${directory}"\n  pidfile: ""\n  use-syslog: no\n  do-daemonize: no\n  do-not-query-localhost: no\n  module-config: "validator iterator"\n  trust-anchor-file: "${directory}/anchors.key"\n  domain-insecure: "unsigned.test"\n  local-zone: "test." nodefault\n  ede: yes\n  num-threads: 1\nremote-control:\n  control-enable: no\n${zones.map((name) => `stub-zone:\n  name: "${name}"\n  stub-addr: 127.0.0.1@${nsdPort}\n`).join('')}`,
  );
  nsd = spawn('/usr/sbin/nsd', ['-d', '-c', join(directory, 'nsd.conf')], { stdio: 'ignore' });
  unbound = spawn('/usr/sbin/unbound', ['-d', '-c', join(directory, 'unbound.conf')], { stdio: 'ignore' });
  resolver = createResolver({ servers: [{ address: '127.0.0.1', port: unboundPort }] });
  const until = performance.now() + 10_000;
  while ((await resolver.query('unsigned.test', 'MX', { fresh: true })).status !== 'ok')
    assert.ok(performance.now() < until, 'the name servers answer within 10 s');
});

after(async () => {
  if (skip !== false) return;
  for (const child of [nsd, unbound]) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(directory, { recursive: true });
});

test('RFC 4035 §3.2.3: signed answers are authenticated, also "no", unsigned ones are not', { skip }, async () => {
  assert.equal((await resolver.mx('signed.test')).authenticated, true);
  assert.equal((await resolver.tlsa('_25._tcp.mx.signed.test')).authenticated, true);
  assert.equal((await resolver.a('www.signed.test')).authenticated, true);
  const nobody = await resolver.a('nobody.signed.test');
  assert.deepEqual([nobody.status, nobody.authenticated], ['nxdomain', true]);
  const none = await resolver.tlsa('_25._tcp.www.signed.test');
  assert.deepEqual([none.status, none.authenticated], ['nxdomain', true]);
  assert.equal((await resolver.mx('unsigned.test')).authenticated, false);
});

test('RFC 8914 §4.7: a broken signature is "bogus" and makes the route temporary', { skip }, async () => {
  const answer = await resolver.a('mx.bogus.test');
  assert.equal(answer.status, 'bogus');
  const own = { hostname: 'mail.own.test', addresses: [], smtpPort: 25 };
  const route = await mailRoute(resolver, 'bogus.test', own);
  assert.equal(route.kind === 'hosts' ? route.hosts[0]?.addresses.join() : route.kind, '2001:db8::1');
});

test('RFC 7766 §5: an answer of 2.5 KB comes over TCP, whole', { skip }, async () => {
  const answer = await resolver.txt('big.signed.test');
  assert.equal(answer.status, 'ok');
  assert.equal(answer.records[0]?.length, 10 * 200 + 2 * 250);
});

test('the authoritative server is asked directly', { skip }, async () => {
  const server = { address: '127.0.0.1', port: nsdPort };
  const answer = await resolver.ask(server, 'signed.test', 'MX');
  assert.deepEqual([answer.status, answer.authoritative, answer.authenticated], ['ok', true, false]);
  assert.equal((await resolver.ask(server, 'elsewhere.example', 'MX')).status, 'refused');
});
