import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openConnection } from '../../daemon/database/open.ts';
import { Field, type Mailstore } from '../../daemon/mailstore/mailstore.ts';
import { type AccountId, brand } from '../../daemon/wire/ids.ts';
import { openThreadedMailstore } from '../support/mailstore-threads.ts';

const ROUNDS = 4;
const child = new URL('./deliver-until-killed.ts', import.meta.url).pathname;

/** Runs the child until it has acknowledged `count` deliveries, then kills it with no warning. */
async function deliverAndKill(directory: string, run: number, count: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, directory, `r${run}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of running.stdout) {
    said += String(chunk);
    if (said.split('\n').length > count) running.kill('SIGKILL');
  }
  // A line that the kill cut off was not acknowledged to anybody.
  return said.slice(0, said.lastIndexOf('\n')).split('\n');
}

async function subjectsIn(store: Mailstore, account: AccountId): Promise<string[]> {
  const { uids, id, messages, sizeBytes } = await store.open(account, 'INBOX', false);
  assert.equal(uids.length, messages);
  const subjects: string[] = [];
  let bytes = 0;
  for await (const page of store.fetch({ handle: { account, folder: id }, uids, fields: Field.header | Field.raw | Field.size })) {
    for (let row = 0; row < page.uids.length; row++) {
      const header = Buffer.from(page.header?.data.subarray(page.header.offsets[row], page.header.offsets[row + 1]) ?? []).toString();
      subjects.push(/Subject: (\S+)/.exec(header)?.[1] ?? '');
      const length = (page.raw?.offsets[row + 1] ?? 0) - (page.raw?.offsets[row] ?? 0);
      assert.equal(length, page.sizes?.[row]);
      bytes += length;
    }
  }
  assert.equal(bytes, sizeBytes);
  return subjects;
}

test('what was acknowledged before a kill -9 is there exactly once, and nothing is left half done', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mailstead-kill-'));
  try {
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      acknowledged.push(...(await deliverAndKill(directory, round, 5 + round * 67)));
    }
    const threads = await openThreadedMailstore({ directory, stores: 2, readers: 1, intake: true });
    const found: string[] = [];
    for (let id = 1; id <= 30; id++) {
      const account = brand<AccountId>(id);
      // A write opens the file on its store thread, which sweeps it.
      await threads.store.createFolder(account, 'After', null);
      found.push(...(await subjectsIn(threads.store, account)));
    }
    await threads.close();
    assert.equal(new Set(found).size, found.length, 'a delivery is there twice');
    const there = new Set(found);
    assert.deepEqual(
      acknowledged.filter((id) => !there.has(id)),
      [],
      'an acknowledged delivery is missing',
    );
    for (let id = 1; id <= 30; id++) {
      const { sql } = openConnection(join(directory, `${id}.db`), { readonly: true });
      const count = (text: string): unknown => sql.prepare(text).pluck().get();
      assert.equal(count('SELECT count(*) FROM content'), count('SELECT count(*) FROM message'), 'a body without a message is left');
      assert.equal(count('SELECT count(DISTINCT key / 4096) FROM chunk'), count('SELECT count(*) FROM content'));
      assert.equal(count('PRAGMA integrity_check'), 'ok');
      sql.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
