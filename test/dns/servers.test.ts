import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnroutedAddress } from '../../daemon/dns/address-kind.ts';
import { normalAddress, normalName, reverseName } from '../../daemon/dns/names.ts';
import { chooseServers, isLoopbackServer, parseServers, serversFromResolvConf, serverText } from '../../daemon/dns/servers.ts';

test('servers are read with and without port, IPv6 in brackets', () => {
  assert.deepEqual(parseServers('127.0.0.1:5353, 192.0.2.1 [::1]:54 [::1] 2001:db8::1').map(serverText), [
    '127.0.0.1:5353',
    '192.0.2.1:53',
    '[::1]:54',
    '[::1]:53',
    '[2001:db8::1]:53',
  ]);
  for (const bad of ['localhost', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:99999', '[::1]x', '[::1', '1.2.3']) {
    assert.throws(() => parseServers(bad), new RegExp(bad.replace(/[[\].]/g, '\\$&')), bad);
  }
});

test('resolv.conf names the servers when none are configured, loopback when it names none', () => {
  const text = 'search example.test\n# nameserver 192.0.2.9\nnameserver 192.0.2.1\n  nameserver\t::1 \nnameserver nonsense\n';
  assert.deepEqual(serversFromResolvConf(text).map(serverText), ['192.0.2.1:53', '[::1]:53']);
  assert.deepEqual(chooseServers([], () => '').map(serverText), ['127.0.0.1:53']);
  assert.deepEqual(chooseServers(['127.0.0.1:5300', '::1'], () => text).map(serverText), ['127.0.0.1:5300', '[::1]:53']);
  assert.deepEqual(
    ['127.0.0.1', '127.1.2.3', '::1', '192.0.2.1'].map((address) => isLoopbackServer({ address, port: 53 })),
    [true, true, true, false],
  );
});

test('RFC 3596 §2.5: names for looking up backwards', () => {
  assert.equal(reverseName('192.0.2.10'), '10.2.0.192.in-addr.arpa');
  assert.equal(reverseName('2001:db8::1'), `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  assert.equal(reverseName('::'), `${'0.'.repeat(32)}ip6.arpa`);
  assert.equal(reverseName('::ffff:192.0.2.10'), '10.2.0.192.in-addr.arpa');
  assert.equal(reverseName('mail.test'), undefined);
});

test('RFC 5952: one spelling for each address', () => {
  assert.equal(normalAddress('2001:DB8:0:0::0:1'), '2001:db8::1');
  assert.equal(normalAddress('::ffff:7f00:1'), '127.0.0.1');
  assert.equal(normalAddress('fe80::1%eth0'), 'fe80::1');
  assert.equal(normalAddress('1.2.3'), undefined);
  assert.equal(isUnroutedAddress('::ffff:127.0.0.1'), true);
  assert.equal(isUnroutedAddress('192.0.2.1'), false);
  assert.equal(isUnroutedAddress('2001:db8::1'), false);
});

test('RFC 1035 §2.3.4: normal names', () => {
  assert.equal(normalName('MAIL.Example.Test.'), 'mail.example.test');
  assert.equal(normalName('_dmarc.bücher.test'), '_dmarc.xn--bcher-kva.test');
  assert.equal(normalName('０x7f.1'), undefined, 'full-width digits do not become an address');
});
