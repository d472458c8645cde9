import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseDomain } from '../../../daemon/wire/address/domain.ts';
import {
  displayAddress,
  domainOf,
  joinAddress,
  lookupKey,
  parseAddress,
  parseMailbox,
  parsePath,
  splitSubaddress,
} from '../../../daemon/wire/address/mailbox.ts';

test('RFC 5321 §4.1.2: mailboxes and their normal form', () => {
  const table: Record<string, string> = {
    'Fred.Foo@Example.COM': 'Fred.Foo@example.com',
    '"Fred"@example.com': 'Fred@example.com',
    '"Fred Foo"@example.com': '"Fred Foo"@example.com',
    '"a\\"b\\\\c"@example.com': '"a\\"b\\\\c"@example.com',
    '"a@b"@example.com': '"a@b"@example.com',
    '"a..b"@example.com': '"a..b"@example.com',
    'x@[192.0.2.1]': 'x@[192.0.2.1]',
    'x@[IPv6:2001:DB8::1]': 'x@[IPv6:2001:db8::1]',
    'jürgen@bücher.example': 'jürgen@xn--bcher-kva.example',
    '""@example.com': '""@example.com',
  };
  for (const [text, address] of Object.entries(table)) assert.equal(parseMailbox(text)?.address, address, text);
});

test('RFC 5321 §4.1.2: malformed mailboxes are refused', () => {
  const bad = [
    '',
    'a',
    '@b.com',
    'a@',
    'a@b@c.com',
    '.a@b.com',
    'a.@b.com',
    'a..b@c.com',
    'a b@c.com',
    '"a@b.com',
    '"a"b@c.com',
    'a@[1.2.3]',
    'a@[IPv6:zz]',
    'a@[1.2.3.4',
    'a@b.com.',
    'a\u0000@b.com',
    '"a\r\nb"@c.com',
    `${'a'.repeat(129)}@b.com`,
    '\ud800@b.com',
    'a@1.2.3.4',
  ];
  for (const text of bad) assert.equal(parseMailbox(text), undefined, JSON.stringify(text));
});

test('RFC 5321 §4.1.1.3: paths, the null path, Postmaster and dropped source routes', () => {
  assert.deepEqual(parsePath('<> SIZE=1'), { path: { kind: 'null' }, rest: ' SIZE=1' });
  assert.deepEqual(parsePath('<POSTmaster>'), { path: { kind: 'postmaster' }, rest: '' });
  const routed = parsePath('<@a.example,@b.example:joe@c.example> BODY=8BITMIME');
  assert.equal(routed?.path.kind === 'mailbox' && routed.path.mailbox.address, 'joe@c.example');
  assert.equal(routed?.rest, ' BODY=8BITMIME');
  const quoted = parsePath('<"a>b"@c.example>');
  assert.equal(quoted?.path.kind === 'mailbox' && quoted.path.mailbox.local, 'a>b');
  for (const text of ['joe@c.example', '<joe@c.example', '<joe>', '<joe@c.example>x', '<@a:joe>', '<@a,b:joe@c.example>']) {
    assert.equal(parsePath(text), undefined, text);
  }
});

test('RFC 6530 §10.1: our own addresses compare in lower case and NFC', () => {
  assert.equal(lookupKey(parseAddress('J\u006f\u0308rg@Example.com')!), 'j\u00f6rg@example.com');
  assert.equal(parseAddress('x@[192.0.2.1]'), undefined);
  assert.equal(domainOf(parseMailbox('x@[192.0.2.1]')!.address), undefined);
  assert.equal(domainOf(parseAddress('"a@b"@Example.com')!), 'example.com');
});

test('RFC 5233 §4: subaddresses', () => {
  const split = (text: string) => splitSubaddress(parseAddress(text)!);
  assert.deepEqual(split('ann+news@example.com'), { base: 'ann@example.com', detail: 'news' });
  assert.deepEqual(split('ann+a+b@example.com'), { base: 'ann@example.com', detail: 'a+b' });
  assert.deepEqual(split('ann+@example.com'), { base: 'ann@example.com', detail: '' });
  assert.deepEqual(split('+ann@example.com'), { base: '+ann@example.com', detail: undefined });
  assert.deepEqual(split('"ann x+ b"@example.com'), { base: '"ann x"@example.com', detail: ' b' });
});

test('RFC 6531 §3.3: non-ASCII local parts say so, and domains are shown in U-labels', () => {
  assert.equal(parseMailbox('jürgen@example.com')?.needsUtf8, true);
  assert.equal(parseMailbox('j@bücher.example')?.needsUtf8, false);
  assert.equal(displayAddress(parseAddress('j@bücher.example')!), 'j@bücher.example');
  assert.equal(joinAddress('a b', parseDomain('example.com')!), '"a b"@example.com');
});
