import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseAddress } from '../../../daemon/wire/address/mailbox.ts';
import { hasBareLineEnding, LineScanner } from '../../../daemon/wire/smtp/line-scan.ts';
import {
  decodeXtext,
  encodeUtf8Address,
  encodeXtext,
  parseEnvelopeId,
  parseNotify,
  parseOriginalRecipient,
  parseParameters,
  parseReturn,
} from '../../../daemon/wire/smtp/parameters.ts';
import { type Hop, receivedHeader, returnPathHeader } from '../../../daemon/wire/smtp/received.ts';
import { formatReply, reply } from '../../../daemon/wire/smtp/reply.ts';
import { random } from '../random.ts';

test('RFC 5321 §4.2 and RFC 2034 §4: replies, one line and several', () => {
  assert.equal(formatReply(reply(550, '1.1', 'No such user')), '550 5.1.1 No such user\r\n');
  assert.equal(formatReply(reply(354, '0.0', 'Go ahead')), '354 Go ahead\r\n');
  assert.equal(formatReply(reply(250, '0.0', 'one\ntwo\rx')), '250-2.0.0 one\r\n250 2.0.0 two x\r\n');
  const long = formatReply(reply(451, '3.0', 'word '.repeat(300)));
  for (const line of long.trimEnd().split('\r\n')) assert.ok(line.length <= 510 && line.startsWith('451'));
  assert.equal(
    long
      .replace(/451[- ]4\.3\.0 /g, '')
      .replace(/\s+/g, ' ')
      .trim(),
    'word '.repeat(300).trim(),
  );
});

test('RFC 5321 §4.1.2: ESMTP parameters', () => {
  assert.deepEqual(
    [...(parseParameters(' size=100 BODY=8BITMIME SMTPUTF8') ?? [])],
    [
      ['SIZE', '100'],
      ['BODY', '8BITMIME'],
      ['SMTPUTF8', true],
    ],
  );
  assert.equal(parseParameters('')?.size, 0);
  for (const bad of [' SIZE=1 SIZE=2', ' -X=1', ' A=', ' A=b=c', ' A=\t', ' Ä=1']) assert.equal(parseParameters(bad), undefined, bad);
});

test('RFC 3461 §4: xtext and the values of DSN parameters', () => {
  assert.equal(decodeXtext('a+2Bb+3D'), 'a+b=');
  assert.equal(encodeXtext('a+b= c'), 'a+2Bb+3D+20c');
  assert.equal(encodeXtext('ü'), '+C3+BC');
  for (const bad of ['+', '+2b', 'a b', 'a=b', 'ü']) assert.equal(decodeXtext(bad), undefined, bad);
  assert.deepEqual(parseNotify('NEVER'), []);
  assert.deepEqual(parseNotify('success,FAILURE'), ['success', 'failure']);
  for (const bad of ['NEVER,DELAY', '', 'x', 'DELAY,DELAY']) assert.equal(parseNotify(bad), undefined, bad);
  assert.equal(parseOriginalRecipient('rfc822;a+2Bb@c.test'), 'rfc822;a+b@c.test');
  assert.equal(parseOriginalRecipient('utf-8;\\x{FC}@c.test'), 'utf-8;ü@c.test');
  assert.equal(encodeUtf8Address('ü+@c.test'), '\\x{FC}\\x{2B}@c.test');
  for (const bad of ['a@b', ';x', 'rfc822;', 'rfc822;a+0D+0Ab', 'utf-8;\\x{D800}', 'utf-8;\\y'])
    assert.equal(parseOriginalRecipient(bad), undefined, bad);
  assert.equal(parseReturn('hdrs'), 'headers');
  assert.equal(parseReturn('x'), undefined);
  assert.equal(parseEnvelopeId('QQ+3D'), 'QQ=');
  assert.equal(parseEnvelopeId('a+0D'), undefined);
});

const HOP: Hop = {
  helo: 'mx.example.net',
  remoteAddress: '192.0.2.7',
  remoteName: 'out.example.net',
  by: 'mail.example.com',
  isExtended: true,
  isAuthenticated: false,
  isUtf8: false,
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  id: '4f2c',
  for: parseAddress('bob@example.com'),
  timeMs: Date.UTC(2024, 4, 6, 8, 0, 0),
  zoneMinutes: 120,
};

test('RFC 5321 §4.4: Received, folded, and a HELO that cannot break out', () => {
  assert.equal(
    receivedHeader(HOP),
    'Received: from mx.example.net (out.example.net [192.0.2.7])\r\n\tby mail.example.com with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n\tid 4f2c for <bob@example.com>; Mon, 6 May 2024 10:00:00 +0200\r\n',
  );
  const evil = receivedHeader({
    ...HOP,
    helo: 'x) \r\nSubject: y',
    remoteAddress: '2001:db8::1',
    remoteName: undefined,
    for: undefined,
    tls: undefined,
    isExtended: false,
  });
  assert.equal(
    evil,
    'Received: from [IPv6:2001:db8::1] (helo=x????Subject:?y [IPv6:2001:db8::1])\r\n\tby mail.example.com with SMTP id 4f2c; Mon, 6 May 2024 10:00:00 +0200\r\n',
  );
  assert.match(
    receivedHeader({ ...HOP, isAuthenticated: true, isUtf8: true, remoteAddress: undefined, remoteName: undefined, helo: '[127.0.0.1]' }),
    /^Received: from \[127\.0\.0\.1\] by mail\.example\.com with UTF8SMTPSA/,
  );
  assert.equal(returnPathHeader(''), 'Return-Path: <>\r\n');
});

test('RFC 5321 §2.3.8: bare line ends, NUL, long lines and 8-bit, cut into chunks anywhere', () => {
  const { next, pick } = random(5);
  const bits = ['\r\n', '\r\n', 'text', 'x', '\r', '\n', '\0', '\u00e9', 'y'.repeat(500)];
  for (let round = 0; round < 3_000; round++) {
    let text = '';
    for (let count = next(12); count >= 0; count--) text += pick(bits);
    const raw = Buffer.from(text, 'latin1');
    const scanner = new LineScanner();
    for (let at = 0; at < raw.length; ) {
      const size = 1 + next(6) * next(200);
      scanner.write(raw.subarray(at, at + size));
      at += size;
    }
    scanner.end();
    const { hasBareCr, hasBareLf, hasNul, has8bit, hasLongLine } = scanner;
    assert.deepEqual(
      [hasBareCr, hasBareLf, hasNul, has8bit],
      [/\r(?!\n)/.test(text), /(?<!\r)\n/.test(text), text.includes('\0'), text.includes('\u00e9')],
      JSON.stringify(text),
    );
    if (!hasBareCr)
      assert.equal(
        hasLongLine,
        text.split(/\r?\n/).some((line) => line.length > 998),
        JSON.stringify(text),
      );
  }
  assert.equal(hasBareLineEnding(Buffer.from('a\r\nb\r\n')), false);
  assert.equal(hasBareLineEnding(Buffer.from('a\nb\r\n')), true);
  assert.equal(hasBareLineEnding(Buffer.from('a\r')), true);
});
