import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { listedMailboxes, parseAddressList } from '../../../daemon/wire/address/header-list.ts';
import { parseMailbox } from '../../../daemon/wire/address/mailbox.ts';
import { random } from '../random.ts';

type Row = [string | null, string | null, string | null, string | null];
const rows = (text: string): Row[] => parseAddressList(text).map((a) => [a.name, a.route, a.mailbox, a.host]);

test('RFC 5322 appendix A.1.2: names, quoted names and comments', () => {
  assert.deepEqual(rows('"Joe Q. Public" <john.q.public@example.com>, Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>'), [
    ['Joe Q. Public', null, 'john.q.public', 'example.com'],
    ['Mary Smith', null, 'mary', 'x.test'],
    [null, null, 'jdoe', 'example.org'],
    ['Who?', null, 'one', 'y.test'],
  ]);
  assert.deepEqual(rows('<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>'), [
    [null, null, 'boss', 'nil.test'],
    ['Giant; "Big" Box', null, 'sysservices', 'example.net'],
  ]);
});

test('RFC 5322 appendix A.1.3 and RFC 9051 §7.5.2: groups have a start and an end', () => {
  assert.deepEqual(rows('A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;'), [
    [null, null, 'A Group', null],
    ['Ed Jones', null, 'c', 'a.test'],
    [null, null, 'joe', 'where.test'],
    ['John', null, 'jdoe', 'one.test'],
    [null, null, null, null],
  ]);
  assert.deepEqual(rows('Undisclosed recipients:;'), [
    [null, null, 'Undisclosed recipients', null],
    [null, null, null, null],
  ]);
});

test('RFC 5322 appendix A.5: white space and comments anywhere', () => {
  assert.deepEqual(rows('Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>'), [['Pete', null, 'pete', 'silly.test']]);
  assert.deepEqual(
    rows(
      "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n joe@example.org,\r\n John <jdoe@one.test> (my dear friend); (the end of the group)",
    ),
    [
      [null, null, 'A Group', null],
      ['Chris Jones', null, 'c', 'public.example'],
      [null, null, 'joe', 'example.org'],
      ['John', null, 'jdoe', 'one.test'],
      [null, null, null, null],
    ],
  );
});

test('RFC 5322 appendix A.6: routes, dots and spaces of old', () => {
  assert.deepEqual(rows('Joe Q. Public <john.q.public@example.com>'), [['Joe Q. Public', null, 'john.q.public', 'example.com']]);
  assert.deepEqual(rows('Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example'), [
    ['Mary Smith', '@node.test', 'mary', 'example.net'],
    [null, null, 'jdoe', 'test.example'],
  ]);
  assert.deepEqual(rows('jdoe@example.com (John Doe)'), [['John Doe', null, 'jdoe', 'example.com']]);
});

test('what is malformed still gives addresses, and never a false group', () => {
  assert.deepEqual(rows('root'), [[null, null, 'root', '']]);
  assert.deepEqual(rows('undisclosed-recipients'), [[null, null, 'undisclosed-recipients', '']]);
  assert.deepEqual(rows('a@b.c <a@b.c>, d@e.f'), [
    ['a@b.c', null, 'a', 'b.c'],
    [null, null, 'd', 'e.f'],
  ]);
  assert.deepEqual(rows('Name <user, x@y.z'), [
    ['Name', null, 'user', ''],
    [null, null, 'x', 'y.z'],
  ]);
  assert.deepEqual(rows('"open <a@b.c>'), [[null, null, 'open <a@b.c>', '']]);
  assert.deepEqual(rows('<a@b.c> trailing words, d@e.f'), [
    [null, null, 'a', 'b.c'],
    [null, null, 'd', 'e.f'],
  ]);
  assert.deepEqual(rows(''), []);
  assert.deepEqual(rows('<>'), []);
  assert.deepEqual(rows('"john doe"@x.y'), [[null, null, 'john doe', 'x.y']]);
  assert.deepEqual(rows('j@[192.0.2.1]'), [[null, null, 'j', '[192.0.2.1]']]);
  assert.deepEqual(rows('=?utf-8?q?J=C3=B6?= <j@x.y>'), [['=?utf-8?q?J=C3=B6?=', null, 'j', 'x.y']]);
  assert.deepEqual(listedMailboxes(parseAddressList('G: a@b.c, root;, d@e.f')), ['a@b.c', 'd@e.f']);
});

test('the number of addresses is bounded', () => {
  const start = performance.now();
  assert.equal(parseAddressList('a@b.c, '.repeat(100_000)).length, 5_000);
  assert.equal(parseAddressList('('.repeat(200_000)).length, 0);
  assert.ok(performance.now() - start < 2_000);
});

test('fuzz: neither parser throws or hangs', () => {
  const { next, pick } = random(20_240_501);
  const bits = [
    'a',
    '@',
    '<',
    '>',
    '"',
    '\\',
    '(',
    ')',
    ',',
    ';',
    ':',
    '[',
    ']',
    '.',
    ' ',
    '\r\n ',
    'b.c',
    'ü',
    '\u0000',
    '=?utf-8?q?x?=',
    '[IPv6:',
    '::1',
  ];
  const until = performance.now() + 1_000;
  for (let round = 0; round < 60_000 && performance.now() < until; round++) {
    let text = '';
    for (let count = next(24); count >= 0; count--) text += pick(bits);
    const found = parseAddressList(text);
    let depth = 0;
    for (const { host, mailbox } of found) {
      if (host === null) depth += mailbox === null ? -1 : 1;
      assert.ok(depth === 0 || depth === 1, text);
    }
    assert.equal(depth, 0, JSON.stringify(text));
    const mailbox = parseMailbox(text);
    if (mailbox) assert.equal(parseMailbox(mailbox.address)?.address, mailbox.address, text);
  }
});
