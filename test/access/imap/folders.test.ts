import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, startServer, type TestServer } from './dialogue.ts';

let imap: TestServer;
let client: Client;
before(async () => {
  imap = await startServer();
  client = await imap.loggedIn();
});
after(() => imap.stop());

test('RFC 9051 §6.3.9, RFC 6154: LIST shows the standard folders with their uses', async () => {
  assert.deepEqual(await client.ok('LIST "" *'), [
    '* LIST (\\HasNoChildren) "/" "INBOX"',
    '* LIST (\\HasNoChildren \\Archive) "/" "Archive"',
    '* LIST (\\HasNoChildren \\Drafts) "/" "Drafts"',
    '* LIST (\\HasNoChildren \\Junk) "/" "Junk"',
    '* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
    '* LIST (\\HasNoChildren \\Trash) "/" "Trash"',
  ]);
  assert.deepEqual(await client.ok('LIST "" ""'), ['* LIST (\\Noselect) "/" ""']);
  assert.deepEqual(await client.ok('NAMESPACE'), ['* NAMESPACE (("" "/")) NIL NIL']);
  assert.deepEqual(await client.ok('LIST (SPECIAL-USE) "" % RETURN (SPECIAL-USE)').then((lines) => lines.length), 5);
});

test('RFC 9051 §6.3.4, §6.3.5: CREATE and DELETE, with children, odd names and modified UTF-7', async () => {
  await client.ok('CREATE "Entw&APw-rfe/2026/"');
  assert.match(await client.tagged('CREATE "Entw&APw-rfe/2026"'), /^NO \[ALREADYEXISTS\]/);
  assert.match(await client.tagged('CREATE inbox'), /^NO \[ALREADYEXISTS\]/);
  assert.match(await client.tagged('CREATE "a//b"'), /^NO \[CANNOT\]/);
  assert.match(await client.tagged('CREATE "R&D"'), /^NO \[CANNOT\]/);
  assert.deepEqual(await client.ok('LIST "" "Entw*"'), [
    '* LIST (\\HasChildren) "/" "Entw&APw-rfe"',
    '* LIST (\\HasNoChildren) "/" "Entw&APw-rfe/2026"',
  ]);
  await client.ok('DELETE "Entw&APw-rfe"');
  assert.deepEqual(await client.ok('LIST "" "Entw%"'), ['* LIST (\\Noselect \\HasChildren) "/" "Entw&APw-rfe"']);
  assert.match(await client.tagged('SELECT "Entw&APw-rfe"'), /^NO \[NONEXISTENT\]/);
  await client.ok('DELETE "Entw&APw-rfe/2026"');
  assert.match(await client.tagged('DELETE "Entw&APw-rfe/2026"'), /^NO \[NONEXISTENT\]/);
  assert.match(await client.tagged('DELETE INBOX'), /^NO \[CANNOT\]/);
});

test('RFC 6154 §3: CREATE with a use', async () => {
  assert.match(await client.tagged('CREATE Other (USE (\\Sent))'), /^NO \[USEATTR\]/);
  assert.match(await client.tagged('CREATE Other (USE (\\All))'), /^NO \[USEATTR\]/);
  await client.ok('DELETE Archive');
  await client.ok('CREATE Ablage (USE (\\Archive))');
  assert.deepEqual(await client.ok('LIST "" Ablage'), ['* LIST (\\HasNoChildren \\Archive) "/" "Ablage"']);
});

test('RFC 9051 §6.3.6: RENAME moves what is below; INBOX gives its messages away and stays', async () => {
  await client.ok('CREATE a/b/c');
  await client.ok('RENAME a/b x/y');
  assert.deepEqual(
    (await client.ok('LIST "" x*')).map((line) => line.split('" "')[1]),
    ['x"', 'x/y"', 'x/y/c"'],
  );
  await imap.deliver('Subject: 1\n\nx\n');
  await client.ok('RENAME INBOX Old');
  assert.deepEqual(await client.ok('STATUS INBOX (MESSAGES)'), ['* STATUS "INBOX" (MESSAGES 0)']);
  assert.deepEqual(await client.ok('STATUS Old (MESSAGES)'), ['* STATUS "Old" (MESSAGES 1)']);
  assert.match(await client.tagged('RENAME Old INBOX'), /^NO \[ALREADYEXISTS\]/);
  assert.match(await client.tagged('RENAME nowhere z'), /^NO \[NONEXISTENT\]/);
});

test('RFC 9051 §6.3.7, RFC 3501 §6.3.9: SUBSCRIBE and LSUB, also of what is not there', async () => {
  await client.ok('SUBSCRIBE x/y/c');
  await client.ok('SUBSCRIBE gone/away');
  const names = async (command: string): Promise<string[]> => (await client.ok(command)).filter((line) => /"(gone|x)["/]/.test(line));
  assert.deepEqual(await names('LSUB "" *'), ['* LSUB (\\Noselect) "/" "gone/away"', '* LSUB () "/" "x/y/c"']);
  assert.deepEqual(await names('LSUB "" %'), ['* LSUB (\\Noselect) "/" "gone"', '* LSUB (\\Noselect) "/" "x"']);
  assert.deepEqual(await names('LIST (SUBSCRIBED) "" *'), [
    '* LIST (\\NonExistent \\Subscribed \\HasNoChildren) "/" "gone/away"',
    '* LIST (\\Subscribed \\HasNoChildren) "/" "x/y/c"',
  ]);
  assert.deepEqual(await names('LIST (SUBSCRIBED RECURSIVEMATCH) "" %'), [
    '* LIST (\\HasChildren) "/" "x" ("CHILDINFO" ("SUBSCRIBED"))',
    '* LIST (\\NonExistent \\HasNoChildren) "/" "gone" ("CHILDINFO" ("SUBSCRIBED"))',
  ]);
  assert.deepEqual(await names('LIST "" gone*'), []);
  await client.ok('UNSUBSCRIBE gone/away');
  assert.deepEqual(await names('LIST "" (x gone) RETURN (SUBSCRIBED CHILDREN)'), ['* LIST (\\HasChildren) "/" "x"']);
  assert.match(await client.tagged('LIST (RECURSIVEMATCH) "" *'), /^BAD /);
  assert.match(await client.tagged('LIST (FOO) "" *'), /^BAD /);
});

test('RFC 5819: LIST with STATUS', async () => {
  assert.deepEqual(await client.ok('LIST "" (Old x) RETURN (STATUS (MESSAGES UNSEEN SIZE))'), [
    '* LIST (\\HasNoChildren) "/" "Old"',
    '* STATUS "Old" (MESSAGES 1 UNSEEN 1 SIZE 17)',
    '* LIST (\\HasChildren) "/" "x"',
    '* STATUS "x" (MESSAGES 0 UNSEEN 0 SIZE 0)',
  ]);
});

test('RFC 9051 §6.3.11: STATUS', async () => {
  const [line] = await client.ok('STATUS Old (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED DELETED-STORAGE APPENDLIMIT)');
  assert.match(
    line as string,
    /^\* STATUS "Old" \(MESSAGES 1 RECENT 1 UIDNEXT \d+ UIDVALIDITY \d+ UNSEEN 1 DELETED 0 DELETED-STORAGE 0 APPENDLIMIT 52428800\)$/,
  );
  assert.match(await client.tagged('STATUS nowhere (MESSAGES)'), /^NO \[NONEXISTENT\]/);
  assert.match(await client.tagged('STATUS Old (FOO)'), /^BAD /);
});

test('RFC 9208: GETQUOTA and GETQUOTAROOT in units of 1024 octets', async () => {
  assert.deepEqual(await client.ok('GETQUOTAROOT INBOX'), ['* QUOTAROOT "INBOX" ""', '* QUOTA "" ()']);
  imap.quotaBytes = 10 * 1024 * 1024;
  assert.deepEqual(await client.ok('GETQUOTA ""'), ['* QUOTA "" (STORAGE 1 10240)']);
  assert.match(await client.tagged('GETQUOTA other'), /^NO \[NONEXISTENT\]/);
  assert.match(await client.tagged('SETQUOTA "" (STORAGE 5)'), /^NO \[NOPERM\]/);
  imap.quotaBytes = 1;
  assert.match(await client.tagged('APPEND INBOX {4+}\r\na\r\nb'), /^NO \[OVERQUOTA\]/);
  imap.quotaBytes = null;
});
