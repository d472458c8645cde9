import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isDuplicate } from '../../daemon/database/failures.ts';
import { openConnection, userVersion } from '../../daemon/database/open.ts';
import { Unavailable } from '../../daemon/lib/errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'mailstead-database-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let next = 0;
const newPath = (): string => join(directory, `${next++}.db`);
const schema = ['CREATE TABLE t(n INTEGER PRIMARY KEY)'];
const rows = (connection: ReturnType<typeof openConnection>): unknown[] =>
  connection.sql.prepare('SELECT n FROM t ORDER BY n').pluck().all();

describe('transactions', () => {
  test('a thrown error rolls back and silences after-commit listeners', () => {
    const connection = openConnection(newPath(), { migrations: schema });
    const heard: string[] = [];
    assert.throws(
      () =>
        connection.transact((tx) => {
          tx.sql.exec('INSERT INTO t VALUES(1)');
          tx.afterCommit(() => heard.push('first'));
          throw new Error('stop');
        }),
      /stop/,
    );
    connection.transact((tx) => {
      tx.sql.exec('INSERT INTO t VALUES(2)');
      tx.afterCommit(() => heard.push('second'));
      assert.deepEqual(heard, []);
    });
    assert.deepEqual(rows(connection), [2]);
    assert.deepEqual(heard, ['second']);
    connection.close();
  });

  test('a savepoint undoes its own work and listeners only', () => {
    const connection = openConnection(newPath(), { migrations: schema });
    const heard: string[] = [];
    connection.transact((tx) => {
      tx.sql.exec('INSERT INTO t VALUES(1)');
      tx.afterCommit(() => heard.push('kept'));
      assert.throws(
        () =>
          tx.savepoint(() => {
            tx.sql.exec('INSERT INTO t VALUES(2)');
            tx.afterCommit(() => heard.push('lost'));
            tx.sql.exec('INSERT INTO t VALUES(1)');
          }),
        isDuplicate,
      );
      tx.savepoint(() => void tx.sql.exec('INSERT INTO t VALUES(3)'));
    });
    assert.deepEqual(rows(connection), [1, 3]);
    assert.deepEqual(heard, ['kept']);
    connection.close();
  });

  test('a promise does not compile and is rolled back at run time', () => {
    const connection = openConnection(newPath(), { migrations: schema });
    assert.throws(
      () =>
        // @ts-expect-error a transaction's function gives no promise
        connection.transact(async (tx) => {
          tx.sql.exec('INSERT INTO t VALUES(1)');
        }),
      /cannot wait/,
    );
    assert.deepEqual(rows(connection), []);
    connection.close();
  });

  test('a snapshot sees one state while another connection commits', () => {
    const path = newPath();
    const writer = openConnection(path, { migrations: schema });
    const reader = openConnection(path, { readonly: true });
    reader.snapshot(() => {
      assert.equal(rows(reader).length, 0);
      writer.transact((tx) => void tx.sql.exec('INSERT INTO t VALUES(1)'));
      assert.equal(rows(reader).length, 0);
    });
    assert.equal(rows(reader).length, 1);
    reader.close();
    writer.close();
  });
});

describe('opening', () => {
  test('files migrate from every earlier version, by user_version', () => {
    const steps = ['CREATE TABLE t(n INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES(7)', 'INSERT INTO t VALUES(8)'];
    for (let from = 0; from <= steps.length; from++) {
      const path = newPath();
      openConnection(path, { migrations: steps.slice(0, from) }).close();
      const connection = openConnection(path, { migrations: steps });
      assert.equal(userVersion(connection), 3);
      assert.deepEqual(rows(connection), [7, 8]);
      connection.close();
    }
  });

  test('a failing migration leaves the version it came from', () => {
    const path = newPath();
    openConnection(path, { migrations: schema }).close();
    assert.throws(() => openConnection(path, { migrations: [...schema, 'INSERT INTO t VALUES(1)', 'INSERT INTO nowhere VALUES(1)'] }));
    const connection = openConnection(path, { migrations: schema });
    assert.equal(userVersion(connection), 1);
    assert.deepEqual(rows(connection), []);
    connection.close();
  });

  test('a newer, missing or damaged file is Unavailable', () => {
    const path = newPath();
    openConnection(path, { migrations: [...schema, 'SELECT 1'] }).close();
    assert.throws(() => openConnection(path, { migrations: schema }), Unavailable);
    assert.throws(() => openConnection(newPath(), { readonly: true }), Unavailable);
    assert.throws(() => openConnection(import.meta.filename, { migrations: schema }), Unavailable);
  });

  test('writable files are WAL with full synchronisation', () => {
    const connection = openConnection(newPath(), { migrations: schema, pageSize: 8192, incrementalVacuum: true });
    const pragma = (name: string): unknown => connection.sql.pragma(name, { simple: true });
    assert.deepEqual([pragma('journal_mode'), pragma('synchronous'), pragma('page_size'), pragma('auto_vacuum')], ['wal', 2, 8192, 2]);
    connection.close();
  });
});
