import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { bodyOf, bodyStructureOf } from '../../../daemon/wire/mime/body-structure.ts';
import { countLines } from '../../../daemon/wire/mime/count-lines.ts';
import { envelopeOf } from '../../../daemon/wire/mime/envelope.ts';
import { readHeaderBlock } from '../../../daemon/wire/mime/fields.ts';
import { indexMessage } from '../../../daemon/wire/mime/index-message.ts';
import type { Part } from '../../../daemon/wire/mime/part.ts';
import { packParts, partBody, type Section, sliceSection, unpackParts } from '../../../daemon/wire/mime/part-table.ts';
import { random } from '../random.ts';

/** Everything that delivery does with a message. */
const serialise = (raw: Buffer) => {
  const index = indexMessage(raw);
  return {
    headerBytes: index.root.header.end,
    envelope: envelopeOf(index),
    bodyStructure: bodyStructureOf(index),
    body: bodyOf(index),
    parts: packParts(index),
  };
};

const bytes = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
const structure = (raw: Buffer): string => bodyStructureOf(indexMessage(raw)).toString('latin1');
const envelope = (raw: Buffer): string => envelopeOf(indexMessage(raw)).toString('latin1');

test('RFC 9051 §7.5.2: the structure of a plain message', () => {
  const raw = bytes('Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n\nHello\nworld\n');
  assert.equal(structure(raw), '("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 14 2 NIL NIL NIL NIL)');
  assert.equal(bodyOf(indexMessage(raw)).toString(), '("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 14 2)');
});

test('RFC 2045 §5.2: without or with a malformed Content-Type it is text/plain in US-ASCII', () => {
  const plain = '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 2 1 NIL NIL NIL NIL)';
  assert.equal(structure(bytes('Subject: x\n\nhi')), plain);
  assert.equal(structure(bytes('Content-Type: nonsense\n\nhi')), plain);
  assert.equal(structure(bytes('')), '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)');
});

const MIXED = bytes(`From: a@b.test
Subject: outer
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="out"; x=y

preamble
--out
Content-Type: multipart/alternative; boundary=outer

--outer
Content-Type: text/plain; charset=utf-8
Content-Language: de, en

plain
--outer
Content-Type: text/html
Content-Transfer-Encoding: quoted-printable
Content-ID: <html@b.test>
Content-Description: the "rich" one
Content-Location: http://b.test/
Content-Language: de

<b>x</b>
--outer--
--out
Content-Type: message/rfc822

Subject: inner
From: Inner <in@b.test>
Content-Type: multipart/mixed; boundary=deep

--deep

deep text
--deep
Content-Type: image/png; name="p.png"
Content-Disposition: attachment; filename="p\\"q.png"; size=3
Content-Transfer-Encoding: BASE64
Content-MD5: Q2hlY2s=

AAAA
--deep--
--out--
epilogue
`);

test('RFC 9051 §7.5.2: nested multiparts, an embedded message and extension data', () => {
  assert.equal(
    structure(MIXED),
    '((("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1 NIL NIL ("de" "en") NIL)' +
      '("text" "html" NIL "<html@b.test>" "the \\"rich\\" one" "quoted-printable" 8 1 NIL NIL "de" "http://b.test/")' +
      ' "alternative" ("boundary" "outer") NIL NIL NIL)' +
      `("message" "rfc822" NIL NIL NIL "7bit" ${embedded().length} (NIL "inner" (("Inner" NIL "in" "b.test")) (("Inner" NIL "in" "b.test")) (("Inner" NIL "in" "b.test")) NIL NIL NIL NIL NIL)` +
      ' (("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 9 1 NIL NIL NIL NIL)' +
      '("image" "png" ("name" "p.png") NIL NIL "BASE64" 4 "Q2hlY2s=" ("attachment" ("filename" "p\\"q.png" "size" "3")) NIL NIL)' +
      ' "mixed" ("boundary" "deep") NIL NIL NIL) 15 NIL NIL NIL NIL)' +
      ' "mixed" ("boundary" "out" "x" "y") NIL NIL NIL)',
  );
  assert.doesNotMatch(bodyOf(indexMessage(MIXED)).toString(), /attachment|Q2hlY2s|boundary/);
});

/** The embedded message of MIXED as it stands there. */
function embedded(): string {
  const text = MIXED.toString('latin1');
  return text.slice(text.indexOf('Subject: inner'), text.indexOf('\r\n--out--'));
}

test('RFC 9051 §6.4.5.1: sections are slices of the raw message', () => {
  const parts = unpackParts(packParts(indexMessage(MIXED)));
  const section = (part: number[], text: Section['text'] = ''): string | undefined =>
    sliceSection(MIXED, parts, { part, text })?.toString('latin1');
  assert.equal(section([]), MIXED.toString('latin1'));
  assert.match(section([], 'HEADER') ?? '', /^From: a@b.test\r\n[^]*x=y\r\n\r\n$/);
  assert.match(section([], 'TEXT') ?? '', /^preamble[^]*epilogue\r\n$/);
  assert.equal(section([1, 1]), 'plain');
  assert.equal(section([1, 1], 'MIME'), 'Content-Type: text/plain; charset=utf-8\r\nContent-Language: de, en\r\n\r\n');
  assert.equal(section([1, 2]), '<b>x</b>');
  assert.equal(section([2]), embedded());
  assert.match(section([2], 'HEADER') ?? '', /^Subject: inner\r\n[^]*deep\r\n\r\n$/);
  assert.match(section([2], 'TEXT') ?? '', /^--deep\r\n[^]*--deep--$/);
  assert.equal(section([2, 1]), 'deep text');
  assert.equal(section([2, 1], 'MIME'), '\r\n');
  assert.equal(section([2, 2]), 'AAAA');
  for (const part of [[3], [0], [1, 3], [1, 1, 1], [2, 3], [2, 2, 1]]) assert.equal(section(part), undefined, part.join('.'));
  assert.equal(section([1, 1], 'HEADER'), undefined);
  assert.deepEqual(partBody(parts, [2, 2])?.encoding, 'base64');
  assert.deepEqual(partBody(parts, [1])?.isComposite, true);
});

test('RFC 9051 §6.4.5.1: a message that is not multipart has one part', () => {
  const raw = bytes('Subject: s\nContent-Type: message/rfc822\n\nSubject: t\n\ntext');
  const parts = unpackParts(packParts(indexMessage(raw)));
  const section = (part: number[], text: Section['text'] = ''): string | undefined =>
    sliceSection(raw, parts, { part, text })?.toString('latin1');
  assert.equal(section([1]), 'Subject: t\r\n\r\ntext');
  assert.equal(section([1], 'HEADER'), 'Subject: t\r\n\r\n');
  assert.equal(section([1, 1]), 'text');
  assert.equal(section([2]), undefined);
  const packed = packParts(indexMessage(raw));
  const moved = new Uint8Array(packed.length + 1);
  moved.set(packed, 1);
  assert.deepEqual(unpackParts(moved.subarray(1)), unpackParts(packed));
});

test('RFC 9051 §7.5.2: envelopes, with Sender and Reply-To from From', () => {
  assert.equal(
    envelope(
      bytes(`Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
From: Terry Gray <gray@cac.washington.edu>
Subject: IMAP4rev2 WG mtg summary
 and "minutes"
To: imap@cac.washington.edu
cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
CC: x@y.test
Reply-To:
Message-Id: <B27397-0100000@cac.washington.edu>

x`),
    ),
    '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and \\"minutes\\"" (("Terry Gray" NIL "gray" "cac.washington.edu")) ' +
      '(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ' +
      '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")(NIL NIL "x" "y.test")) NIL NIL "<B27397-0100000@cac.washington.edu>")',
  );
  assert.equal(envelope(bytes('\nx')), '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)');
});

test('RFC 9051 §4.3: 8-bit and NUL make a literal, octet for octet', () => {
  const raw = Buffer.from('Subject: J\u00f6rg \0!\r\n\r\n', 'utf8');
  assert.equal(envelopeOf(indexMessage(raw)).toString('utf8'), '(NIL {8}\r\nJ\u00f6rg ?! NIL NIL NIL NIL NIL NIL NIL NIL)');
  assert.equal(
    envelope(bytes('To: friends:a@b.test;\n\n')),
    '(NIL NIL NIL NIL NIL ((NIL NIL "friends" NIL)(NIL NIL "a" "b.test")(NIL NIL NIL NIL)) NIL NIL NIL NIL)',
  );
});

test('RFC 2046 §5.1.1: delimiters are whole lines, padding and truncation are tolerated', () => {
  const table: [string, string[]][] = [
    ['--b\nA: 1\n\none\n--b  \n\ntwo\n--b-- \nrest', ['one', 'two']],
    ['--b\n\none', ['one']],
    ['--b\n\none\n--bc\n--b--x\nstill\n--b--', ['one\r\n--bc\r\n--b--x\r\nstill']],
    ['--b\n\none --b\n--b--', ['one --b']],
    ['--b\n--b\n\n--b--', ['', '']],
    ['no delimiter', ['no delimiter']],
    ['--b\nA: 1\n--b--', ['']],
  ];
  for (const [body, expected] of table) {
    const raw = bytes(`Content-Type: multipart/mixed; boundary=b\n\n${body}`);
    const found = indexMessage(raw).root.children.map((part) => raw.toString('latin1', part.bodyStart, part.bodyEnd));
    assert.deepEqual(found, expected, body);
  }
  const bare = Buffer.from('Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\n');
  assert.deepEqual(
    indexMessage(bare).root.children.map((part) => bare.toString('latin1', part.bodyStart, part.bodyEnd)),
    ['one', 'two'],
  );
});

test('RFC 2046 §5.1.5: parts of a digest are messages', () => {
  const raw = bytes('Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\n1\n--b\nContent-Type: text/plain\n\n2\n--b--');
  assert.deepEqual(
    indexMessage(raw).root.children.map((part) => part.kind),
    ['message', 'leaf'],
  );
});

function fieldsOf(raw: Buffer): string[][] {
  const { text, spots } = readHeaderBlock(raw, 0, raw.length);
  return Array.from({ length: spots.length / 3 }, (_, at) => {
    const [start, colon, end] = spots.slice(at * 3, at * 3 + 3) as [number, number, number];
    return [text.slice(start, colon), text.slice(colon + 1, end)];
  });
}

test('RFC 5322 §2.2.3: fields, folds, lines that are no fields, and no blank line', () => {
  const raw = bytes('From x\n gone\nA: 1\n 2\nB : 3\nno field\n\tgone\nbad name: x\nC:\n\nbody');
  assert.deepEqual(fieldsOf(raw), [
    ['A', ' 1\r\n 2'],
    ['B ', ' 3'],
    ['C', ''],
  ]);
  assert.deepEqual(fieldsOf(bytes('A: 1')), [['A', ' 1']]);
});

test('lines are counted alike at any alignment', () => {
  const { next } = random(7);
  const raw = Buffer.alloc(3_000);
  for (let at = 0; at < raw.length; at++) raw[at] = next(4) === 0 ? 0x0a : ([0x0b, 0x8a, 0x00, 0xff][next(4)] as number);
  for (let round = 0; round < 300; round++) {
    const start = next(1_000);
    const end = start + next(2_000);
    let lines = end > start && raw[end - 1] !== 0x0a ? 1 : 0;
    for (let at = start; at < end; at++) if (raw[at] === 0x0a) lines++;
    assert.equal(countLines(raw, start, end), lines);
  }
  assert.equal(countLines(Buffer.alloc(100_000, 0x0a), 0, 100_000), 100_000);
});

test('depth, number of parts and header size are bounded', () => {
  const start = performance.now();
  let nested = '';
  for (let depth = 0; depth < 10_000; depth++) nested += `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`;
  assert.ok(serialise(Buffer.from(nested)).bodyStructure.length > 0);
  assert.ok(serialise(Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(10_000))).bodyStructure.length > 0);
  const many = indexMessage(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(5_000)}--b--`)).root
    .children;
  assert.equal(many.length, 1_000);
  assert.equal(many.at(-1)?.subtype, 'octet-stream');
  const long = Buffer.from(`${'X: y\r\n'.repeat(400_000)}\r\nbody`);
  assert.equal(serialise(long).headerBytes, long.length - 4);
  assert.ok(serialise(Buffer.alloc(2_000_000, 'a')).headerBytes === 2_000_000);
  assert.ok(
    serialise(Buffer.from(`Content-Type: multipart/mixed; boundary="${'-'.repeat(70)}"\r\n\r\n${'-'.repeat(5_000_000)}`)).body.length > 0,
  );
  assert.ok(performance.now() - start < 2_000);
});

test('fuzz: any bytes have a structure whose ranges nest, and every part can be fetched', () => {
  const { next, pick } = random(99);
  const bits = [
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Type: message/rfc822\r\n',
    'Content-Type: multipart/digest; boundary="b b"\r\n',
    '\r\n',
    '\r\n',
    '\n',
    '--b\r\n',
    '--b--\r\n',
    '--b b\r\n',
    'text',
    ':',
    'From: "x" <a@b>, c:d;\r\n',
    ' fold\r\n',
    '\u0000',
    '\u00ff',
    '\r',
    'Content-Disposition: x; a="b\\',
    'Content-Type: text/plain; a*0*=x; (',
    'Subject: x\r\n',
  ];
  const until = performance.now() + 1_500;
  for (let round = 0; round < 20_000 && performance.now() < until; round++) {
    let text = '';
    for (let count = next(60); count >= 0; count--) text += pick(bits);
    const raw = Buffer.from(text, 'latin1');
    const index = indexMessage(raw);
    const parts = unpackParts(packParts(index));
    verify(index.root, []);
    serialise(raw);
    function verify(part: Part, path: number[]): void {
      assert.ok(part.header.start <= part.bodyStart && part.bodyStart <= part.bodyEnd && part.bodyEnd <= raw.length, text);
      if (path.length > 0)
        assert.deepEqual(sliceSection(raw, parts, { part: path, text: '' }), raw.subarray(part.bodyStart, part.bodyEnd), text);
      let from = part.bodyStart;
      for (const [at, child] of part.children.entries()) {
        assert.ok(child.header.start >= from && child.bodyEnd <= part.bodyEnd, text);
        from = child.bodyEnd;
        if (part.kind === 'multipart') verify(child, [...path, at + 1]);
      }
    }
  }
});
