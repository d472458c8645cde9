import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAddress } from '../../daemon/admin/add-address.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { editAddress, setOwnForwarder } from '../../daemon/admin/edit-address.ts';
import { listAddresses } from '../../daemon/admin/list-addresses.ts';
import { removeAddress } from '../../daemon/admin/remove-address.ts';
import { changeSettings } from '../../daemon/admin/settings.ts';
import { showAccount } from '../../daemon/admin/show-account.ts';
import { testAddress } from '../../daemon/admin/test-address.ts';
import { Conflict, Invalid, NotFound, Rejected } from '../../daemon/lib/errors.ts';
import { customerActor, HOST, mailboxActor, settledAdministration } from './administration.ts';

const PASSWORD = 'lantern-orchard';

async function withMailbox(t: Parameters<typeof settledAdministration>[0]) {
  const made = await settledAdministration(t);
  await addDomain(made.context, HOST, { domain: 'juniper.example' });
  const { mailbox } = await createAccount(made.context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  return { ...made, mailbox };
}

test('forwarders are added, found by target, changed and removed', async (t) => {
  const { context } = await withMailbox(t);
  const added = addAddress(context, HOST, {
    address: 'Sales@juniper.example',
    targets: ['Marta@juniper.example', 'x@elsewhere.test', 'x@ELSEWHERE.test'],
  });
  assert.deepEqual(added.targets, ['marta@juniper.example', 'x@elsewhere.test']);
  assert.throws(() => addAddress(context, HOST, { address: 'sales@juniper.example', kind: 'discard' }), Conflict);
  assert.equal(listAddresses(context, HOST, { q: 'elsewhere' }).total, 1);
  const edited = editAddress(context, HOST, { forwarder: added.id, kind: 'reject', rejectText: 'Gone' });
  assert.deepEqual([edited.kind, edited.targets, edited.rejectText], ['reject', [], 'Gone']);
  removeAddress(context, HOST, { forwarder: 'sales@juniper.example' });
  assert.throws(() => removeAddress(context, HOST, { forwarder: 'sales@juniper.example' }), NotFound);
});

test('a catch-all is the address without a local part', async (t) => {
  const { context } = await withMailbox(t);
  addAddress(context, HOST, { address: '@juniper.example', targets: ['marta@juniper.example'] });
  assert.deepEqual(testAddress(context, HOST, { address: 'whoever@juniper.example' }), {
    outcome: 'deliverable',
    steps: [
      'There is no whoever@juniper.example, but the domain has a catch-all',
      '@juniper.example forwards to marta@juniper.example',
      'It arrives in the mailbox marta@juniper.example',
    ],
  });
  removeAddress(context, HOST, { forwarder: '@juniper.example' });
  assert.equal(testAddress(context, HOST, { address: 'whoever@juniper.example' }).outcome, 'unknown');
});

test('what cannot be a forwarder is refused', async (t) => {
  const { context } = await withMailbox(t);
  const address = 'sales@juniper.example';
  assert.throws(() => addAddress(context, HOST, { address, targets: [] }), Invalid);
  assert.throws(() => addAddress(context, HOST, { address, targets: ['nobody'] }), Invalid);
  assert.throws(() => addAddress(context, HOST, { address, targets: [address] }), Invalid);
  assert.throws(() => addAddress(context, HOST, { address, targets: Array.from({ length: 101 }, (_, at) => `a${at}@x.test`) }), Invalid);
  assert.throws(() => addAddress(context, HOST, { address, kind: 'reject', rejectText: 'a\r\nb' }), Invalid);
  assert.throws(() => addAddress(context, HOST, { address: 'x@elsewhere.test', kind: 'discard' }), NotFound);
  assert.throws(() => addAddress(context, mailboxActor('1', 'marta@juniper.example'), { address, kind: 'discard' }), Rejected);
});

test('only a mailbox can keep a copy', async (t) => {
  const { context } = await withMailbox(t);
  const wanted = { targets: ['x@elsewhere.test'], keepCopy: true };
  const refusal = { kind: 'invalid', field: 'keepCopy', message: 'There is no mailbox info@juniper.example that could keep a copy' };
  assert.throws(() => addAddress(context, HOST, { address: 'info@juniper.example', ...wanted }), refusal);
  assert.throws(() => addAddress(context, HOST, { address: '@juniper.example', ...wanted }), Invalid);
  const { id } = addAddress(context, HOST, { address: 'info@juniper.example', targets: wanted.targets });
  assert.throws(() => editAddress(context, HOST, { forwarder: id, ...wanted }), refusal);
  assert.equal(addAddress(context, HOST, { address: 'marta@juniper.example', ...wanted }).keepCopy, true);
});

test('the test of postmaster@ tells who takes it, or that nobody does', async (t) => {
  const { context } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'bare.example' });
  changeSettings(context, HOST, { values: { 'server.adminAddress': '' } });
  const address = 'postmaster@bare.example';
  const way = 'postmaster@bare.example is neither a mailbox nor a forwarder. Mail to postmaster@ is for whoever looks after the domain';
  const none = testAddress(context, HOST, { address });
  assert.equal(none.outcome, 'unknown');
  assert.equal(none.steps[0], way);
  assert.match(none.steps[1] ?? '', /^Nobody is there to take it: .* The sender is told that there is no such address$/);
  assert.equal(none.steps.length, 2);
  assert.match(testAddress(context, HOST, { address: 'abuse@mail.north.example' }).steps[1] ?? '', /^Nobody is there/);
  changeSettings(context, HOST, { values: { 'server.adminAddress': 'host@far.test' } });
  assert.deepEqual(testAddress(context, HOST, { address }).steps, [
    way,
    'It is sent on to host@far.test, outside this server. Junk is not sent on',
  ]);
});

test('removing a forwarder takes those along that led only to it', async (t) => {
  const { context, mailbox } = await withMailbox(t);
  addAddress(context, HOST, { address: 'one@juniper.example', targets: [mailbox.address] });
  addAddress(context, HOST, { address: 'two@juniper.example', targets: ['one@juniper.example'] });
  addAddress(context, HOST, { address: 'three@juniper.example', targets: ['two@juniper.example'] });
  assert.deepEqual(removeAddress(context, HOST, { forwarder: 'one@juniper.example' }).removedForwarders, [
    'two@juniper.example',
    'three@juniper.example',
  ]);
  assert.equal(listAddresses(context, HOST, {}).total, 0);
});

test('a mailbox user sets, sees and ends their own forwarder', async (t) => {
  const { context, mailbox } = await withMailbox(t);
  const marta = mailboxActor(mailbox.id, mailbox.address);
  setOwnForwarder(context, marta, { account: mailbox.id, targets: ['phone@elsewhere.test'], keepCopy: true });
  assert.deepEqual(showAccount(context, marta, { account: mailbox.id }).forwarder, { targets: ['phone@elsewhere.test'], keepCopy: true });
  assert.deepEqual(testAddress(context, HOST, { address: mailbox.address }).steps, [
    'marta@juniper.example is a mailbox and keeps a copy',
    'marta@juniper.example forwards to phone@elsewhere.test',
    'It arrives in the mailbox marta@juniper.example',
    'It is sent on to phone@elsewhere.test, outside this server. Junk is not sent on',
  ]);
  setOwnForwarder(context, marta, { account: mailbox.id, targets: [], keepCopy: true });
  assert.equal(showAccount(context, marta, { account: mailbox.id }).forwarder, null);
});

test('an address test tells nothing about domains of others', async (t) => {
  const { context } = await withMailbox(t);
  const { customer } = await createCustomer(context, HOST, { name: 'Other' });
  assert.throws(() => testAddress(context, customerActor(customer.id), { address: 'marta@juniper.example' }), NotFound);
  assert.throws(() => testAddress(context, customerActor(customer.id), { address: 'marta@nowhere.test' }), NotFound);
  assert.equal(testAddress(context, HOST, { address: 'marta@nowhere.test' }).outcome, 'not-ours');
});
