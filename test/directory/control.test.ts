import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { listAudit } from '../../daemon/admin/audit-log.ts';
import { commitChange } from '../../daemon/admin/commit-change.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { insertCustomer } from '../../daemon/directory/records/customers.ts';
import { takeNumbers } from '../../daemon/directory/records/server.ts';
import { dirtyAccounts, markAllClean, markDirty } from '../../daemon/directory/records/usage.ts';
import { ensureServerSecrets, serverSecret } from '../../daemon/directory/server-secrets.ts';
import { HOST, settledAdministration } from '../admin/administration.ts';
import { temporaryControl } from './temporary-control.ts';

test('a transaction that waits does not compile, and is rolled back', (t) => {
  const { control } = temporaryControl(t);
  assert.throws(() =>
    // @ts-expect-error an async callback is no transaction
    control.transact(async ({ db }) => {
      insertCustomer(db, { kind: 'customer', name: 'half done', createdAt: 1 });
    }),
  );
  assert.equal(control.connection.sql.prepare("SELECT count(*) FROM customer WHERE kind <> 'host'").pluck().get(), 0);
});

test('what is rolled back is neither in the audit log nor told', async (t) => {
  const { context, events } = await settledAdministration(t);
  const before = listAudit(context, HOST, {}).items.length;
  assert.throws(() =>
    commitChange(context, HOST, (tx) => {
      insertCustomer(tx.db, { kind: 'customer', name: 'half done', createdAt: 1 });
      tx.note({ action: 'customer.create', object: 'half done', customer: null });
      tx.tell('customers', 'created', { id: 1, name: 'half done', customer: null });
      throw new Error('stop');
    }),
  );
  assert.deepEqual(events, []);
  assert.equal(listAudit(context, HOST, {}).items.length, before);
});

test('numbers of a counter are given out once', (t) => {
  const { control } = temporaryControl(t);
  assert.equal(takeNumbers(control, 'uidvalidity', { count: 2, first: 1_000 }), 1_000);
  assert.equal(takeNumbers(control, 'uidvalidity', { count: 1, first: 1_000 }), 1_002);
  assert.equal(takeNumbers(control, 'uidvalidity', { count: 1, first: 5_000 }), 5_000, 'never below the clock');
  assert.equal(takeNumbers(control, 'uidvalidity', { count: 1, first: 1_000 }), 5_001, 'nor back with it');
});

test('the keys of a server are made once', (t) => {
  const { control } = temporaryControl(t);
  const first = serverSecret(control.connection, 'srs');
  ensureServerSecrets(control.connection);
  assert.deepEqual(serverSecret(control.connection, 'srs'), first);
  assert.equal(first.length, 32);
  assert.notDeepEqual(serverSecret(control.connection, 'credentials'), first);
});

test('only accounts that were written to are read again after a crash', async (t) => {
  const { context } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  for (const local of ['a', 'b', 'c'])
    await createAccount(context, HOST, { address: `${local}@juniper.example`, password: 'lantern-orchard' });
  markDirty(context.control, [1, 3]);
  assert.deepEqual(dirtyAccounts(context.control), [1, 3]);
  markAllClean(context.control, [3]);
  assert.deepEqual(dirtyAccounts(context.control), [3]);
  markAllClean(context.control, []);
  assert.deepEqual(dirtyAccounts(context.control), []);
});
