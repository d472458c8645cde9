/** A disk that is full: mail is put off with 452 and nothing acknowledged is lost; once there is room, all goes on by itself. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runWell } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { openImapLines } from '../support/mail-clients.ts';
import { countIds, MailLoad, type Stream } from '../support/mail-load.ts';

const DISK_MB = 64;
const STREAMS: readonly Stream[] = [
  { name: 'direct', sender: 'zoe@far.test', recipients: ['ann@own.test'], bodyBytes: 60_000 },
  { name: 'spread', sender: 'zoe@far.test', recipients: ['ann@own.test', 'bob@own.test'], bodyBytes: 60_000 },
  { name: 'submitted', sender: 'ann@own.test', account: 'ann@own.test', recipients: ['bob@own.test'], bodyBytes: 60_000 },
];

let disk: string;
let lab: Lab;

before(async () => {
  disk = mkdtempSync(join(tmpdir(), 'disk-'));
  await runWell('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk]);
  lab = await openLab({ accounts: ['ann', 'bob', 'cid'], daemon: { data: join(disk, 'data') } });
  lab.daemon.expectErrors(/SQLITE_FULL|ENOSPC|disk is full/i);
});
after(async () => {
  try {
    await lab[Symbol.asyncDispose]();
  } finally {
    await runWell('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  }
});

const ballast = (): string => join(disk, 'ballast');

/** Takes all that is left. */
function fillDisk(): void {
  const block = Buffer.alloc(65_536);
  for (;;) {
    const { bavail, bsize } = statfsSync(disk);
    if (bavail === 0) return;
    try {
      appendFileSync(ballast(), bavail * bsize >= block.length ? block : block.subarray(0, bsize));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return;
    }
  }
}

test('RFC 5321 §4.2.3: a full disk answers 452, on every path, and keeps what was acknowledged', async () => {
  const { daemon } = lab;
  const load = new MailLoad(daemon);
  const clients = await Promise.all(STREAMS.map(async (stream) => ({ stream, client: await load.connect(stream) })));
  for (const { client, stream } of clients) assert.equal(await load.send(client, stream), true, load.refusals.join());
  using reading = await openImapLines(daemon, 'cid@own.test');
  reading.write('a APPEND INBOX {23+}\r\nSubject: still here\r\n\r\n\r\n');
  await reading.until(/^a OK/);
  writeFileSync(ballast(), '');
  for (const { client, stream } of clients) {
    await eventually(
      `${stream.name} is put off`,
      async () => {
        fillDisk();
        return !(await load.send(client, stream));
      },
      60_000,
    );
  }
  const said = (): string =>
    daemon.log
      .filter(({ level }) => level >= 40)
      .map((line) => JSON.stringify(line))
      .join('\n');
  for (const refusal of load.refusals)
    assert.match(refusal, /^(?:MAIL [^:]*:<[^>]*>: |RCPT [^:]*:<[^>]*>: |DATA: )?452 4\.3\.1 /, `${load.refusals.join('\n')}\n${said()}`);

  // Reading goes on (what is still in the intake waits for room, and says so), keeping says why not.
  assert.match((await reading.imap('SELECT INBOX')).at(-1) ?? '', / OK /);
  assert.match((await reading.imap('FETCH 1 BODY.PEEK[]')).join('\n'), /Subject: still here/);
  using imap = await openImapLines(daemon, 'ann@own.test');
  assert.match((await imap.imap('SELECT INBOX')).at(-1) ?? '', / (?:OK|NO \[UNAVAILABLE\]) /);
  const text = `Subject: no room\r\n\r\n${'x'.repeat(200_000)}\r\n`;
  imap.write(`a APPEND Drafts {${text.length}+}\r\n${text}\r\n`);
  assert.match((await imap.until(/^a /)).at(-1) ?? '', /^a NO \[/);
  assert.equal(((await daemon.call('status', {})) as { ready: boolean }).ready, true);

  truncateSync(ballast(), 0);
  for (const { client, stream } of clients) {
    await eventually(`${stream.name} goes on without a restart`, () => load.send(client, stream), 30_000);
    client[Symbol.dispose]();
  }
  imap.write(`b APPEND Drafts {${text.length}+}\r\n${text}\r\n`);
  assert.match((await imap.until(/^b /)).at(-1) ?? '', /^b OK \[APPENDUID /);

  await daemon.queueEmpty(60_000);
  for (const account of ['ann@own.test', 'bob@own.test']) {
    const counts = await countIds(daemon, account);
    for (const { id, recipients } of load.acknowledged)
      if (recipients.includes(account)) assert.equal(counts.get(id), 1, `${id} in the mailbox of ${account}`);
  }
});

test('started on a disk without room, the daemon says so or runs, and is whole once there is room', async () => {
  const { daemon } = lab;
  await daemon.stop();
  fillDisk();
  // Whether it starts is up to what it must write; that it does not spoil anything is not.
  await daemon.start().catch((error: unknown) => assert.match(String(error), /ended before/));
  truncateSync(ballast(), 0);
  await daemon.kill();
  await daemon.start();
  const load = new MailLoad(daemon);
  for (const stream of STREAMS) {
    using client = await load.connect(stream);
    assert.equal(await load.send(client, stream), true, load.refusals.join());
  }
});
