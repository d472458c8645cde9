import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldFilter } from '../../../daemon/access/imap/header-fields.ts';

function cut(header: string, names: readonly string[], keep = true): string {
  return fieldFilter(names, keep)(Buffer.from(header, 'latin1')).toString('latin1');
}

test('RFC 9051 §6.4.5.1: HEADER.FIELDS and HEADER.FIELDS.NOT', () => {
  const header = 'From: a\r\nTo: b\r\n c\r\nX-Y: d\r\nTO : e\r\n\r\n';
  assert.equal(cut(header, ['To']), 'To: b\r\n c\r\nTO : e\r\n\r\n');
  assert.equal(cut(header, ['to'], false), 'From: a\r\nX-Y: d\r\n\r\n');
  assert.equal(cut(header, ['none']), '\r\n');
  assert.equal(cut('A: b', ['a']), 'A: b\r\n\r\n');
  assert.equal(cut('To: b\n c\nX: d\n\nTo: body', ['to']), 'To: b\n c\n\r\n');
});
