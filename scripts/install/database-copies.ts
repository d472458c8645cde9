/**
 * Copies of the databases whose schema an upgrade may change, and their way back.
 *
 *   database-copies.ts copy DATA FOLDER       control.db and queue.db as they are now, to FOLDER
 *   database-copies.ts give-back DATA FOLDER  those of them whose schema has changed since, back to DATA
 *
 * 1. The daemon is stopped, and this holds its lock. FOLDER is whole or not there.
 * 2. What is replaced is kept in DATA/replaced-by-rollback: mail that was queued since the upgrade is in there.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { takeDataLock } from '../../daemon/assembly/data-lock.ts';

const FILES = ['control.db', 'queue.db'];
const [action, data = '', folder = ''] = process.argv.slice(2);

process.umask(0o077);
const lock = takeDataLock(data);
if (action === 'copy') copy();
else giveBack();
lock.release();

function copy(): void {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  for (const name of FILES.filter((file) => existsSync(join(data, file)))) {
    const database = new Sqlite(join(data, name), { fileMustExist: true });
    database.prepare('VACUUM INTO ?').run(join(unfinished, name));
    database.close();
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

function giveBack(): void {
  const replaced = join(data, 'replaced-by-rollback');
  for (const name of FILES) {
    const kept = join(folder, name);
    const present = join(data, name);
    if (!existsSync(kept) || !existsSync(present) || schemaOf(kept) === schemaOf(present)) continue;
    mkdirSync(replaced, { recursive: true, mode: 0o700 });
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(present + suffix)) renameSync(present + suffix, join(replaced, name + suffix));
    const source = new Sqlite(kept, { readonly: true });
    source.prepare('VACUUM INTO ?').run(present);
    source.close();
    process.stdout.write(`${basename(name)}\n`);
  }
}

/** What decides which program can read a file: the schema's text and version. */
function schemaOf(path: string): string {
  const database = new Sqlite(path, { readonly: true });
  const version = database.pragma('user_version', { simple: true }) as number;
  const statements = database
    .prepare("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name)")
    .pluck()
    .get() as string;
  database.close();
  return `${version} ${statements}`;
}
