import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandReader } from '../../../daemon/wire/imap/command-reader.ts';
import { events, frameOf, LIMITS } from './frames.ts';

test('RFC 9051 §4.3: a command with two literals is one frame, whatever the chunks', () => {
  const text = 'a LOGIN {3}\r\nfoo {4+}\r\nb"\\r\r\nb NOOP\r\n';
  for (const chunkBytes of [1, 2, 3, 7, 1000]) {
    const seen = events(text, chunkBytes);
    assert.deepEqual(
      seen.map((event) => event.type),
      ['continue', 'frame', 'frame'],
    );
    const first = seen[1];
    assert.ok(first?.type === 'frame');
    assert.deepEqual(first.frame.lines.map(String), ['a LOGIN {3}', ' {4+}', '']);
    assert.deepEqual(
      first.frame.literals.map((literal) => String(literal.bytes)),
      ['foo', 'b"\\r'],
    );
  }
});

test('RFC 9051 §4.3: an empty literal and a literal8 are literals', () => {
  const frame = frameOf('a X {0+}\r\n ~{2+}\r\n\0\0\r\n');
  assert.deepEqual(
    frame.literals.map((literal) => [literal.bytes.length, literal.binary]),
    [
      [0, false],
      [2, true],
    ],
  );
});

test('RFC 9051 §4.3: a refused synchronizing literal ends its command, the connection goes on', () => {
  const reader = new CommandReader(LIMITS, ({ sizeBytes, verb, tag }) => {
    assert.equal(verb, 'APPEND');
    assert.equal(tag, 'a');
    return sizeBytes > 10 ? { status: 'NO', code: 'TOOBIG', text: 'Too big' } : null;
  });
  reader.push(Buffer.from('a APPEND x {11}\r\nb NOOP\r\n'));
  assert.deepEqual(reader.next(), { type: 'refused', tag: 'a', fatal: false, status: 'NO', code: 'TOOBIG', text: 'Too big' });
  assert.equal(reader.next()?.type, 'frame');
});

test('RFC 7888 §4: the octets of a refused non-synchronizing literal are dropped, not obeyed', () => {
  const seen = events('a APPEND x {8+}\r\nb NOOP\r\n (\r\nc NOOP\r\n', 3, LIMITS, { status: 'BAD', code: null, text: 'No' });
  assert.deepEqual(
    seen.map((event) => event.type),
    ['refused', 'frame'],
  );
  assert.ok(seen[0]?.type === 'refused' && seen[0].tag === 'a' && !seen[0].fatal);
});

test('RFC 7888 §4: a non-synchronizing literal beyond every bound ends the connection', () => {
  const seen = events('a APPEND x {99999999999999999999999+}\r\nb', 3, LIMITS, { status: 'BAD', code: null, text: 'No' });
  assert.ok(seen[0]?.type === 'refused' && seen[0].fatal);
});

test('RFC 2683 §3.2.1.5: too long a line answers BAD with its tag and the next command is read', () => {
  for (const chunkBytes of [1, 50, 100_000]) {
    const seen = events(`tag1 NOOP ${'x'.repeat(500)}\r\nb NOOP\r\n`, chunkBytes, { ...LIMITS, lineBytes: 200 });
    assert.deepEqual(
      seen.map((event) => event.type),
      ['refused', 'frame'],
    );
    assert.ok(seen[0]?.type === 'refused' && seen[0].tag === 'tag1' && seen[0].code === 'TOOBIG' && !seen[0].fatal);
  }
});

test('RFC 7888 §4: the literal behind too long a line is not taken for commands', () => {
  const seen = events(`t NOOP ${'x'.repeat(500)} {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n`, 40, { ...LIMITS, lineBytes: 200 });
  assert.deepEqual(
    seen.map((event) => event.type),
    ['refused', 'frame'],
  );
});

test('an endless line ends the connection', () => {
  const seen = events(`t ${'x'.repeat(5000)}`, 100, { ...LIMITS, lineBytes: 200, droppedBytes: 1000 });
  assert.ok(seen[0]?.type === 'refused' && seen[0].fatal && seen[0].tag === 't');
});

test('RFC 9051 §9: NUL and bare LF in a command are refused', () => {
  for (const text of ['a NO\0OP\r\n', 'a NOOP\n']) {
    const seen = events(`${text}b NOOP\r\n`);
    assert.deepEqual(
      seen.map((event) => event.type),
      ['refused', 'frame'],
    );
    assert.ok(seen[0]?.type === 'refused' && seen[0].tag === 'a');
  }
});

test('RFC 9051 §6.2.1: what was pushed before TLS is forgotten', () => {
  const reader = new CommandReader(LIMITS, () => null);
  reader.push(Buffer.from('a STARTTLS\r\nb LOGIN x {3}\r\nfo'));
  assert.equal(reader.next()?.type, 'frame');
  reader.discard();
  reader.push(Buffer.from('c NOOP\r\n'));
  const event = reader.next();
  assert.ok(event?.type === 'frame' && String(event.frame.lines[0]) === 'c NOOP');
});

test('RFC 9051 §6.3.13: DONE is a line, and the command behind it is a frame', () => {
  const reader = new CommandReader(LIMITS, () => null);
  reader.push(Buffer.from('DONE\r\nb NOOP\r\n'));
  const done = reader.nextLine();
  assert.ok(done?.type === 'line' && String(done.line) === 'DONE');
  assert.equal(reader.next()?.type, 'frame');
});
