import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataReader } from '../../../daemon/mta/receive/data-reader.ts';
import { MemoryBudget } from '../../../daemon/mta/receive/memory-budget.ts';
import { random } from '../../wire/random.ts';

const FUZZ_MS = 400;

interface Read {
  readonly content: string;
  readonly fault: string;
  /** Octets behind the end, or undefined when it never came. */
  readonly rest: number | undefined;
  readonly isEightBit: boolean;
}

function read(wire: Buffer, cuts: readonly number[], limit = 1_000_000): Read {
  const memory = new MemoryBudget(10_000_000);
  const reader = new DataReader(limit, memory);
  let from = 0;
  let rest: number | undefined;
  for (const to of [...cuts, wire.length]) {
    const end = reader.push(wire.subarray(from, to));
    if (end >= 0) {
      rest = wire.length - from - end;
      break;
    }
    from = to;
  }
  const { isEightBit, fault } = reader;
  const content = Buffer.concat(reader.take().parts).toString('latin1');
  reader.release();
  assert.equal(memory.takenBytes, 0);
  return { content, fault, rest, isEightBit };
}

/** What RFC 5321 §4.5.2 says, without any regard for speed. */
function expected(wire: string): Read {
  const end = wire.startsWith('.\r\n') ? 0 : wire.indexOf('\r\n.\r\n') + 2;
  const isEnded = end === 0 || end > 1;
  const whole = isEnded ? wire.slice(0, end) : wire;
  const rest = isEnded ? wire.length - end - 3 : undefined;
  const isBare = /(?<!\r)\n|\r(?!\n)/.test(whole);
  const fault = whole.includes('\0') ? 'nul' : isBare ? 'bare-line-end' : 'none';
  const content = fault === 'none' ? whole.replace(/^\./gm, '') : '';
  return { content, fault, rest, isEightBit: /[\x80-\xff]/.test(whole) };
}

test('RFC 5321 §4.1.1.4: only CR LF . CR LF ends the content', () => {
  for (const wire of [
    '.\r\n',
    'a\r\n.\r\nb',
    '..\r\n.\r\n',
    '.a\r\n.\r\n',
    'a\n.\n\r\n.\r\nx',
    'a\r\n.\n\r\n.\r\n',
    'a\r\n.\rb\r\n.\r\n',
    '\r\n\r\n.\r\n',
    'no end\r\n.',
    '\0\r\n.\r\n',
  ]) {
    assert.deepEqual(read(Buffer.from(wire, 'latin1'), []), expected(wire), JSON.stringify(wire));
  }
});

test('content is the same however it is cut (fuzz)', () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_123);
  const { next, pick } = random(seed);
  const pieces = ['.', '..', '\r\n', '\r\n.', '\r\n.\r\n', '\r', '\n', '\0', 'text', 'é'];
  const plain = ['.', '..', '\r\n', '\r\n.x', 'text ', 'é', 'a longer piece of text'];
  const endsAt = performance.now() + FUZZ_MS;
  let runs = 0;
  while (performance.now() < endsAt) {
    const from = runs % 2 === 0 ? pieces : plain;
    let wire = '';
    for (let count = next(40); count >= 0; count--) wire += pick(from);
    wire += '\r\n.\r\nQUIT\r\n';
    const cuts = Array.from({ length: next(10) }, () => next(wire.length)).sort((a, b) => a - b);
    const found = read(Buffer.from(wire, 'latin1'), cuts);
    const wanted = expected(wire);
    // A message with a fault keeps nothing; which of two faults is named does not matter.
    if (wanted.fault === 'none') assert.deepEqual(found, wanted, JSON.stringify({ wire, cuts, seed }));
    else assert.deepEqual([found.rest, found.fault !== 'none'], [wanted.rest, true], JSON.stringify({ wire, cuts, seed }));
    runs += 1;
  }
  assert.ok(runs > 100);
});

test('three megabytes of dots cost what three megabytes of text cost', () => {
  const dots = Buffer.from('..x\r\n'.repeat(600_000));
  const text = Buffer.from('abc\r\n'.repeat(600_000));
  const cpuOf = (wire: Buffer): number => {
    const before = process.cpuUsage();
    for (let at = 0; at < wire.length; at += 65_536) read(wire.subarray(at, at + 65_536), []);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  cpuOf(text);
  assert.ok(cpuOf(dots) < 5 * cpuOf(text) + 200);
});

test('beyond the size or the memory nothing is kept, and the end is still found', () => {
  const wire = Buffer.from(`${'x'.repeat(5_000)}\r\n.\r\nNOOP`);
  assert.deepEqual([read(wire, [2_000], 1_000).content, read(wire, [2_000], 1_000).rest], ['', 4]);
  const memory = new MemoryBudget(3_000);
  const reader = new DataReader(1_000_000, memory);
  assert.equal(reader.push(wire.subarray(0, 2_000)), -1);
  assert.equal(memory.takenBytes, 2_000);
  assert.equal(reader.push(wire.subarray(2_000)), wire.length - 2_000 - 4);
  assert.deepEqual([reader.isOutOfMemory, memory.takenBytes], [true, 0]);
});
