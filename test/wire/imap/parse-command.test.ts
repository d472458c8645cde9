import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command, parse } from './frames.ts';

const set = (...ranges: number[]): { ranges: Uint32Array; saved: boolean } => ({ ranges: Uint32Array.from(ranges), saved: false });

test('RFC 9051 §6: commands are read into their types', () => {
  const table: [string, unknown][] = [
    ['noop', { name: 'NOOP' }],
    ['LOGIN fred "a\\"b\\\\c"', { name: 'LOGIN', user: 'fred', password: 'a"b\\c' }],
    ['LOGIN fred {0+}\r\n', { name: 'LOGIN', user: 'fred', password: '' }],
    ['AUTHENTICATE plain AGEAYg==', { name: 'AUTHENTICATE', mechanism: 'PLAIN', initialResponse: Buffer.from('\0a\0b') }],
    ['AUTHENTICATE LOGIN =', { name: 'AUTHENTICATE', mechanism: 'LOGIN', initialResponse: Buffer.alloc(0) }],
    ['ENABLE condstore X-Y', { name: 'ENABLE', capabilities: ['CONDSTORE', 'X-Y'] }],
    ['ID NIL', { name: 'ID', fields: null }],
    [
      'ID ("name" "x" "os" NIL)',
      {
        name: 'ID',
        fields: [
          ['name', 'x'],
          ['os', null],
        ],
      },
    ],
    ['SELECT inbox', { name: 'SELECT', mailbox: 'INBOX', condstore: false, qresync: null }],
    ['EXAMINE "Entw&APw-rfe" (CONDSTORE)', { name: 'EXAMINE', mailbox: 'Entwürfe', condstore: true, qresync: null }],
    [
      'SELECT a (QRESYNC (67890007 90060115194045000 41:211,214 (1,2 3,4)))',
      {
        name: 'SELECT',
        mailbox: 'a',
        condstore: false,
        qresync: {
          uidValidity: 67890007,
          modseq: Number.MAX_SAFE_INTEGER,
          knownUids: set(41, 211, 214, 214),
          matchData: { sequence: set(1, 1, 2, 2), uids: set(3, 3, 4, 4) },
        },
      },
    ],
    ['CREATE foo/', { name: 'CREATE', mailbox: 'foo', uses: [], hasTrailingSeparator: true }],
    ['CREATE x (USE (\\Drafts \\Sent))', { name: 'CREATE', mailbox: 'x', uses: ['\\Drafts', '\\Sent'], hasTrailingSeparator: false }],
    ['LIST "" %', { name: 'LIST', reference: '', patterns: ['%'], isExtended: false, selection: [], returns: [], statusItems: null }],
    [
      'LIST (SUBSCRIBED) "" ("a" b*) RETURN (CHILDREN STATUS (MESSAGES))',
      {
        name: 'LIST',
        reference: '',
        patterns: ['a', 'b*'],
        isExtended: true,
        selection: ['SUBSCRIBED'],
        returns: ['CHILDREN', 'STATUS'],
        statusItems: ['MESSAGES'],
      },
    ],
    ['STATUS INBOX (uidnext RECENT)', { name: 'STATUS', mailbox: 'INBOX', items: ['UIDNEXT', 'RECENT'] }],
    ['UID EXPUNGE 3:*', { name: 'EXPUNGE', uids: set(3, 0) }],
    [
      'STORE 1 +FLAGS.SILENT (\\deleted $Foo)',
      { name: 'STORE', uid: false, set: set(1, 1), mode: 'add', silent: true, flags: ['\\Deleted', '$Foo'], unchangedSince: null },
    ],
    [
      'UID STORE 1 (UNCHANGEDSINCE 12) FLAGS \\Seen x',
      { name: 'STORE', uid: true, set: set(1, 1), mode: 'replace', silent: false, flags: ['\\Seen', 'x'], unchangedSince: 12 },
    ],
    ['UID MOVE 1,5 Trash ', { name: 'MOVE', uid: true, set: set(1, 1, 5, 5), mailbox: 'Trash' }],
    ['GETQUOTA ""', { name: 'GETQUOTA', root: '' }],
    ['SETQUOTA "" (STORAGE 512)', { name: 'SETQUOTA', root: '', limits: [['STORAGE', 512]] }],
  ];
  for (const [text, expected] of table) assert.deepEqual(command(text), expected, text);
});

test('RFC 9051 §6.4.5: FETCH items, sections and partials', () => {
  const items = (text: string): unknown => (command(`FETCH 1 ${text}`) as { items: unknown }).items;
  assert.deepEqual(items('FAST'), [{ type: 'FLAGS' }, { type: 'INTERNALDATE' }, { type: 'RFC822.SIZE' }]);
  assert.deepEqual(items('(UID BODY bodystructure)'), [{ type: 'UID' }, { type: 'BODY' }, { type: 'BODYSTRUCTURE' }]);
  const section = (part: number[], text: string, fields: string[] = []): unknown => ({ part, text, fields });
  assert.deepEqual(items('BODY[]'), [{ type: 'SECTION', section: section([], ''), peek: false, partial: null }]);
  assert.deepEqual(items('BODY.PEEK[1.2.MIME]<0.100>'), [
    { type: 'SECTION', section: section([1, 2], 'MIME'), peek: true, partial: { offset: 0, count: 100 } },
  ]);
  assert.deepEqual(items('BODY[HEADER.FIELDS (From "To")]'), [
    { type: 'SECTION', section: section([], 'HEADER.FIELDS', ['From', 'To']), peek: false, partial: null },
  ]);
  assert.deepEqual(items('BODY[3.TEXT]'), [{ type: 'SECTION', section: section([3], 'TEXT'), peek: false, partial: null }]);
  assert.deepEqual(items('BINARY.PEEK[2]'), [{ type: 'BINARY', part: [2], peek: true, partial: null }]);
  for (const bad of [
    'BODY[MIME]',
    'BODY[0]',
    'BODY[1.]',
    'BODY[TEXT.1]',
    'BODY[]<0.0>',
    'BODY[]<1>',
    '()',
    '(UID',
    'NONSENSE',
    '(FAST)',
    'BODY[HEADER.FIELDS ()]',
  ]) {
    assert.equal(parse(`a FETCH 1 ${bad}`).ok, false, bad);
  }
});

test('RFC 9051 §6.4.4: SEARCH keys', () => {
  const key = (text: string): unknown => (command(`SEARCH ${text}`) as { program: { key: unknown } }).program.key;
  assert.deepEqual(key('CHARSET UTF-8 SUBJECT {6+}\r\ngr\xc3\xbc\xc3\x9f'), { key: 'header', field: 'subject', text: 'grüß' });
  assert.deepEqual(key('cc x'), { key: 'header', field: 'cc', text: 'x' });
  assert.deepEqual(key('NOT (SEEN OR 1:2 UID 7)'), {
    key: 'not',
    of: {
      key: 'and',
      keys: [
        { key: 'flag', flag: '\\Seen', isSet: true },
        { key: 'or', left: { key: 'sequence', set: set(1, 2) }, right: { key: 'uid', set: set(7, 7) } },
      ],
    },
  });
  assert.deepEqual(key('SINCE 1-Feb-1994'), { key: 'received', compare: 'since', day: 8797 });
  assert.deepEqual(key('SENTON "01-Jan-1970"'), { key: 'sent', compare: 'on', day: 0 });
  assert.deepEqual(key('HEADER X-Y ""'), { key: 'header', field: 'x-y', text: '' });
  assert.deepEqual(key('MODSEQ "/flags/\\\\draft" all 620162338'), { key: 'modseq', modseq: 620162338 });
  assert.deepEqual((command('UID SEARCH RETURN (MIN COUNT) ALL') as { returns: unknown }).returns, ['MIN', 'COUNT']);
  assert.deepEqual((command('SEARCH RECENT') as { returns: unknown }).returns, null);
  const refused = parse('a SEARCH CHARSET KOI8-R ALL');
  assert.ok(!refused.ok && refused.status === 'NO' && refused.code === 'BADCHARSET (US-ASCII UTF-8)');
  for (const bad of [
    '',
    'SINCE 31-Feb-2020',
    'FOO',
    'OR SEEN',
    'SUBJECT {1+}\r\n\xff',
    '0',
    `${'NOT '.repeat(100)}ALL`,
    `${'('.repeat(100)}ALL${')'.repeat(100)}`,
  ]) {
    assert.equal(parse(`a SEARCH ${bad}`).ok, false, bad);
  }
});

test('RFC 9051 §6.3.12: APPEND with flags and date, RFC 3502: several messages', () => {
  const append = command('APPEND Sent (\\Seen \\Recent) " 1-Jan-2026 10:00:00 +0100" {5+}\r\nhello ~{2+}\r\n\0x');
  assert.ok(append.name === 'APPEND');
  assert.deepEqual(
    append.messages.map((message) => [message.flags, message.internalDate, String(message.literal.bytes)]),
    [
      [['\\Seen'], 1767258000, 'hello'],
      [[], null, '\0x'],
    ],
  );
  for (const bad of ['Sent', 'Sent hello', 'Sent "hello"', 'Sent () ()', 'Sent {3+}\r\nabcx'])
    assert.equal(parse(`a APPEND ${bad}`).ok, false, bad);
});

test('RFC 9051 §9: what is not a command is BAD, with its tag where it has one', () => {
  const table: [string, string | null][] = [
    ['', null],
    ['a', 'a'],
    ['a ', 'a'],
    ['* NOOP', null],
    ['+ NOOP', null],
    ['a NOOP x', 'a'],
    ['a FOO', 'a'],
    ['a UID NOOP', 'a'],
    ['a LOGIN x', 'a'],
    ['a LOGIN "x y', 'a'],
    ['a LOGIN "x\\y" z', 'a'],
    ['a  NOOP', 'a'],
    ['a FETCH 0 UID', 'a'],
    ['a FETCH 4294967296 UID', 'a'],
    ['a FETCH 1: UID', 'a'],
    ['a STORE 1 FLAGS (\\Recent)', 'a'],
    ['a STORE 1 FLAGS (\\Foo)', 'a'],
    ['a AUTHENTICATE PLAIN %%', 'a'],
    ['a LOGIN {1+}\r\n\0 x', 'a'],
    [`${'t'.repeat(65)} NOOP`, null],
  ];
  for (const [text, tag] of table) {
    const parsed = parse(text);
    assert.ok(!parsed.ok && parsed.status === 'BAD', text);
    assert.equal(parsed.tag, tag, text);
  }
  const name = parse('a SELECT "R&D"');
  assert.ok(!name.ok && name.status === 'NO' && name.code === 'CANNOT');
});
