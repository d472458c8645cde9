import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import { interpret } from '../../daemon/dns/interpret.ts';
import { type Question, readReply } from '../../daemon/dns/packet.ts';
import { isCleanReply } from '../../daemon/dns/wire-scan.ts';

const QUESTION: Question = { name: 'example.test', type: 'MX' };

function goodReply(): Buffer {
  return dnsPacket.encode({
    type: 'response',
    id: 7,
    flags: dnsPacket.RECURSION_AVAILABLE,
    questions: [{ name: 'example.test', type: 'MX', class: 'IN' }],
    answers: [
      { name: 'example.test', type: 'CNAME', ttl: 60, class: 'IN', data: 'other.test' },
      { name: 'other.test', type: 'MX', ttl: 60, class: 'IN', data: { preference: 10, exchange: 'mx.other.test' } },
      { name: 'other.test', type: 'TXT', ttl: 60, class: 'IN', data: [Buffer.from('one'), Buffer.from('two')] },
      { name: 'mx.other.test', type: 'A', ttl: 60, class: 'IN', data: '192.0.2.1' },
      { name: 'mx.other.test', type: 'AAAA', ttl: 60, class: 'IN', data: '2001:db8::1' },
    ],
    authorities: [{ name: 'other.test', type: 'NS', ttl: 60, class: 'IN', data: 'ns.other.test' }],
  });
}

test('RFC 1035 §4.1: a reply with any octets changed or cut is read or refused, never thrown (seeded, 500 ms)', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  const good = goodReply();
  const kinds = new Map<string, number>();
  const end = performance.now() + 500;
  for (let round = 0; round < 5_000 || performance.now() < end; round++) {
    const wire = Buffer.from(good.subarray(0, random(8) === 0 ? random(good.length) : good.length));
    for (let i = random(6); i > 0 && wire.length > 0; i--) wire[random(wire.length)] = random(256);
    const result = readReply(wire, 7, QUESTION);
    kinds.set(result.kind, (kinds.get(result.kind) ?? 0) + 1);
    if (result.kind === 'reply') interpret(result.reply, 'example.test', 'MX');
  }
  for (const kind of ['reply', 'foreign', 'malformed', 'truncated']) assert.ok((kinds.get(kind) ?? 0) > 0, kind);
});

test('RFC 1035 §4.1.4: pointers that go forward, round or out are refused', () => {
  const wire = goodReply();
  assert.equal(isCleanReply(wire), true);
  const answer = 12 + 14 + 4;
  for (const target of [answer, answer + 2, 0x3fff]) {
    const bad = Buffer.concat([wire.subarray(0, answer), Buffer.from([0xc0 | (target >> 8), target & 0xff]), wire.subarray(answer + 14)]);
    assert.equal(isCleanReply(bad), false, String(target));
  }
});

test('an A record of five octets and a TXT record that runs over are refused', () => {
  const head = Buffer.from([0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const question = Buffer.from('\x07example\x04test\0\0\x0f\0\x01', 'latin1');
  const record = (type: number, data: number[]): Buffer =>
    Buffer.concat([head, question, Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data])]);
  assert.equal(isCleanReply(record(1, [192, 0, 2, 1])), true);
  assert.equal(isCleanReply(record(1, [192, 0, 2, 1, 5])), false);
  assert.equal(isCleanReply(record(16, [2, 65, 66])), true);
  assert.equal(isCleanReply(record(16, [9, 65, 66])), false);
});
