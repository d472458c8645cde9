import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTemporary } from '../../daemon/dns/answer.ts';
import { asNodeResolve } from '../../daemon/dns/node-resolve.ts';
import { createResolver, type ResolverSettings } from '../../daemon/dns/resolver.ts';
import type { ServerAddress } from '../../daemon/dns/servers.ts';
import { type DnsServerSettings, startDnsServer } from '../support/dns-server.ts';

const DATA = {
  'example.test': {
    MX: ['10 mx1.example.test', '20 MX2.example.test'],
    TXT: ['v=spf1 mx -all', 'x'.repeat(600)],
    NS: ['ns.example.test'],
  },
  'mx1.example.test': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
  'alias.example.test': { CNAME: ['mx1.example.test'] },
  'loop.example.test': { CNAME: ['loop2.example.test'] },
  'loop2.example.test': { CNAME: ['loop.example.test'] },
  '_25._tcp.mx1.example.test': { TLSA: ['3 1 1 00ff'] },
  '_imaps._tcp.example.test': { SRV: ['0 1 993 mail.example.test'] },
  '1.2.0.192.in-addr.arpa': { PTR: ['mx1.example.test'] },
  'null.test': { MX: ['0 .'] },
};

const upstream = (settings: Partial<DnsServerSettings> = {}) => startDnsServer({ zones: [''], data: DATA, recursive: true, ...settings });
const resolverFor = (servers: ServerAddress[], settings: Partial<ResolverSettings> = {}) =>
  createResolver({ servers, totalMs: 1_000, tryMs: 150, ...settings });

test('every type is read, names in lower case without the final dot', async () => {
  await using server = await upstream();
  const resolver = resolverFor([server]);
  const mx = await resolver.mx('Example.TEST.');
  assert.equal(mx.status, 'ok');
  assert.deepEqual(mx.records, [
    { preference: 10, exchange: 'mx1.example.test' },
    { preference: 20, exchange: 'mx2.example.test' },
  ]);
  assert.equal(mx.server, server.text);
  assert.equal(mx.ttl, 300);
  assert.deepEqual((await resolver.a('mx1.example.test')).records, ['192.0.2.1']);
  assert.deepEqual((await resolver.aaaa('mx1.example.test')).records, ['2001:db8::1']);
  assert.deepEqual((await resolver.txt('example.test')).records, ['v=spf1 mx -all', 'x'.repeat(600)]);
  assert.deepEqual((await resolver.ns('example.test')).records, ['ns.example.test']);
  assert.deepEqual((await resolver.srv('_imaps._tcp.example.test')).records, [
    { priority: 0, weight: 1, port: 993, target: 'mail.example.test' },
  ]);
  assert.deepEqual((await resolver.tlsa('_25._tcp.mx1.example.test')).records, [
    { usage: 3, selector: 1, matchingType: 1, data: Buffer.from('00ff', 'hex') },
  ]);
  assert.deepEqual((await resolver.ptr('192.0.2.1')).records, ['mx1.example.test']);
  assert.deepEqual((await resolver.mx('null.test')).records, [{ preference: 0, exchange: '.' }]);
});

test('RFC 2308 §2: NXDOMAIN and NODATA are told apart, failures are neither', async () => {
  await using server = await upstream({
    behave: {
      'A fail.test': 'servfail',
      'A bogus.test': 'bogus',
      'A refused.test': 'refused',
      'A silent.test': 'silent',
      'A refer.test': 'refer',
      'A garbage.test': {
        raw: (question) =>
          Buffer.concat([question.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0]), question.subarray(12)]),
      },
    },
  });
  const resolver = resolverFor([server]);
  const status = async (name: string) => (await resolver.a(name)).status;
  assert.equal(await status('nobody.test'), 'nxdomain');
  assert.equal(await status('example.test'), 'nodata');
  assert.equal(await status('fail.test'), 'servfail');
  assert.equal(await status('bogus.test'), 'bogus');
  assert.equal(await status('refused.test'), 'refused');
  assert.equal(await status('refer.test'), 'servfail');
  assert.equal(await status('garbage.test'), 'malformed');
  const silent = await resolver.a('silent.test');
  assert.equal(silent.status, 'timeout');
  assert.equal(isTemporary(silent), true);
  assert.equal(server.asked.filter((line) => line.startsWith('A silent.test')).length, 3);
});

test('names that DNS cannot hold are not asked for', async () => {
  await using server = await upstream();
  const resolver = resolverFor([server]);
  for (const name of ['', '.', 'a..b', `${'x'.repeat(64)}.test`, 'a b.test', `${'abc.'.repeat(70)}test`]) {
    assert.equal((await resolver.a(name)).status, 'nxdomain', name);
  }
  assert.deepEqual(server.asked, []);
  assert.equal((await resolver.a('bücher.test')).status, 'nxdomain');
  assert.deepEqual(server.asked, ['A xn--bcher-kva.test over udp']);
});

test('RFC 7766 §5: a truncated answer is asked for again over TCP', async () => {
  await using server = await upstream({ behave: { 'MX example.test': 'truncate' } });
  const answer = await resolverFor([server]).mx('example.test');
  assert.equal(answer.records.length, 2);
  assert.deepEqual(server.asked, ['MX example.test over udp', 'MX example.test over tcp']);
});

test('RFC 6891 §7: a server that does not know EDNS is asked without', async () => {
  await using server = await upstream({ behave: { 'MX example.test': 'no-edns' } });
  assert.equal((await resolverFor([server]).mx('example.test')).status, 'ok');
  assert.equal(server.asked.length, 2);
});

test('RFC 5452 §9.1: replies to another question or with another id are not taken', async () => {
  const other = (question: Buffer): Buffer => {
    const forged = Buffer.from(question);
    forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1, 0);
    forged[2]! |= 0x80;
    return forged;
  };
  const elsewhere = (question: Buffer): Buffer => {
    const forged = Buffer.from(question);
    forged[2]! |= 0x80;
    forged[13]! ^= 0x01;
    return forged;
  };
  await using server = await upstream({ behave: { 'A id.test': { raw: other }, 'A name.test': { raw: elsewhere } } });
  const resolver = resolverFor([server], { totalMs: 200 });
  assert.equal((await resolver.a('id.test')).status, 'timeout');
  assert.equal((await resolver.a('name.test')).status, 'timeout');
});

test('a label that holds a dot makes the answer malformed', async () => {
  const dotted = (question: Buffer): Buffer => {
    const end = question.indexOf(0, 12) + 5;
    const head = Buffer.from(question.subarray(0, end));
    head[2] = 0x81;
    head[3] = 0x80;
    head.writeUInt16BE(1, 6);
    head.writeUInt16BE(0, 10);
    const target = Buffer.from('\x07mx.evil\x04test\0', 'latin1');
    const record = Buffer.from([0xc0, 12, 0, 5, 0, 1, 0, 0, 1, 0, 0, target.length]);
    return Buffer.concat([head, record, target]);
  };
  await using server = await upstream({ behave: { 'CNAME dotted.test': { raw: dotted } } });
  assert.equal((await resolverFor([server]).query('dotted.test', 'CNAME')).status, 'malformed');
});

test('the next server is asked when one fails, is silent or is not there', async () => {
  await using good = await upstream();
  await using failing = await upstream({ behave: { '*': 'servfail' } });
  await using silent = await upstream({ behave: { '*': 'silent' } });
  const gone = await upstream();
  await gone[Symbol.asyncDispose]();
  for (const bad of [failing, silent, gone]) {
    const resolver = resolverFor([bad, good]);
    assert.equal((await resolver.a('mx1.example.test')).status, 'ok');
    const before = bad.asked.length;
    assert.equal((await resolver.aaaa('mx1.example.test')).status, 'ok');
    assert.equal(bad.asked.length, before, 'the server that answered is asked first from then on');
  }
});

test('a failed validation is final: a server that does not validate is not asked instead', async () => {
  await using good = await upstream();
  await using validating = await upstream({ behave: { '*': 'bogus' } });
  assert.equal((await resolverFor([validating, good]).a('mx1.example.test')).status, 'bogus');
  assert.equal(good.asked.length, 0);
});

test('RFC 1034 §3.6.2: CNAMEs are followed, in the answer and by asking again; a loop is a failure', async () => {
  await using whole = await upstream();
  await using partial = await upstream({ leaveAliases: true });
  for (const server of [whole, partial]) {
    const resolver = resolverFor([server]);
    const answer = await resolver.a('alias.example.test');
    assert.deepEqual(
      [answer.status, answer.name, answer.aliases, answer.records],
      ['ok', 'mx1.example.test', ['alias.example.test'], ['192.0.2.1']],
    );
    assert.equal((await resolver.mx('alias.example.test')).status, 'nodata');
    assert.equal((await resolver.a('loop.example.test')).status, 'servfail');
  }
});

test('answers are kept for their TTL and asked for once at a time', async () => {
  await using server = await upstream({ ttl: 60 });
  let now = 0;
  const resolver = resolverFor([server], { now: () => now });
  await Promise.all([resolver.a('mx1.example.test'), resolver.a('mx1.example.test'), resolver.a('MX1.example.test.')]);
  assert.equal(server.asked.length, 1);
  assert.deepEqual(resolver.peek('mx1.example.test', 'A')?.records, ['192.0.2.1']);
  now = 59_000;
  await resolver.a('mx1.example.test');
  assert.equal(server.asked.length, 1);
  now = 61_000;
  assert.equal(resolver.peek('mx1.example.test', 'A'), undefined);
  await resolver.a('mx1.example.test');
  assert.equal(server.asked.length, 2);
  await resolver.a('mx1.example.test', { fresh: true });
  assert.equal(server.asked.length, 3);
  await resolver.a('nobody.test');
  await resolver.a('nobody.test');
  assert.equal(server.asked.length, 4, 'RFC 2308 §5: "no such name" is kept as well');
});

test('the cache is bounded and drops the oldest', async () => {
  await using server = await upstream();
  const resolver = resolverFor([server], { maxEntries: 2 });
  await resolver.a('mx1.example.test');
  await resolver.aaaa('mx1.example.test');
  await resolver.mx('example.test');
  assert.equal(resolver.peek('mx1.example.test', 'A'), undefined);
  assert.notEqual(resolver.peek('example.test', 'MX'), undefined);
});

test('RFC 4035 §3.2.3: AD counts from a server on this machine', async () => {
  await using server = await upstream({ authenticated: true });
  assert.equal((await resolverFor([server]).a('mx1.example.test')).authenticated, true);
  await using plain = await upstream();
  assert.equal((await resolverFor([plain]).a('mx1.example.test')).authenticated, false);
});

test('a caller who gives up gets "timeout", the question goes on for others', async () => {
  await using server = await upstream({ behave: { 'A slow.test': 'silent' } });
  const resolver = resolverFor([server]);
  const patient = resolver.a('slow.test');
  const started = performance.now();
  assert.equal((await resolver.a('slow.test', { timeoutMs: 20 })).status, 'timeout');
  assert.equal((await resolver.a('slow.test', { signal: AbortSignal.abort() })).status, 'timeout');
  assert.ok(performance.now() - started < 140);
  server.behave = {};
  assert.equal((await patient).status, 'nxdomain');
});

test('one server is asked directly, without recursion and without the cache', async () => {
  await using server = await startDnsServer({ zones: ['example.test'], data: DATA, behave: { 'NS sub.example.test': 'refer' } });
  await using silent = await upstream({ behave: { '*': 'silent' } });
  const resolver = resolverFor([silent], { totalMs: 300 });
  const answer = await resolver.ask(server, 'example.test', 'MX');
  assert.deepEqual([answer.status, answer.authoritative, answer.records.length], ['ok', true, 2]);
  await resolver.ask(server, 'example.test', 'MX');
  assert.equal(server.asked.length, 2);
  assert.equal((await resolver.ask(server, 'elsewhere.test', 'MX')).status, 'refused');
  assert.equal((await resolver.ask(server, 'sub.example.test', 'NS')).status, 'lame');
  assert.equal((await resolver.ask(silent, 'example.test', 'MX')).status, 'timeout');
});

test('a thousand questions at once are bounded, answered and warn of nothing', async () => {
  await using server = await upstream();
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.message);
  process.on('warning', note);
  const resolver = resolverFor([server], { maxInFlight: 100, totalMs: 5_000, tryMs: 2_000 });
  const answers = await Promise.all(Array.from({ length: 150 }, (_, i) => resolver.a(`host${i}.test`)));
  process.off('warning', note);
  assert.equal(answers.filter((answer) => answer.status === 'nxdomain').length, 100);
  assert.equal(answers.filter((answer) => answer.status === 'timeout').length, 50);
  assert.deepEqual(warnings, []);
});

test("node's shape: records and error codes as dns.promises.resolve gives them", async () => {
  await using server = await upstream({ behave: { 'TXT fail.test': 'servfail', 'TXT silent.test': 'silent' } });
  const resolve = asNodeResolve(resolverFor([server], { totalMs: 200 }));
  assert.deepEqual(await resolve('mx1.example.test'), ['192.0.2.1']);
  assert.deepEqual(await resolve('example.test', 'TXT'), [['v=spf1 mx -all'], ['x'.repeat(600)]]);
  assert.deepEqual(await resolve('null.test', 'MX'), [{ exchange: '', priority: 0 }]);
  const code = (name: string, type: string) =>
    resolve(name, type).then(
      () => 'none',
      (error: { code: string }) => error.code,
    );
  assert.equal(await code('nobody.test', 'TXT'), 'ENOTFOUND');
  assert.equal(await code('mx1.example.test', 'TXT'), 'ENODATA');
  assert.equal(await code('fail.test', 'TXT'), 'ESERVFAIL');
  assert.equal(await code('silent.test', 'TXT'), 'ETIMEOUT');
});
