import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, networkOf } from '../../daemon/lib/ip-address.ts';

test('IPv6 counts by /64, mapped IPv4 as IPv4', () => {
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:DB8:1:2::9'));
  assert.notEqual(networkOf('2001:db8:1:2::9'), networkOf('2001:db8:1:3::9'));
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(networkOf('::1'), '::1');
});

test('loopback is told however a socket writes it', () => {
  assert.deepEqual(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback), [true, true, true, true]);
  assert.deepEqual(['192.0.2.1', '::', '', undefined].map(isLoopback), [false, false, false, false]);
});
