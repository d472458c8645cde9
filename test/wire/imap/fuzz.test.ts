import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandReader } from '../../../daemon/wire/imap/command-reader.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../../daemon/wire/imap/modified-utf7.ts';
import { parseCommand } from '../../../daemon/wire/imap/parse-command.ts';

const SEED = 20261123;
const BUDGET_MS = 1500;

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const CORPUS = [
  'a LOGIN "x" {3+}\r\nabc',
  'b SELECT "a&APw-" (QRESYNC (1 2 3:4 (5 6)))',
  'c UID FETCH 1:*,3 (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (a "b")]<0.5>) (CHANGEDSINCE 5)',
  'd SEARCH RETURN (ALL) CHARSET UTF-8 OR (NOT SEEN) TEXT {3}\r\nabc SINCE 1-Feb-2020',
  'e APPEND x (\\Seen a) "17-Jul-1996 02:44:25 -0700" ~{4+}\r\n\0abc',
  'f STORE 1 +FLAGS.SILENT (\\Deleted)',
  'g LIST (SUBSCRIBED) "" (a% "*") RETURN (STATUS (MESSAGES))',
  'h ID ("a" NIL)',
  'i AUTHENTICATE PLAIN AGEAYg==',
  'j SETQUOTA "" (STORAGE 5)',
  'k ENABLE A B',
  'l IDLE',
].map((text) => Buffer.from(`${text}\r\n`, 'latin1'));
const SPICE = [
  '{',
  '}',
  '(',
  ')',
  '"',
  '\\',
  '\r\n',
  '\n',
  '\0',
  ' ',
  '*',
  '$',
  ':',
  ',',
  '[',
  ']',
  '<',
  '{5}',
  '{99999999999}',
  '{2+}\r\n',
  '~{',
  '\xff',
  '&',
  '4294967296',
  'UID ',
];

function mutate(random: () => number, source: Buffer): Buffer {
  let bytes = Buffer.from(source);
  for (let round = Math.floor(random() * 4); round >= 0; round--) {
    const at = Math.floor(random() * bytes.length);
    const kind = Math.floor(random() * 4);
    const spice = Buffer.from(SPICE[Math.floor(random() * SPICE.length)] as string, 'latin1');
    if (kind === 0) bytes = Buffer.concat([bytes.subarray(0, at), spice, bytes.subarray(at)]);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 5))]);
    else if (kind === 2 && bytes.length > 0) bytes[at] = Math.floor(random() * 256);
    else bytes = Buffer.concat([bytes, CORPUS[Math.floor(random() * CORPUS.length)] as Buffer]);
  }
  return bytes;
}

test('RFC 9051 §9: mutated commands never crash, hang or outgrow the limits, and chunking changes nothing', () => {
  const random = generator(SEED);
  const until = performance.now() + BUDGET_MS;
  const limits = { lineBytes: 400, droppedBytes: 2000, literals: 5 };
  let commands = 0;
  while (performance.now() < until) {
    const bytes = mutate(random, CORPUS[Math.floor(random() * CORPUS.length)] as Buffer);
    const whole = run(bytes, bytes.length);
    const split = run(bytes, 1 + Math.floor(random() * 9));
    assert.deepEqual(split, whole, JSON.stringify(bytes.toString('latin1')));
    commands += whole.length;
  }
  assert.ok(commands > 1000, `only ${commands} commands`);

  function run(bytes: Buffer, chunkBytes: number): string[] {
    const reader = new CommandReader(limits, ({ sizeBytes }) => (sizeBytes > 300 ? { status: 'NO', code: null, text: 'big' } : null));
    const seen: string[] = [];
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      reader.push(Buffer.from(bytes.subarray(at, at + chunkBytes)));
      for (let event = reader.next(); event !== null; event = reader.next()) {
        if (event.type === 'refused' && event.fatal) return [...seen, 'fatal'];
        seen.push(event.type === 'frame' ? JSON.stringify(parseCommand(event.frame)) : event.type);
      }
      assert.equal(reader.next(), null);
      assert.ok(reader.bufferedBytes <= bytes.length);
    }
    return seen;
  }
});

test('RFC 3501 §5.1.3: what decodes encodes to itself', () => {
  const random = generator(SEED);
  const alphabet = '&-,+AJjPwüab/2D3eAA';
  const until = performance.now() + 300;
  while (performance.now() < until) {
    let text = '';
    for (let length = Math.floor(random() * 12); length >= 0; length--) text += alphabet.charAt(Math.floor(random() * alphabet.length));
    const name = decodeModifiedUtf7(text);
    if (name !== null) assert.equal(encodeModifiedUtf7(name), text);
    assert.equal(decodeModifiedUtf7(encodeModifiedUtf7(text)), text);
  }
});
