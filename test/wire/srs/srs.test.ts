import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseDomain } from '../../../daemon/wire/address/domain.ts';
import { parseAddress, parseMailbox } from '../../../daemon/wire/address/mailbox.ts';
import type { Address } from '../../../daemon/wire/ids.ts';
import { isSrs, srsDecode, srsEncode } from '../../../daemon/wire/srs/srs.ts';

const DAY_MS = 86_400_000;
const key = Buffer.from('a key of our own');
const domain = parseDomain('ours.test')!;
const timeMs = Date.UTC(2024, 4, 6);
const encode = (text: string, at = timeMs): Address => srsEncode(parseMailbox(text)!.address, { key, domain, timeMs: at })!;
const decode = (address: string, at = timeMs) => srsDecode(parseAddress(address)!, { key, timeMs: at, validDays: 14 });

test('sender rewriting: there and back, whatever the case became', () => {
  for (const text of ['ann@example.com', 'a=b+c@example.com', '"a b"@example.com', 'jürgen@example.com', 'x@[192.0.2.1]']) {
    const sent = encode(text);
    assert.match(sent, /^"?SRS0=[a-z2-7]{6}=[a-z2-7]{2}=/, text);
    assert.equal(isSrs(sent), true);
    assert.deepEqual(decode(sent), { kind: 'address', address: text }, text);
  }
  assert.deepEqual(decode(encode('ann@example.com').toLowerCase()), { kind: 'address', address: 'ann@example.com' });
  assert.deepEqual(decode(encode('ann@example.com').toUpperCase()), { kind: 'address', address: 'ANN@example.com' });
});

test('sender rewriting: chains go back to the first forwarder', () => {
  const first = 'SRS0=HHHH=TT=origin.test=ann@first.test';
  const second = encode(first);
  assert.match(second, /^SRS1=[a-z2-7]{6}=first\.test==HHHH=TT=origin\.test=ann@ours\.test$/);
  assert.deepEqual(decode(second), { kind: 'address', address: first });
  const third = encode('SRS1=GGGG=first.test==HHHH=TT=origin.test=ann@second.test');
  assert.match(third, /^SRS1=[a-z2-7]{6}=first\.test==HHHH=TT=origin\.test=ann@ours\.test$/);
  assert.deepEqual(decode(third), { kind: 'address', address: first });
});

test('sender rewriting: forged, old and malformed ones are refused', () => {
  const sent = encode('ann@example.com');
  assert.equal(decode(sent.replace('=ann@', '=bob@')).kind, 'forged');
  assert.equal(decode(sent.replace(/^SRS0=./, 'SRS0=8')).kind, 'malformed');
  assert.equal(decode(sent, timeMs + 14 * DAY_MS).kind, 'address');
  assert.equal(decode(sent, timeMs + 15 * DAY_MS).kind, 'expired');
  assert.equal(decode(sent, timeMs - DAY_MS).kind, 'address');
  assert.equal(decode(sent, timeMs - 2 * DAY_MS).kind, 'expired');
  assert.equal(decode('ann@ours.test').kind, 'foreign');
  assert.equal(decode('SRS0=x@ours.test').kind, 'malformed');
  assert.equal(srsDecode(sent, { key: Buffer.from('another'), timeMs, validDays: 14 }).kind, 'forged');
});

test('RFC 5321 §4.5.3.1.1: what would be too long is not rewritten', () => {
  assert.equal(srsEncode(parseAddress(`${'a'.repeat(120)}@example.com`)!, { key, domain, timeMs }), undefined);
});
