/** Foreign programs against the server; each is skipped where it is not installed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer, type TestServer } from './dialogue.ts';

const run = promisify(execFile);
const installed = (program: string): boolean => ['/usr/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, program)));

let imap: TestServer;
let folder: string;
before(async () => {
  imap = await startServer();
  folder = mkdtempSync(join(tmpdir(), 'imap-clients-'));
});
after(async () => {
  await imap.stop();
  rmSync(folder, { recursive: true });
  assert.deepEqual(imap.errors, []);
});

test('curl lists, appends, reads and searches', { skip: !installed('curl') }, async () => {
  const curl = async (path: string, ...options: string[]): Promise<string> => {
    const { stdout } = await run('curl', [
      '-s',
      '-S',
      '--max-time',
      '10',
      '-u',
      'fred@example.com:secret',
      '-k',
      `imaps://127.0.0.1:${imap.tlsPort}/${path}`,
      ...options,
    ]);
    return stdout;
  };
  assert.match(await curl(''), /\* LIST \(\\HasNoChildren\) "\/" "INBOX"/);
  const file = join(folder, 'message');
  writeFileSync(file, 'Subject: from curl\r\n\r\nbody\r\n');
  await curl('INBOX', '-T', file);
  assert.equal(await curl('INBOX;UID=1'), 'Subject: from curl\r\n\r\nbody\r\n');
  assert.match(await curl('INBOX?SUBJECT%20curl'), /\* SEARCH 1/);
});

test('mbsync syncs both ways, twice', { skip: !installed('mbsync') }, async () => {
  const inbox = join(folder, 'mail', 'INBOX');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(inbox, part), { recursive: true });
  const configuration = join(folder, 'mbsyncrc');
  writeFileSync(
    configuration,
    `IMAPStore far
Host 127.0.0.1
Port ${imap.port}
User fred@example.com
Pass secret
SSLType None
AuthMechs LOGIN

MaildirStore near
Path ${folder}/mail/
Inbox ${inbox}
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`,
  );
  const sync = async (): Promise<void> => {
    await run('mbsync', ['-c', configuration, '-a'], { env: { ...process.env, HOME: folder } });
  };
  const local = (): string[] => ['cur', 'new'].flatMap((part) => readdirSync(join(inbox, part)).map((name) => join(inbox, part, name)));
  for (let index = 0; index < 20; index++) await imap.deliver(`Subject: m${index}\n\nbody ${index}\n`);
  await sync();
  const there = local().length;
  assert.ok(there >= 20);
  assert.ok(local().some((path) => readFileSync(path, 'latin1').endsWith('\n\nbody 7\n')));
  // A new message here, one removed here, one flagged there.
  writeFileSync(join(inbox, 'new', '1.local.host'), 'Subject: local\n\nhere\n');
  rmSync(local().find((path) => readFileSync(path, 'latin1').includes('body 3')) as string);
  const client = await imap.loggedIn();
  await client.ok('SELECT INBOX');
  const [found] = await client.ok('SEARCH SUBJECT m5');
  await client.ok(`STORE ${found?.split(' ')[2]} +FLAGS (\\Flagged)`);
  await sync();
  assert.equal(local().length, there);
  assert.ok(local().some((path) => path.endsWith('F') && readFileSync(path, 'latin1').includes('body 5')));
  await client.ok('NOOP');
  assert.match((await client.ok('SEARCH SUBJECT local'))[0] as string, /^\* SEARCH \d+$/);
  assert.deepEqual(
    (await client.ok('SEARCH SUBJECT m3')).filter((line) => line.startsWith('* SEARCH')),
    ['* SEARCH'],
  );
});
