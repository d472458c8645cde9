/** kill -9 of a process that puts, claims, delivers and settles: what was acknowledged is delivered, under one delivery id. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';

const CHILD = join(import.meta.dirname, 'crash-child.ts');
const ROUNDS = 8;

/** Runs the child; kills it after it acknowledged `acknowledgements` puts. Gives back what it printed whole. */
async function run(folder: string, mode: 'put' | 'drain', acknowledgements: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, folder, mode], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let wrong = '';
  let killAt = acknowledgements;
  child.stderr.on('data', (chunk: Buffer) => (wrong += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    killAt -= chunk.toString().split('\n').length - 1;
    if (killAt <= 0) child.kill('SIGKILL');
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(deadline);
  assert.equal(wrong, '');
  assert.ok(mode === 'put' ? signal === 'SIGKILL' : code === 0, `${code} ${signal}`);
  return printed.split('\n').slice(0, -1);
}

test('design rule 1: after kill -9 at any moment nothing acknowledged is lost and nothing is there twice', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  try {
    const promised = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const line of await run(folder, 'put', 1 + round * 37)) {
        const [, token = '', recipients] = line.split(' ');
        promised.set(token, Number(recipients));
      }
    }
    await run(folder, 'drain', Infinity);
    const mailbox = new Sqlite(join(folder, 'mailbox.db'), { readonly: true });
    const rows = mailbox.prepare('SELECT token, recipient, count(*) AS n FROM delivery GROUP BY token, recipient').all() as {
      token: string;
      recipient: string;
      n: number;
    }[];
    mailbox.close();
    const arrived = new Map<string, number>();
    for (const { token, n } of rows) {
      assert.equal(n, 1, `${token} was delivered under two ids`);
      arrived.set(token, (arrived.get(token) ?? 0) + 1);
    }
    for (const [token, recipients] of promised) assert.equal(arrived.get(token), recipients, `${token} was acknowledged`);
    assert.ok(promised.size > 100);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
