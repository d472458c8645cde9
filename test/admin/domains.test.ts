import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { listAudit } from '../../daemon/admin/audit-log.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { domainsToCheck, listDomainChecks, saveDomainCheck } from '../../daemon/admin/domain-checks.ts';
import { listDomains } from '../../daemon/admin/list-domains.ts';
import { proveDomain } from '../../daemon/admin/prove-domain.ts';
import { removeDomain } from '../../daemon/admin/remove-domain.ts';
import { grantSender } from '../../daemon/admin/sender-grants.ts';
import { showDomain } from '../../daemon/admin/show-domain.ts';
import { suspendDomain, unsuspendDomain } from '../../daemon/admin/suspend-domain.ts';
import { Conflict, Invalid, NotFound, Rejected } from '../../daemon/lib/errors.ts';
import { type AccountId, type Address, brand, type Domain } from '../../daemon/wire/ids.ts';
import { customerActor, HOST, settledAdministration } from './administration.ts';

const name = (text: string): Domain => brand<Domain>(text);

test("the host's domain is proven at once and signs; a second time is a conflict", async (t) => {
  const { context, events } = await settledAdministration(t);
  const added = await addDomain(context, HOST, { domain: 'Juniper.Example.' });
  assert.equal(added.name, 'juniper.example');
  assert.equal(added.state, 'proven');
  assert.equal(added.customer.name, 'mail.north.example');
  assert.deepEqual(events, [
    { kind: 'changed', resource: 'domains', id: added.id, name: 'juniper.example', customer: 1, change: 'created' },
  ]);
  await assert.rejects(addDomain(context, HOST, { domain: 'juniper.example' }), Conflict);
  assert.equal(context.directory.signingKeys(name('juniper.example')).length, 2);
});

test('RFC 8463 §4: both DKIM keys verify with the published public key', async (t) => {
  const { context } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  const published = showDomain(context, HOST, { domain: 'juniper.example' }).keys;
  for (const key of context.directory.signingKeys(name('juniper.example'))) {
    const record = published.find((one) => one.selector === key.selector);
    assert.ok(record);
    const bytes = Buffer.from(record.publicKey, 'base64');
    const isRsa = key.algorithm === 'rsa-sha256';
    const der = isRsa ? bytes : Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes]);
    const digest = isRsa ? 'sha256' : null;
    const signature = sign(digest, Buffer.from('text'), createPrivateKey(key.privateKeyPem));
    assert.ok(verify(digest, Buffer.from('text'), createPublicKey({ key: der, format: 'der', type: 'spki' }), signature));
  }
});

test('a customer proves a domain before it is theirs to use', async (t) => {
  const { context } = await settledAdministration(t);
  const { customer } = await createCustomer(context, HOST, { name: 'Juniper Bakery' });
  const actor = customerActor(customer.id);
  const added = await addDomain(context, actor, { domain: 'juniper.example' });
  assert.equal(added.state, 'unproven');
  assert.equal(context.directory.isLocalDomain(name('juniper.example')), false);
  const { proof } = showDomain(context, actor, { domain: 'juniper.example' });
  assert.equal(proof?.name, '_mailstead.juniper.example');
  assert.throws(() => proveDomain(context, actor, { domain: 'juniper.example', by: 'txt' }), Rejected);
  assert.deepEqual(proveDomain(context, HOST, { domain: 'juniper.example', by: 'txt' }), { proven: true });
  assert.deepEqual(proveDomain(context, HOST, { domain: 'juniper.example', by: 'txt' }), { proven: false });
  assert.equal(context.directory.isLocalDomain(name('juniper.example')), true);
});

test('a name is not lent before its domain is proven, nor beyond its change of hands', async (t) => {
  const { context } = await settledAdministration(t);
  const { directory } = context;
  const [bakery, dairy] = await Promise.all(
    ['Bakery', 'Dairy'].map(async (each) => customerActor((await createCustomer(context, HOST, { name: each })).customer.id)),
  );
  assert.ok(bakery && dairy);
  await addDomain(context, bakery, { domain: 'bakery.example' });
  proveDomain(context, HOST, { domain: 'bakery.example', by: 'mx' });
  const { mailbox } = await createAccount(context, bakery, { address: 'ann@bakery.example', password: 'lantern-orchard' });
  const account = brand<AccountId>(Number(mailbox.id));
  const boss = brand<Address>('boss@dairy.example');
  await addDomain(context, bakery, { domain: 'dairy.example' });
  for (const address of ['@dairy.example', 'boss@dairy.example']) grantSender(context, bakery, { account: mailbox.id, address });
  assert.equal(directory.maySendAs(account, boss), false, 'unproven');
  proveDomain(context, HOST, { domain: 'dairy.example', by: 'mx' });
  assert.equal(directory.maySendAs(account, boss), true);
  await removeDomain(context, bakery, { domain: 'dairy.example' });
  await addDomain(context, dairy, { domain: 'dairy.example' });
  proveDomain(context, HOST, { domain: 'dairy.example', by: 'mx' });
  assert.equal(directory.maySendAs(account, boss), false, 'it belongs to another');
});

test('public suffixes, big providers and names below a neighbour are refused', async (t) => {
  const { context } = await settledAdministration(t);
  const { customer } = await createCustomer(context, HOST, { name: 'Juniper Bakery' });
  await addDomain(context, HOST, { domain: 'juniper.example', customer: customer.id });
  for (const domain of ['co.uk', 'github.io', 'gmail.com', 'mail.gmail.com', 'shop.juniper.example']) {
    await assert.rejects(addDomain(context, HOST, { domain }), Rejected, domain);
  }
  for (const domain of ['localhost', 'no_such.example', '192.0.2.1', '', 'a..b'])
    await assert.rejects(addDomain(context, HOST, { domain }), Invalid, domain);
  const own = await addDomain(context, customerActor(customer.id), { domain: 'shop.juniper.example' });
  assert.equal(own.name, 'shop.juniper.example');
});

test("another customer's domain is not found, whatever is asked of it", async (t) => {
  const { context } = await settledAdministration(t);
  const mine = (await createCustomer(context, HOST, { name: 'Mine' })).customer;
  const theirs = (await createCustomer(context, HOST, { name: 'Theirs' })).customer;
  await addDomain(context, HOST, { domain: 'theirs.example', customer: theirs.name });
  const actor = customerActor(mine.id);
  const args = { domain: 'theirs.example' };
  assert.throws(() => showDomain(context, actor, args), NotFound);
  assert.throws(() => suspendDomain(context, actor, { ...args, reason: 'x' }), NotFound);
  assert.throws(() => listDomainChecks(context, actor, args), NotFound);
  await assert.rejects(removeDomain(context, actor, args), NotFound);
  await assert.rejects(addDomain(context, actor, { domain: 'x.example', customer: theirs.id }), NotFound);
  assert.deepEqual(listDomains(context, actor, {}), { items: [], next: null, total: 0 });
});

test('lists search, count and page by key', async (t) => {
  const { context } = await settledAdministration(t);
  for (const domain of ['a.example', 'b.example', 'c.example', 'other.test']) await addDomain(context, HOST, { domain });
  await createAccount(context, HOST, { address: 'marta@b.example', password: 'lantern-orchard' });
  const first = listDomains(context, HOST, { q: 'EXAMPLE', limit: 2 });
  assert.deepEqual(
    first.items.map((item) => [item.name, item.mailboxes]),
    [
      ['a.example', 0],
      ['b.example', 1],
    ],
  );
  assert.equal(first.total, 3);
  const second = listDomains(context, HOST, { q: 'example', limit: 2, after: first.next });
  assert.deepEqual(
    second.items.map((item) => item.name),
    ['c.example'],
  );
  assert.equal(second.next, null);
  assert.throws(() => listDomains(context, HOST, { after: 'nonsense' }), Invalid);
});

test('suspending a domain stops it with a reason and unsuspending restores it exactly', async (t) => {
  const { context, events } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: 'lantern-orchard' });
  events.length = 0;
  const suspended = suspendDomain(context, HOST, { domain: 'juniper.example', reason: 'Unpaid' });
  assert.deepEqual([suspended.state, suspended.suspendedReason], ['suspended', 'Unpaid']);
  assert.ok(events.some((event) => event.kind === 'revoked' && String(event.account) === mailbox.id));
  const account = context.directory.account(brand(Number(mailbox.id)));
  assert.deepEqual([account?.suspendedIn, account?.suspendedOut, account?.suspendedLogin], [true, true, true]);
  assert.equal(context.directory.signingKeys(name('juniper.example')).length, 0);
  assert.equal(unsuspendDomain(context, HOST, { domain: 'juniper.example' }).state, 'proven');
  assert.equal(context.directory.account(brand(Number(mailbox.id)))?.suspendedIn, false);
});

test('a domain with mailboxes goes only with force, and takes them along', async (t) => {
  const { context, erased } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: 'lantern-orchard' });
  await assert.rejects(removeDomain(context, HOST, { domain: 'juniper.example' }), Rejected);
  await removeDomain(context, HOST, { domain: 'juniper.example', force: true });
  assert.deepEqual(erased.map(String), [mailbox.id]);
  assert.equal(listDomains(context, HOST, {}).total, 0);
  const actions = listAudit(context, HOST, {}).items.map((item) => item.action);
  assert.deepEqual(actions.slice(0, 3), ['domain.remove', 'account.create', 'domain.add']);
});

test('checks are kept as history, up to the setting, and say what is due', async (t) => {
  const { context, pass } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  assert.deepEqual(domainsToCheck(context.control.db, context.now(), 10), ['juniper.example']);
  const report = { headline: 'Mail arrives here', line: [{ state: 'ok' }, { state: 'warn' }] };
  for (let at = 0; at < 103; at++) {
    saveDomainCheck(context, name('juniper.example'), { delivers: at % 2 === 0, report });
    pass(1_000);
  }
  assert.equal(listDomainChecks(context, HOST, { domain: 'juniper.example', limit: 200 }).items.length, 100);
  assert.equal(listDomainChecks(context, HOST, { domain: 'juniper.example', limit: 1 }).items[0]?.delivers, true);
  const [item] = listDomains(context, HOST, {}).items;
  assert.deepEqual([item?.headline, item?.line], ['Mail arrives here', ['ok', 'warn']]);
  assert.deepEqual(domainsToCheck(context.control.db, context.now() - 60_000, 10), []);
});
