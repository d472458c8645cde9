import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { authenticationResultsHeader, claimsToBe } from '../../../daemon/wire/authres/authentication-results.ts';

test('RFC 8601 §2.2: results, folded, with values that cannot end the field', () => {
  const text = authenticationResultsHeader('mail.example.com', [
    { method: 'spf', result: 'pass', comment: 'bad) \r\nX: y', properties: { 'smtp.mailfrom': 'ann@example.net', 'smtp.helo': undefined } },
    { method: 'dkim', result: 'fail', reason: 'a "b"\r\nc', properties: { 'header.d': 'example.net', 'header.s': 'a b' } },
  ]);
  const unfolded = text.replace(/\r\n\t/g, ' ');
  assert.equal(
    unfolded,
    'Authentication-Results: mail.example.com; spf=pass (bad    X: y) smtp.mailfrom=ann@example.net; dkim=fail reason="a \\"b\\"  c" header.d=example.net header.s="a b"\r\n',
  );
  for (const line of text.trimEnd().split('\r\n')) assert.ok(line.length <= 78);
  assert.equal(authenticationResultsHeader('mail.example.com', []), 'Authentication-Results: mail.example.com; none\r\n');
});

test('RFC 8601 §5: fields that claim our name are recognised in any dress', () => {
  for (const value of [
    ' mail.example.com; none',
    ' Mail.Example.COM 1; none',
    '\r\n\t(c (d)) mail.example.com(x);',
    ' "mail.example.com"; none',
    ' mail.example.com',
    ' ;none',
    '',
    ' mail.example.com. ;x',
  ]) {
    assert.equal(claimsToBe(value, 'mail.example.com'), true, value);
  }
  for (const value of [' other.example.com; mail.example.com=pass', ' xmail.example.com; none'])
    assert.equal(claimsToBe(value, 'mail.example.com'), false, value);
});

test('RFC 8616 §4: our name in U-labels is still our name', () => {
  assert.equal(claimsToBe(Buffer.from(' bücher.example; none').toString('latin1'), 'xn--bcher-kva.example'), true);
});
