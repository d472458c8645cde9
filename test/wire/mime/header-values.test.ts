import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { baseSubject } from '../../../daemon/wire/mime/base-subject.ts';
import { decodeCharset } from '../../../daemon/wire/mime/charset.ts';
import { clockMsOf, parseDate } from '../../../daemon/wire/mime/date.ts';
import { decodeWords } from '../../../daemon/wire/mime/encoded-words.ts';
import { messageId, messageIds } from '../../../daemon/wire/mime/message-ids.ts';
import { parameterValue, parseStructured } from '../../../daemon/wire/mime/parameters.ts';
import { decodeTransfer } from '../../../daemon/wire/mime/transfer-encoding.ts';

test('RFC 2047 §8: encoded words', () => {
  const table: Record<string, string> = {
    '(=?ISO-8859-1?Q?a?=)': '(a)',
    '(=?ISO-8859-1?Q?a?= b)': '(a b)',
    '(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)': '(ab)',
    '(=?ISO-8859-1?Q?a_b?=)': '(a b)',
    '=?utf-8?q?=FFx?=': '\ufffdx',
    '=?utf-8?q?J=C3?= =?utf-8?Q?=B6rg?= x': 'Jörg x',
    '=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=': '日本',
    '=?utf-8*de?q?=C3=BC?=': 'ü',
    '=?no-such?q?abc?=': 'abc',
    '=?utf-8?x?abc?=': '=?utf-8?x?abc?=',
    'J\u00c3\u00b6rg': 'Jörg',
    'J\u00f6rg': 'Jörg',
  };
  for (const [value, text] of Object.entries(table)) assert.equal(decodeWords(value), text, value);
  assert.equal(decodeCharset(Buffer.from([0xe4]), 'iso-8859-1'), 'ä');
});

test('RFC 2231 §3 and §4: parameter values in pieces, charsets, and what programs write instead', () => {
  const name = (text: string): string | undefined => parameterValue(parseStructured(text).parameters, 'filename');
  assert.equal(name("attachment; filename*=utf-8'de'f%C3%BC.txt"), 'fü.txt');
  assert.equal(name('attachment; filename*0="a"; filename*1="b.txt"'), 'ab.txt');
  assert.equal(name("attachment; filename*1*=%BCc; filename*0*=utf-8''a%C3; filename*2=d"), 'aücd');
  assert.equal(name('attachment; filename="=?utf-8?q?=C3=BC?=.txt"'), 'ü.txt');
  assert.equal(name('attachment; filename=two words.txt; size=1'), 'two words.txt');
  assert.equal(name('attachment (c;omment); FileName = (x) "q;\\"z" '), 'q;"z');
  assert.equal(name('attachment'), undefined);
});

test('RFC 5322 §3.3 and §4.3: dates, obsolete years and zones', () => {
  const iso = (text: string): string | undefined => {
    const date = parseDate(text);
    return date && new Date(date.timeMs).toISOString();
  };
  assert.equal(iso('Fri, 21 Nov 1997 09:55:06 -0600'), '1997-11-21T15:55:06.000Z');
  assert.equal(iso('21 Nov 97 09:55:06 GMT'), '1997-11-21T09:55:06.000Z');
  assert.equal(iso('Thu,\r\n      13\r\n    Feb\r\n  1969\r\n 23:32\r\n   -0330 (Newfoundland Time)'), '1969-02-14T03:02:00.000Z');
  assert.equal(iso('Fri, 21 Nov 1997 09(comment):   55  :  06 -0600'), '1997-11-21T15:55:06.000Z');
  assert.equal(iso('1 Jan 24 00:00 EST'), '2024-01-01T05:00:00.000Z');
  assert.equal(iso('1 Jan 2024 00:00:60 XYZ'), '2024-01-01T00:01:00.000Z');
  assert.equal(iso('Mon, 06-May-24 10:00:00 +02:00'), '2024-05-06T08:00:00.000Z');
  assert.equal(iso('Mon, 1 Jan 2024'), '2024-01-01T00:00:00.000Z');
  assert.equal(iso('Thu, 04-Feb-1999 (comment) 01:02:03 GMT'), '1999-02-04T01:02:03.000Z');
  for (const bad of [
    '',
    'now',
    'yesterday',
    '99 Jun 2026',
    '31 Feb 2024 00:00 +0000',
    '1 Foo 2024 00:00',
    '1 Jan 2024 25:00 +0000',
    '0 Jan 2024 00:00 +0000',
    '1 Jan 2024 00:00 +0099',
    'Mon, 1',
  ]) {
    assert.equal(parseDate(bad), undefined, bad);
  }
  assert.equal(new Date(clockMsOf(parseDate('21 Nov 1997 23:55:06 -0600')!)).toISOString(), '1997-11-21T23:55:06.000Z');
});

test('RFC 5256 §2.1: base subjects', () => {
  const table: [string, string, boolean][] = [
    ['Re: hello', 'hello', true],
    ['RE : [list] Fwd: hello (fwd) (FWD) ', 'hello', true],
    ['[list] hello', 'hello', false],
    ['[only]', '[only]', false],
    ['re[2]: hello', 'hello', true],
    ['[fwd: Re: hello]', 'hello', true],
    ['=?utf-8?q?Re:_h=C3=A9?=', 'hé', true],
    ['Regards', 'Regards', false],
    ['', '', false],
    ['Re: Re:  a   b', 'a b', true],
  ];
  for (const [subject, base, isReplyOrForward] of table) assert.deepEqual(baseSubject(subject), { base, isReplyOrForward }, subject);
  const start = performance.now();
  baseSubject('[a]'.repeat(100_000));
  baseSubject('Re:'.repeat(100_000));
  assert.ok(performance.now() - start < 1_000);
});

test('RFC 5322 §3.6.4: message ids', () => {
  assert.deepEqual(messageIds('<a@b> "x" <c\r\n d@e>, <broken <f@g>'), ['a@b', 'cd@e', 'f@g']);
  assert.equal(messageId('bare@id'), 'bare@id');
  assert.equal(messageId(' '), undefined);
  assert.equal(messageIds('<a@b> '.repeat(2_000)).length, 500);
});

test('RFC 2045 §6.7 and §6.8: transfer encodings, tolerant', () => {
  const decode = (text: string, encoding: 'base64' | 'quoted-printable'): string =>
    decodeTransfer(Buffer.from(text, 'latin1'), encoding).toString('latin1');
  assert.equal(decode('SGVs\r\nbG8=\r\n', 'base64'), 'Hello');
  assert.equal(decode('SGVs!bG8', 'base64'), 'Hello');
  assert.equal(decode('QQ==\r\nQg==\r\n', 'base64'), 'AB');
  assert.equal(decode('a=20b=\r\nc =3d  \r\nd=\n e=ZZ=', 'quoted-printable'), 'a bc =\r\nd e=ZZ');
  assert.equal(decode('=C3=bc', 'quoted-printable'), '\u00c3\u00bc');
  assert.equal(decode('x  ', 'quoted-printable'), 'x');
});
