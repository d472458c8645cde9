import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flat } from '../../daemon/cli/flat.ts';
import { nearest } from '../../daemon/cli/nearest.ts';
import { countText, sizeText, table, terminalFor } from '../../daemon/cli/terminal.ts';

const plain = terminalFor({ isTTY: false }, {});
const styled = terminalFor({ isTTY: true }, {});

test('columns line up, styles take no room, nothing stands after the last character', () => {
  const rows = [
    { name: 'märta', bytes: 12 },
    { name: 'tom', bytes: 1_234 },
  ];
  const columns = [
    { title: 'Name', cell: (row: (typeof rows)[0]) => row.name },
    { title: 'Used', cell: (row: (typeof rows)[0]) => String(row.bytes), align: 'right' as const },
    { title: '', cell: () => '' },
  ];
  assert.equal(table(rows, columns, plain), 'Name   Used\nmärta    12\ntom    1234');
  const coloured = table(rows, [{ title: 'Name', cell: (row) => styled.good(row.name) }, ...columns.slice(1)], plain);
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), table(rows, columns, plain));
});

test('styles only where a person reads and wants them', () => {
  assert.equal(plain.bold('x'), 'x');
  assert.notEqual(styled.bold('x'), 'x');
  assert.equal(terminalFor({ isTTY: true }, { NO_COLOR: '1' }).bold('x'), 'x');
  assert.equal(terminalFor({ isTTY: true }, { TERM: 'dumb' }).bold('x'), 'x');
});

test('sizes and counts in words', () => {
  assert.deepEqual([0, 1_023, 1_024, 1_536, 5 * 1024 ** 3, 150.4 * 1024 ** 2, null].map(sizeText), [
    '0 B',
    '1023 B',
    '1 KB',
    '1.5 KB',
    '5 GB',
    '150 MB',
    'unlimited',
  ]);
  assert.deepEqual(
    [0, 1, 2].map((count) => countText(count, 'message')),
    ['no messages', '1 message', '2 messages'],
  );
});

test('answers become flat objects with snake_case names', () => {
  assert.deepEqual(
    flat({
      id: 7,
      createdAt: 'T',
      nextAttemptMs: 0,
      receivedAtMs: 1_000,
      oldestMs: null,
      customer: { id: '1', name: 'N' },
      targets: ['a', 'b'],
      quotaBytes: null,
      left: undefined,
    }),
    {
      id: '7',
      created_at: 'T',
      next_attempt_at: '1970-01-01T00:00:00.000Z',
      received_at: '1970-01-01T00:00:01.000Z',
      oldest_at: null,
      customer_id: '1',
      customer_name: 'N',
      targets: 'a,b',
      quota_bytes: null,
    },
  );
});

test('the nearest word, if one is near', () => {
  const words = ['account', 'address', 'domain', 'queue', 'track'];
  assert.equal(nearest('acount', words), 'account');
  assert.equal(nearest('qeueu', words), undefined);
  assert.equal(nearest('uqeue', words), 'queue');
  assert.equal(nearest('dom', words), 'domain');
  assert.equal(nearest('x', words), undefined);
});
