import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAddress } from '../../daemon/admin/add-address.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createAppPassword, listAppPasswords, revokeAppPassword } from '../../daemon/admin/app-passwords.ts';
import { changeQuota, renameAccount } from '../../daemon/admin/change-account.ts';
import { changePassword } from '../../daemon/admin/change-password.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { listAccounts } from '../../daemon/admin/list-accounts.ts';
import { listAddresses } from '../../daemon/admin/list-addresses.ts';
import { finishRemovals, removeAccount } from '../../daemon/admin/remove-account.ts';
import { changeSettings } from '../../daemon/admin/settings.ts';
import { showAccount, showAccountUsage } from '../../daemon/admin/show-account.ts';
import { suspendAccount, unsuspendAccount } from '../../daemon/admin/suspend-account.ts';
import { passwordRefusal } from '../../daemon/directory/password-policy.ts';
import { pendingRemovals } from '../../daemon/directory/records/accounts.ts';
import { saveUsage } from '../../daemon/directory/records/usage.ts';
import { Conflict, Invalid, NotFound, Rejected, Unavailable } from '../../daemon/lib/errors.ts';
import { customerActor, HOST, mailboxActor, settledAdministration } from './administration.ts';

const PASSWORD = 'lantern-orchard';

async function withDomain(t: Parameters<typeof settledAdministration>[0]) {
  const made = await settledAdministration(t);
  await addDomain(made.context, HOST, { domain: 'juniper.example' });
  made.events.length = 0;
  return made;
}

test('a mailbox is created in look-up form, with a quota in words and a made password', async (t) => {
  const { context, events } = await withDomain(t);
  const { mailbox, password } = await createAccount(context, HOST, { address: 'Märta.Berg@Juniper.Example', name: 'Märta', quota: '1.5G' });
  assert.equal(mailbox.address, 'märta.berg@juniper.example');
  assert.equal(mailbox.quotaBytes, 1_610_612_736);
  assert.match(password ?? '', /^[a-z]{5}(-[a-z]{5}){3}$/);
  assert.equal(passwordRefusal(password ?? '', mailbox.address), undefined);
  assert.deepEqual(
    events.map((event) => event.kind === 'changed' && [event.resource, event.change]),
    [['mailboxes', 'created']],
  );
  assert.equal(context.control.connection.sql.prepare('SELECT count(*) FROM credential').pluck().get(), 1);
});

test('what cannot be a mailbox is refused with the field', async (t) => {
  const { context } = await withDomain(t);
  const refused = async (args: Parameters<typeof createAccount>[2], field: string): Promise<void> => {
    await assert.rejects(createAccount(context, HOST, args), (error) => error instanceof Invalid && error.field === field);
  };
  await refused({ address: 'no address', password: PASSWORD }, 'address');
  await refused({ address: 'a+b@juniper.example', password: PASSWORD }, 'address');
  await refused({ address: 'marta@juniper.example', password: 'short' }, 'password');
  await refused({ address: 'marta@juniper.example', password: 'password123' }, 'password');
  await refused({ address: 'martamarta@juniper.example', password: 'martamarta' }, 'password');
  await refused({ address: 'marta@juniper.example', quota: '0' }, 'quota');
  await refused({ address: 'marta@juniper.example', quota: '5 apples' }, 'quota');
  await refused({ address: 'marta@juniper.example', quota: -1 }, 'quota');
  await assert.rejects(createAccount(context, HOST, { address: 'marta@elsewhere.example', password: PASSWORD }), NotFound);
  await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  await assert.rejects(createAccount(context, HOST, { address: 'MARTA@juniper.example', password: PASSWORD }), Conflict);
  addAddress(context, HOST, { address: 'sales@juniper.example', targets: ['marta@juniper.example'] });
  await assert.rejects(createAccount(context, HOST, { address: 'sales@juniper.example', password: PASSWORD }), Conflict);
});

test('the default quota is a setting, none and null are unlimited', async (t) => {
  const { context } = await withDomain(t);
  changeSettings(context, HOST, { values: { 'mailboxes.defaultQuotaBytes': 5_368_709_120 } });
  assert.equal(
    (await createAccount(context, HOST, { address: 'a@juniper.example', password: PASSWORD })).mailbox.quotaBytes,
    5_368_709_120,
  );
  assert.equal(
    (await createAccount(context, HOST, { address: 'b@juniper.example', password: PASSWORD, quota: 'none' })).mailbox.quotaBytes,
    null,
  );
  assert.equal(
    (await createAccount(context, HOST, { address: 'c@juniper.example', password: PASSWORD, quota: null })).mailbox.quotaBytes,
    null,
  );
});

test('a quota at or below the usage makes a mailbox full since now, a larger one not', async (t) => {
  const { context } = await withDomain(t);
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD, quota: '10K' });
  const id = Number(mailbox.id);
  const fullSince = (): number | null | undefined => context.directory.account(id as never)?.fullSinceMs;
  saveUsage(context.control, { accounts: [id], bytes: [10_240], messages: [3] }, 1_000);
  assert.equal(fullSince(), 1_000);
  assert.equal(context.directory.account(id as never)?.usageBytes, 10_240);
  assert.equal(changeQuota(context, HOST, { account: mailbox.id, quota: '20K' }).usageBytes, 10_240);
  assert.equal(fullSince(), null);
  changeQuota(context, HOST, { account: 'marta@juniper.example', quota: '5K' });
  assert.equal(fullSince(), context.now());
});

test('lists sort by address, usage and age, and search names', async (t) => {
  const { context, pass } = await withDomain(t);
  for (const [at, local] of ['a', 'b', 'c'].entries()) {
    const { mailbox } = await createAccount(context, HOST, {
      address: `${local}@juniper.example`,
      name: `Person ${local.toUpperCase()}`,
      password: PASSWORD,
    });
    saveUsage(context.control, { accounts: [Number(mailbox.id)], bytes: [[5, 9, 5][at] ?? 0], messages: [1] }, 0);
    pass(1_000);
  }
  const walk = (sort: 'address' | 'usage' | 'created'): string[] => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: ReturnType<typeof listAccounts> = listAccounts(context, HOST, { sort, limit: 1, after, domain: 'juniper.example' });
      seen.push(...page.items.map((item) => item.address.slice(0, 1)));
      after = page.next;
    } while (after !== null);
    return seen;
  };
  assert.deepEqual(
    [walk('address'), walk('usage'), walk('created')],
    [
      ['a', 'b', 'c'],
      ['b', 'c', 'a'],
      ['c', 'b', 'a'],
    ],
  );
  assert.deepEqual(
    listAccounts(context, HOST, { q: 'person b' }).items.map((item) => item.address),
    ['b@juniper.example'],
  );
});

test('a mailbox user changes their password with the present one, and only theirs', async (t) => {
  const { context, events } = await withDomain(t);
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  const other = (await createAccount(context, HOST, { address: 'theo@juniper.example', password: PASSWORD })).mailbox;
  const marta = mailboxActor(mailbox.id, mailbox.address);
  const before = context.directory.account(Number(mailbox.id) as never)?.credentialVersion ?? 0;
  await assert.rejects(changePassword(context, marta, { account: mailbox.id, current: 'wrong-one', password: 'harbour-velvet' }), Invalid);
  await assert.rejects(changePassword(context, marta, { account: other.id, current: PASSWORD, password: 'harbour-velvet' }), NotFound);
  await assert.rejects(changePassword(context, marta, { account: mailbox.id, password: 'harbour-velvet' }), Invalid);
  events.length = 0;
  await changePassword(context, marta, { account: mailbox.id, current: PASSWORD, password: 'harbour-velvet' });
  assert.ok(events.some((event) => event.kind === 'revoked' && String(event.account) === mailbox.id));
  assert.equal(context.directory.account(Number(mailbox.id) as never)?.credentialVersion, before + 1);
  assert.throws(() => suspendAccount(context, marta, { account: mailbox.id }), Rejected);
  assert.throws(() => changeQuota(context, marta, { account: mailbox.id, quota: null }), NotFound);
  assert.equal(renameAccount(context, marta, { account: mailbox.id, name: 'Marta B.' }).name, 'Marta B.');
  assert.equal((await showAccountUsage(context, marta, { account: mailbox.id })).usageBytes, 2_048);
});

test('suspension stops what was named, keeps the reason, and is given back', async (t) => {
  const { context } = await withDomain(t);
  await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  const account = 'marta@juniper.example';
  const one = suspendAccount(context, HOST, { account, out: true, reason: 'Sent junk' });
  assert.deepEqual([one.suspendedIn, one.suspendedOut, one.suspendedLogin, one.suspendedReason], [false, true, false, 'Sent junk']);
  const all = suspendAccount(context, HOST, { account });
  assert.deepEqual([all.suspendedIn, all.suspendedOut, all.suspendedLogin], [true, true, true]);
  const none = unsuspendAccount(context, HOST, { account });
  assert.deepEqual([none.suspendedIn, none.suspendedOut, none.suspendedLogin, none.suspendedReason], [false, false, false, null]);
});

test('a removed mailbox takes its file and the forwarders that led only to it', async (t) => {
  const { context, erased } = await withDomain(t);
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  addAddress(context, HOST, { address: 'sales@juniper.example', targets: [mailbox.address] });
  addAddress(context, HOST, { address: 'team@juniper.example', targets: [mailbox.address, 'outside@elsewhere.test'] });
  const { removedForwarders } = await removeAccount(context, HOST, { account: mailbox.id });
  assert.deepEqual(removedForwarders, ['sales@juniper.example']);
  assert.deepEqual(
    listAddresses(context, HOST, {}).items.map((item) => [item.address, item.targets]),
    [['team@juniper.example', ['outside@elsewhere.test']]],
  );
  assert.deepEqual(erased.map(String), [mailbox.id]);
  const again = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  assert.notEqual(again.mailbox.id, mailbox.id, 'an id names a file and is never used again');
});

test('a mailbox file that could not be erased is erased at the next start', async (t) => {
  const { context, erased } = await withDomain(t);
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  const away = { ...context, mailstore: { ...context.mailstore, remove: () => Promise.reject(new Unavailable('The disk is full')) } };
  await assert.rejects(removeAccount(away, HOST, { account: mailbox.id }), Unavailable);
  assert.deepEqual(pendingRemovals(context.control.db).map(String), [mailbox.id]);
  await finishRemovals(context);
  assert.deepEqual(erased.map(String), [mailbox.id]);
  assert.deepEqual(pendingRemovals(context.control.db), []);
});

test("another customer's mailbox is not found", async (t) => {
  const { context } = await withDomain(t);
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  const { customer } = await createCustomer(context, HOST, { name: 'Other' });
  const actor = customerActor(customer.id);
  assert.throws(() => showAccount(context, actor, { account: mailbox.id }), NotFound);
  assert.throws(() => changeQuota(context, actor, { account: mailbox.address, quota: null }), NotFound);
  await assert.rejects(removeAccount(context, actor, { account: mailbox.id }), NotFound);
  await assert.rejects(createAccount(context, actor, { address: 'x@juniper.example', password: PASSWORD }), NotFound);
  assert.equal(listAccounts(context, actor, {}).total, 0);
});

test('app passwords are shown once, listed without the secret, and revoked', async (t) => {
  const { context } = await withDomain(t);
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  const marta = mailboxActor(mailbox.id, mailbox.address);
  const made = createAppPassword(context, marta, { account: mailbox.id, label: 'Phone' });
  assert.match(made.secret, /^([a-z2-7]{4}-){7}[a-z2-7]{4}$/);
  assert.equal(JSON.stringify(listAppPasswords(context, marta, { account: mailbox.id })).includes(made.secret.slice(10)), false);
  assert.throws(() => createAppPassword(context, marta, { account: mailbox.id, label: 'x', scopes: ['panel' as never] }), Invalid);
  revokeAppPassword(context, marta, { account: mailbox.id, id: made.appPassword.id });
  assert.throws(() => revokeAppPassword(context, marta, { account: mailbox.id, id: made.appPassword.id }), NotFound);
});
