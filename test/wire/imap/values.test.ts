import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDateTime, parseDate, parseDateTime } from '../../../daemon/wire/imap/date-time.ts';
import { compileListPattern } from '../../../daemon/wire/imap/list-pattern.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../../daemon/wire/imap/modified-utf7.ts';
import { ResponseWriter } from '../../../daemon/wire/imap/response-writer.ts';
import { formatSet, pairsContain, resolveSet } from '../../../daemon/wire/imap/sequence-set.ts';

test('RFC 3501 §5.1.3: modified UTF-7 both ways', () => {
  const table: [string, string][] = [
    ['INBOX', 'INBOX'],
    ['Entwürfe', 'Entw&APw-rfe'],
    ['R&D', 'R&-D'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['😀', '&2D3eAA-'],
    ['&ü', '&-&APw-'],
    ['ü&', '&APw-&-'],
  ];
  for (const [name, encoded] of table) {
    assert.equal(encodeModifiedUtf7(name), encoded);
    assert.equal(decodeModifiedUtf7(encoded), name);
  }
  for (const bad of ['&', 'a&b', '&AGE-', '&Jjo', '&Jjo-&Jjo-', '&Jj-', '&Jjp-', '&2D0-', 'ü', '&/w-'])
    assert.equal(decodeModifiedUtf7(bad), null, bad);
});

test('RFC 9051 §9: sequence sets are merged, "*" is the largest, 3291:* meets it from above', () => {
  const resolve = (ranges: number[], largest: number): number[] => [
    ...resolveSet({ ranges: Uint32Array.from(ranges), saved: false }, largest),
  ];
  assert.deepEqual(resolve([5, 7, 1, 1, 2, 3, 7, 9], 100), [1, 3, 5, 9]);
  assert.deepEqual(resolve([3291, 0], 10), [10, 3291]);
  assert.deepEqual(resolve([0, 0], 0), []);
  assert.deepEqual(resolve([4294967295, 4294967295, 1, 4294967295], 5), [1, 4294967295]);
  const pairs = Uint32Array.of(1, 3, 5, 9);
  assert.deepEqual(
    [0, 1, 3, 4, 5, 9, 10].map((number) => pairsContain(pairs, number)),
    [false, true, true, false, true, true, false],
  );
  assert.equal(formatSet([1, 2, 3, 5, 7, 8, 2]), '1:3,5,7:8,2');
  assert.equal(formatSet([]), '');
});

test('RFC 9051 §6.3.9: LIST wildcards', () => {
  const table: [string, string, boolean][] = [
    ['*', 'a/b', true],
    ['%', 'a/b', false],
    ['%', 'a', true],
    ['a/%', 'a/b', true],
    ['a/%', 'a/b/c', false],
    ['a*c', 'a/b/c', true],
    ['%/%', 'a/b', true],
    ['inbox', 'INBOX', true],
    ['inbox/%', 'INBOX/x', true],
    ['inboxes', 'INBOXES', false],
    ['i%x', 'INBOX', false],
    ['', '', true],
    ['a%b%c', 'axxbyyc', true],
    ['a*%*b', 'a/x/b', true],
  ];
  for (const [pattern, name, expected] of table)
    assert.equal(compileListPattern('', pattern, '/').matches(name), expected, `${pattern} ${name}`);
  const started = performance.now();
  assert.equal(compileListPattern('', `${'*a'.repeat(200)}b`, '/').matches('a'.repeat(2000)), false);
  assert.ok(performance.now() - started < 500);
});

test('RFC 9051 §9: dates', () => {
  assert.equal(parseDateTime('17-Jul-1996 02:44:25 -0700'), 837596665);
  assert.equal(parseDateTime(' 1-Jan-1970 00:00:00 +0000'), 0);
  assert.equal(formatDateTime(837596665), '17-Jul-1996 09:44:25 +0000');
  assert.equal(formatDateTime(0), ' 1-Jan-1970 00:00:00 +0000');
  for (const bad of [
    '17-Jul-1996 02:44:25',
    '32-Jul-1996 02:44:25 -0700',
    '17-Foo-1996 02:44:25 -0700',
    '17-Jul-1996 24:44:25 -0700',
    '17-Jul-1996 02:44:25 00700',
  ]) {
    assert.equal(parseDateTime(bad), null, bad);
  }
  for (const bad of ['', '-', '1-Feb-96', '100-Feb-1996', '30-Feb-2000', '1-Feb-2000x']) assert.equal(parseDate(bad), null, bad);
  assert.equal(parseDate('29-feb-2000'), 11016);
});

test('RFC 9051 §4.3: strings go out quoted or as literals, bodies by reference', () => {
  const writer = new ResponseWriter();
  writer
    .string('a"b\\')
    .ascii(' ')
    .string('x\r\ny')
    .ascii(' ')
    .string('ü')
    .ascii(' ')
    .nstring(null)
    .ascii(' ')
    .number(0)
    .ascii(' ')
    .number(4294967295)
    .ascii(' ')
    .number(2 ** 53 - 1)
    .crlf();
  assert.equal(Buffer.concat(writer.take()).toString(), '"a\\"b\\\\" {4}\r\nx\r\ny {2}\r\nü NIL 0 4294967295 9007199254740991\r\n');
  const body = Buffer.alloc(100_000, 'x');
  writer.ascii('* 1 FETCH (BODY[] ').literal(body).ascii(')').crlf().mailbox('Entwürfe', false).ascii(' ').mailbox('Entwürfe', true);
  const chunks = writer.take();
  assert.ok(chunks.some((chunk) => chunk.buffer === body.buffer));
  assert.equal(Buffer.concat(chunks).toString(), `* 1 FETCH (BODY[] {100000}\r\n${body})\r\n"Entw&APw-rfe" "Entwürfe"`);
  assert.equal(writer.pendingBytes, 0);
});
