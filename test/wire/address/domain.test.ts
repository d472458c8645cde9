import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { displayDomain, isHostname, parseDomain } from '../../../daemon/wire/address/domain.ts';

test('RFC 5890 §2.3.2.1: domains get one normal form', () => {
  const table: Record<string, string> = {
    'Example.COM': 'example.com',
    'example.com.': 'example.com',
    'bücher.example': 'xn--bcher-kva.example',
    'BÜCHER.example': 'xn--bcher-kva.example',
    'xn--bcher-kva.EXAMPLE': 'xn--bcher-kva.example',
    '例え。テスト': 'xn--r8jz45g.xn--zckzah',
    localhost: 'localhost',
    'a_b.example.org': 'a_b.example.org',
    '3com.com': '3com.com',
  };
  for (const [text, domain] of Object.entries(table)) assert.equal(parseDomain(text), domain, text);
});

test('RFC 1035 §2.3.4: what is no domain is refused, IP addresses in disguise too', () => {
  const bad = [
    '',
    '.',
    'a..b',
    '-a.com',
    'a-.com',
    '1.2.3.4',
    '0x7f.1',
    '0x7f',
    '127.1',
    'ex ample.com',
    'a@b.com',
    'ü%2e.com',
    'ü/b.com',
    '１２７.０.０.１',
    `${'a'.repeat(64)}.com`,
    `ü.${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
    'a.com..',
    'xn--a.example\u0000',
    'a.c_m',
    '例%41.com',
  ];
  for (const text of bad) assert.equal(parseDomain(text), undefined, JSON.stringify(text));
});

test('RFC 5890 §2.3.2.1: A-labels are shown as U-labels', () => {
  const domain = parseDomain('xn--bcher-kva.example');
  assert.ok(domain);
  assert.equal(displayDomain(domain), 'bücher.example');
  assert.equal(isHostname(domain), true);
  assert.equal(isHostname(parseDomain('a_b.example.org')!), false);
  assert.equal(isHostname(parseDomain('localhost')!), false);
});
