import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Client, startServer, type TestServer } from './dialogue.ts';

const NESTED = `From: "A \\"B\\"" <a@example.com>
To: b@example.com
Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=
Date: Thu, 1 Jan 2026 10:00:00 +0100
Message-ID: <1@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

Hello world
--x
Content-Type: message/rfc822

Subject: inner
From: c@example.com

inner body
--x--
`;

let imap: TestServer;
let client: Client;
beforeEach(async () => {
  imap = await startServer();
  client = await imap.loggedIn();
});
afterEach(async () => {
  await imap.stop();
  assert.deepEqual(imap.errors, []);
});

async function fill(count: number): Promise<void> {
  for (let index = 1; index <= count; index++) await imap.deliver(`Subject: m${index}\nFrom: f${index}@example.com\n\nbody ${index}\n`);
}

test('RFC 9051 §6.3.2, RFC 3501 §6.3.1: SELECT of an empty and a filled folder', async () => {
  const empty = await client.run('SELECT INBOX');
  assert.deepEqual(empty.slice(0, 4), [
    '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)',
    '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Kept for good',
    '* 0 EXISTS',
    '* 0 RECENT',
  ]);
  assert.equal(empty.at(-1), 'OK [READ-WRITE] Selected');
  assert.deepEqual(await client.run('FETCH 1:* FLAGS'), ['OK Nothing to fetch']);
  await fill(2);
  const filled = await client.run('EXAMINE INBOX');
  assert.ok(
    filled.includes('* 2 EXISTS') &&
      filled.includes('* OK [UNSEEN 1] The first that was not read') &&
      filled.some((line) => line.startsWith('* OK [UIDNEXT 3]')),
    filled.join('\n'),
  );
  assert.equal(filled[0], '* OK [CLOSED] The folder before is closed');
  assert.ok(filled.includes('* OK [PERMANENTFLAGS ()] Kept for good'));
  assert.equal(filled.at(-1), 'OK [READ-ONLY] Selected');
  for (const command of ['STORE 1 FLAGS (\\Seen)', 'EXPUNGE', 'MOVE 1 Trash'])
    assert.match(await client.tagged(command), /^NO \[READ-ONLY\]/, command);
  await client.ok('FETCH 1 BODY[]');
  assert.deepEqual(await client.ok('FETCH 1 FLAGS'), ['* 1 FETCH (FLAGS (\\Recent))']);
});

test('RFC 9051 §6.4.5: FETCH of every kind', async () => {
  await imap.deliver(NESTED);
  await client.ok('SELECT INBOX');
  const raw = NESTED.replaceAll('\n', '\r\n');
  const one = async (items: string): Promise<string> => {
    const lines = await client.ok(`FETCH 1 ${items}`);
    assert.equal(lines.length, 1, lines.join('\n'));
    return (lines[0] as string).slice('* 1 FETCH '.length);
  };
  const literal = (text: string): string => `{${text.length}}\r\n${text}`;
  assert.equal(await one('BODY.PEEK[]'), `(BODY[] ${literal(raw)})`);
  assert.equal(
    await one('(UID RFC822.SIZE INTERNALDATE FLAGS)'),
    `(UID 1 RFC822.SIZE ${raw.length} INTERNALDATE " 1-Jan-2026 09:00:00 +0000" FLAGS (\\Recent))`,
  );
  assert.equal(
    await one('ENVELOPE'),
    '(ENVELOPE ("Thu, 1 Jan 2026 10:00:00 +0100" "=?utf-8?q?gr=C3=BC=C3=9Fe?=" (("A \\"B\\"" NIL "a" "example.com")) (("A \\"B\\"" NIL "a" "example.com")) (("A \\"B\\"" NIL "a" "example.com")) ((NIL NIL "b" "example.com")) NIL NIL NIL "<1@example.com>"))',
  );
  assert.match(
    await one('BODYSTRUCTURE'),
    /^\(BODYSTRUCTURE \(\("text" "plain" \("charset" "utf-8"\).*"mixed" \("boundary" "x"\) NIL NIL NIL\)\)$/i,
  );
  assert.match(await one('BODY'), /"mixed"\)\)$/i);
  assert.equal(await one('BODY.PEEK[1]'), `(BODY[1] ${literal('Hello world')})`);
  assert.equal(await one('BODY.PEEK[1.MIME]'), `(BODY[1.MIME] ${literal('Content-Type: text/plain; charset=utf-8\r\n\r\n')})`);
  assert.equal(await one('BODY.PEEK[2.HEADER.FIELDS (subject)]'), `(BODY[2.HEADER.FIELDS (subject)] ${literal('Subject: inner\r\n\r\n')})`);
  assert.equal(await one('BODY.PEEK[2.TEXT]'), `(BODY[2.TEXT] ${literal('inner body')})`);
  assert.equal(await one('BODY.PEEK[2.1]'), `(BODY[2.1] ${literal('inner body')})`);
  assert.equal(await one('BODY.PEEK[7]'), '(BODY[7] NIL)');
  assert.equal(
    await one('BODY.PEEK[HEADER.FIELDS (To "MESSAGE-ID")]'),
    `(BODY[HEADER.FIELDS (To MESSAGE-ID)] ${literal('To: b@example.com\r\nMessage-ID: <1@example.com>\r\n\r\n')})`,
  );
  assert.equal(
    await one('BODY.PEEK[HEADER.FIELDS.NOT (From To Subject Date Message-ID Content-Type)]'),
    `(BODY[HEADER.FIELDS.NOT (From To Subject Date Message-ID Content-Type)] ${literal('MIME-Version: 1.0\r\n\r\n')})`,
  );
  assert.equal(await one('RFC822.HEADER'), `(RFC822.HEADER ${literal(raw.slice(0, raw.indexOf('\r\n\r\n') + 4))})`);
  assert.equal(
    await one('(BODY.PEEK[HEADER] BODY.PEEK[TEXT]<2.5>)'),
    `(BODY[HEADER] ${literal(raw.slice(0, raw.indexOf('\r\n\r\n') + 4))} BODY[TEXT]<2> ${literal('x\r\nCo')})`,
  );
  assert.equal(await one('BODY.PEEK[]<100000.5>'), '(BODY[]<100000> {0}\r\n)');
  assert.equal(await one('FAST'), `(FLAGS (\\Recent) INTERNALDATE " 1-Jan-2026 09:00:00 +0000" RFC822.SIZE ${raw.length})`);
  assert.equal(await one('RFC822.TEXT'), `(RFC822.TEXT ${literal(raw.slice(raw.indexOf('\r\n\r\n') + 4))} FLAGS (\\Seen \\Recent))`);
  assert.equal(await one('BODY[1]'), `(BODY[1] ${literal('Hello world')})`);
  assert.deepEqual(await client.ok('UID FETCH 1:* FLAGS'), ['* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))']);
  for (const bad of ['FETCH 2 FLAGS', 'FETCH 0 FLAGS', 'FETCH 1 BINARY[1]', 'FETCH $ FLAGS', 'FETCH 1 (FLAGS) (VANISHED)'])
    assert.match(await client.tagged(bad), /^BAD /, bad);
  assert.deepEqual(await client.run('UID FETCH 99 FLAGS'), ['OK Nothing to fetch']);
});

test('RFC 9051 §6.4.5: a message of several pages passes in slices, whole and in parts', async () => {
  const text = `Subject: big\n\n${Array.from({ length: 9000 }, (_, line) => `${line} ${'x'.repeat(70)}\n`).join('')}`;
  const raw = text.replaceAll('\n', '\r\n');
  await imap.deliver(text);
  await imap.deliver('Subject: small\n\n\n');
  await client.ok('SELECT INBOX');
  const literal = (part: string): string => `{${part.length}}\r\n${part}`;
  assert.deepEqual(await client.ok('FETCH 1:2 (BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (SUBJECT)] UID)'), [
    `* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] ${literal('Subject: big\r\n\r\n')} UID 1 BODY[] ${literal(raw)})`,
    `* 2 FETCH (BODY[HEADER.FIELDS (SUBJECT)] ${literal('Subject: small\r\n\r\n')} UID 2 BODY[] ${literal('Subject: small\r\n\r\n\r\n')})`,
  ]);
  for (const [offset, count] of [
    [0, 10],
    [262_100, 100],
    [600_000, 1_000_000],
    [10_000_000, 5],
  ] as const) {
    assert.deepEqual(await client.ok(`FETCH 1 BODY.PEEK[]<${offset}.${count}>`), [
      `* 1 FETCH (BODY[]<${offset}> ${literal(raw.slice(offset, offset + count))})`,
    ]);
  }
  assert.deepEqual(await client.ok('FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT]<0.5>)'), [
    `* 1 FETCH (BODY[] ${literal(raw)} BODY[TEXT]<0> ${literal('0 xxx')})`,
  ]);
  assert.deepEqual(await client.ok('FETCH 1 BODY[]'), [`* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] ${literal(raw)})`]);
  assert.deepEqual(await client.ok('FETCH 1 RFC822'), [`* 1 FETCH (RFC822 ${literal(raw)})`]);
});

test('RFC 9051 §6.4.6: STORE adds, removes, replaces, silently or not; keywords appear in FLAGS', async () => {
  await fill(3);
  await client.ok('SELECT INBOX');
  assert.deepEqual(await client.ok('STORE 1:2 +FLAGS (\\Seen $Label)'), [
    '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label)',
    '* 1 FETCH (FLAGS (\\Seen \\Recent $Label))',
    '* 2 FETCH (FLAGS (\\Seen \\Recent $Label))',
  ]);
  assert.deepEqual(await client.ok('UID STORE 2 -FLAGS \\Seen'), ['* 2 FETCH (UID 2 FLAGS (\\Recent $Label))']);
  assert.deepEqual(await client.ok('STORE 3 FLAGS.SILENT (\\Flagged)'), []);
  assert.deepEqual(await client.ok('FETCH 1:3 FLAGS'), [
    '* 1 FETCH (FLAGS (\\Seen \\Recent $Label))',
    '* 2 FETCH (FLAGS (\\Recent $Label))',
    '* 3 FETCH (FLAGS (\\Flagged \\Recent))',
  ]);
  assert.match(await client.tagged('STORE 1 FLAGS (\\Recent)'), /^BAD /);
  assert.match(await client.tagged('STORE 9 FLAGS ()'), /^BAD /);
});

test('RFC 9051 §6.4.3, RFC 4315: EXPUNGE, UID EXPUNGE, CLOSE', async () => {
  await fill(5);
  await client.ok('SELECT INBOX');
  await client.ok('STORE 1,3,5 +FLAGS.SILENT (\\Deleted)');
  assert.deepEqual(await client.ok('UID EXPUNGE 3'), ['* 3 EXPUNGE']);
  assert.deepEqual(await client.ok('EXPUNGE'), ['* 1 EXPUNGE', '* 3 EXPUNGE']);
  assert.deepEqual(await client.ok('FETCH 1:* UID'), ['* 1 FETCH (UID 2)', '* 2 FETCH (UID 4)']);
  await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  assert.deepEqual(await client.run('CLOSE'), ['OK Closed']);
  assert.ok((await client.ok('SELECT INBOX')).includes('* 1 EXISTS'));
  await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  assert.deepEqual(await client.run('UNSELECT'), ['OK Unselected']);
  assert.ok((await client.ok('SELECT INBOX')).includes('* 1 EXISTS'));
});

test('RFC 4315, RFC 6851: COPY and MOVE tell COPYUID; a missing target is [TRYCREATE]', async () => {
  await fill(3);
  await client.ok('SELECT INBOX');
  assert.match(await client.tagged('COPY 1:2 Sent'), /^OK \[COPYUID \d+ 1:2 1:2\] Copied$/);
  assert.match(await client.tagged('COPY 1 nowhere'), /^NO \[TRYCREATE\]/);
  assert.match(await client.tagged('MOVE 1 nowhere'), /^NO \[TRYCREATE\]/);
  assert.deepEqual(await client.run('UID COPY 77 Sent'), ['OK Nothing to do']);
  const moved = await client.run('UID MOVE 1,3 Trash');
  assert.match(moved[0] as string, /^\* OK \[COPYUID \d+ 1,3 1:2\] Moved$/);
  assert.deepEqual(moved.slice(1), ['* 1 EXPUNGE', '* 2 EXPUNGE', 'OK Moved']);
  assert.deepEqual(await client.ok('STATUS Trash (MESSAGES)'), ['* STATUS "Trash" (MESSAGES 2)']);
});

test('RFC 9051 §6.3.12, RFC 4315: APPEND with literal, LITERAL+, flags and date; the selected folder is told at once', async () => {
  await client.ok('SELECT INBOX');
  client.send('a APPEND INBOX (\\Seen) " 1-Feb-2025 10:00:00 +0000" {14}\r\n');
  assert.equal(await client.line(), '+ OK');
  client.send('Subject: x\r\n\r\n\r\n');
  assert.equal(await client.line(), '* 1 EXISTS');
  assert.match(await client.line(), /^\* 1 RECENT$/);
  assert.match(await client.line(), /^a OK \[APPENDUID \d+ 1\] Appended$/);
  assert.deepEqual(await client.ok('FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)'), [
    '* 1 FETCH (FLAGS (\\Seen \\Recent) INTERNALDATE " 1-Feb-2025 10:00:00 +0000" RFC822.SIZE 14)',
  ]);
  assert.match(await client.tagged('APPEND Sent {3+}\r\na\nb'), /^OK \[APPENDUID/);
  await client.ok('SELECT Sent');
  assert.deepEqual(await client.ok('FETCH 1 BODY.PEEK[]'), ['* 1 FETCH (BODY[] {4}\r\na\r\nb)']);
  assert.match(await client.tagged('APPEND nowhere {3+}\r\nabc'), /^NO \[TRYCREATE\]/);
  assert.match(await client.tagged('APPEND Sent {3+}\r\na\0b'), /^BAD /);
  assert.match(await client.tagged('APPEND Sent ~{3+}\r\na\0b'), /^BAD /);
  assert.match(await client.tagged('APPEND Sent {0+}\r\n'), /^NO /);
  assert.match(await client.tagged('APPEND Sent {99999999}'), /^NO \[TOOBIG\]/);
  await client.ok('NOOP');
});

test('RFC 9051 §6.4.4: SEARCH by every kind of key', async () => {
  await fill(3);
  await imap.deliver(
    'Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\nFrom: z@example.com\nDate: Wed, 3 Dec 2025 00:00:00 +0000\nX-A: q\n\nsomething else\n',
  );
  await client.ok('SELECT INBOX');
  await client.ok('STORE 2 +FLAGS.SILENT (\\Seen $L)');
  await client.ok('STORE 3 +FLAGS.SILENT (\\Deleted)');
  const table: [string, string][] = [
    ['ALL', ' 1 2 3 4'],
    ['SEEN', ' 2'],
    ['UNSEEN NOT DELETED', ' 1 4'],
    ['KEYWORD $L', ' 2'],
    ['UNKEYWORD $L', ' 1 3 4'],
    ['OR SEEN DELETED', ' 2 3'],
    ['2:3', ' 2 3'],
    ['NOT 1:3', ' 4'],
    ['*', ' 4'],
    ['UID 3:*', ' 3 4'],
    ['UID 99:*', ' 4'],
    ['SUBJECT m2', ' 2'],
    ['FROM f1@', ' 1'],
    ['HEADER X-A ""', ' 4'],
    ['BODY "body 3"', ' 3'],
    ['TEXT "BODY 1"', ' 1'],
    ['CHARSET UTF-8 SUBJECT {6+}\r\ngr\xc3\xbc\xc3\x9f', ' 4'],
    ['SENTON 3-Dec-2025', ' 4'],
    ['ON 1-Jan-2026', ' 1 2 3 4'],
    ['BEFORE 1-Jan-2026', ''],
    ['SINCE 2-Jan-2026', ''],
    ['LARGER 60', ' 4'],
    ['SMALLER 60', ' 1 2 3'],
    ['RECENT', ' 1 2 3 4'],
    ['OLD', ''],
    ['NEW', ' 1 3 4'],
    ['(SEEN) OR (UNSEEN DELETED) 99', ''],
    ['YOUNGER 1', ''],
  ];
  for (const [keys, found] of table) assert.deepEqual(await client.ok(`SEARCH ${keys}`), [`* SEARCH${found}`], keys);
  assert.deepEqual(await client.ok('UID SEARCH RETURN (MIN MAX COUNT ALL) ALL'), [
    `* ESEARCH (TAG "t${table.length + 5}") UID MIN 1 MAX 4 ALL 1:4 COUNT 4`,
  ]);
  assert.match((await client.ok('SEARCH RETURN () SEEN'))[0] as string, /^\* ESEARCH \(TAG "t\d+"\) ALL 2$/);
  assert.match(await client.tagged('SEARCH CHARSET KOI8-R SUBJECT x'), /^NO \[BADCHARSET \(US-ASCII UTF-8\)\]/);
  assert.match(await client.tagged('SEARCH RETURN (SAVE) ALL'), /^BAD /);
});

test('RFC 7162 §3.1: CONDSTORE', async () => {
  await fill(2);
  const selected = await client.ok('SELECT INBOX (CONDSTORE)');
  const highest = Number(/HIGHESTMODSEQ (\d+)/.exec(selected.join('\n'))?.[1]);
  assert.ok(highest >= 1);
  const [stored] = await client.ok('STORE 1 +FLAGS.SILENT (\\Seen)');
  const modseq = Number(/^\* 1 FETCH \(MODSEQ \((\d+)\)\)$/.exec(stored as string)?.[1]);
  assert.ok(modseq > highest);
  assert.deepEqual(await client.ok(`FETCH 1:* (FLAGS) (CHANGEDSINCE ${highest})`), [
    `* 1 FETCH (FLAGS (\\Seen \\Recent) MODSEQ (${modseq}))`,
  ]);
  assert.deepEqual(await client.ok(`SEARCH MODSEQ ${modseq}`), [`* SEARCH 1 (MODSEQ ${modseq})`]);
  const failed = await client.run(`STORE 1:2 (UNCHANGEDSINCE ${highest}) +FLAGS (\\Flagged)`);
  assert.match(failed.at(-1) as string, /^OK \[MODIFIED 1\]/);
  assert.match(failed[0] as string, /^\* 2 FETCH \(MODSEQ \(\d+\) FLAGS \(\\Flagged \\Recent\)\)$/);
  const [status] = await client.ok('STATUS INBOX (HIGHESTMODSEQ)');
  assert.ok(Number(/HIGHESTMODSEQ (\d+)/.exec(status as string)?.[1]) > modseq);
});
