import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openControl, openControlReadOnly } from '../../daemon/directory/control.ts';
import { Unavailable } from '../../daemon/lib/errors.ts';
import { temporaryDirectory } from '../directory/temporary-control.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

interface Journal {
  entries: { idx: number; tag: string; when: number; version: string; breakpoints: boolean }[];
}

function journal(): Journal {
  return JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')) as Journal;
}

/** A migrations folder that ends after `count` steps (with further `extra` SQL as one step more). */
function folderOf(dir: string, count: number, extra?: string): string {
  const folder = join(dir, `migrations-${count}${extra === undefined ? '' : '-extra'}`);
  mkdirSync(join(folder, 'meta'), { recursive: true });
  cpSync(MIGRATIONS, folder, { recursive: true });
  const { entries, ...rest } = journal();
  const kept = entries.slice(0, count);
  if (extra !== undefined) {
    const last = kept.at(-1);
    writeFileSync(join(folder, '9999_extra.sql'), extra);
    kept.push({ idx: count, tag: '9999_extra', when: (last?.when ?? 0) + 1, version: '6', breakpoints: true });
  }
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ ...rest, entries: kept }));
  return folder;
}

function schemaOf(dataDir: string): unknown {
  const reader = openControlReadOnly(dataDir);
  try {
    return reader.sql.prepare("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '__drizzle%' ORDER BY type, name").all();
  } finally {
    reader.close();
  }
}

test('an empty directory gets the present schema, and a second start changes nothing', (t) => {
  const dir = temporaryDirectory(t);
  openControl(dir).close();
  const first = schemaOf(dir);
  openControl(dir).close();
  assert.deepEqual(schemaOf(dir), first);
  assert.equal(existsSync(join(dir, `control.db.before-${journal().entries[0]?.tag}`)), false);
});

test('every earlier state is brought to the present schema with its rows', (t) => {
  const fresh = temporaryDirectory(t);
  openControl(fresh).close();
  const expected = schemaOf(fresh);
  const steps = journal().entries.length;
  for (let from = 1; from <= steps; from++) {
    const dir = temporaryDirectory(t);
    const earlier = openControl(dir, folderOf(dir, from));
    earlier.connection.sql.exec("INSERT INTO customer(kind, name, created_at) VALUES('customer', 'North Host', 1)");
    earlier.close();
    const now = openControl(dir);
    assert.equal(now.connection.sql.prepare("SELECT name FROM customer WHERE kind = 'customer'").pluck().get(), 'North Host');
    now.close();
    assert.deepEqual(schemaOf(dir), expected);
  }
});

test('a migration is preceded by a copy of the database as it was', (t) => {
  const dir = temporaryDirectory(t);
  const before = openControl(dir);
  before.connection.sql.exec("INSERT INTO customer(kind, name, created_at) VALUES('customer', 'North Host', 1)");
  before.close();
  const steps = journal().entries.length;
  openControl(dir, folderOf(dir, steps, 'ALTER TABLE customer ADD COLUMN motto text')).close();
  const columns = (file: string): number => {
    const sub = temporaryDirectory(t);
    cpSync(file, join(sub, 'control.db'));
    const reader = openControlReadOnly(sub);
    const found = reader.sql.prepare("SELECT count(*) FROM pragma_table_info('customer') WHERE name = 'motto'").pluck().get() as number;
    assert.equal(reader.sql.prepare("SELECT name FROM customer WHERE kind = 'customer'").pluck().get(), 'North Host');
    reader.close();
    return found;
  };
  assert.equal(columns(join(dir, 'control.db.before-9999_extra')), 0);
  assert.equal(columns(join(dir, 'control.db')), 1);
});

test('a failing migration leaves the database as it was', (t) => {
  const dir = temporaryDirectory(t);
  openControl(dir).close();
  const expected = schemaOf(dir);
  const broken = folderOf(
    dir,
    journal().entries.length,
    'CREATE TABLE motto (a);\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
  );
  assert.throws(() => openControl(dir, broken));
  openControl(dir).close();
  assert.deepEqual(schemaOf(dir), expected);
});

test('a database of a newer version is refused', (t) => {
  const dir = temporaryDirectory(t);
  openControl(dir, folderOf(dir, journal().entries.length, 'CREATE TABLE later (a)')).close();
  assert.throws(() => openControl(dir), Unavailable);
});
