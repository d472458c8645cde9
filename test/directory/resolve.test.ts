import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAddress } from '../../daemon/admin/add-address.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import type { AdminContext } from '../../daemon/admin/admin-context.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { setOwnForwarder } from '../../daemon/admin/edit-address.ts';
import { removeAccount } from '../../daemon/admin/remove-account.ts';
import { grantSender, revokeSender } from '../../daemon/admin/sender-grants.ts';
import { changeSettings } from '../../daemon/admin/settings.ts';
import { suspendAccount, unsuspendAccount } from '../../daemon/admin/suspend-account.ts';
import { suspendDomain } from '../../daemon/admin/suspend-domain.ts';
import { updateDomain } from '../../daemon/directory/records/domains.ts';
import { saveUsage } from '../../daemon/directory/records/usage.ts';
import { type AccountId, type Address, brand, type Domain } from '../../daemon/wire/ids.ts';
import { customerActor, HOST, settledAdministration } from '../admin/administration.ts';

const PASSWORD = 'lantern-orchard';
const at = (text: string): Address => brand<Address>(text);

/** The resolution in a line: `marta@... shop; out@... by sales@...`. */
function resolved(context: AdminContext, address: string): string {
  const resolution = context.directory.resolve(at(address));
  if (resolution.kind === 'refused') return `refused ${resolution.text}`;
  if (resolution.kind !== 'deliverable') return resolution.kind;
  return resolution.destinations
    .map((to) => {
      if (to.kind === 'account') return `${to.account.address}${to.subaddress === null ? '' : ` ${to.subaddress}`}`;
      return to.kind === 'discard' ? `nowhere by ${to.forwarder}` : `${to.to} by ${to.forwarder}`;
    })
    .join('; ');
}

async function withPeople(t: Parameters<typeof settledAdministration>[0]) {
  const made = await settledAdministration(t);
  const { context } = made;
  await addDomain(context, HOST, { domain: 'juniper.example' });
  const ids: AccountId[] = [];
  for (const local of ['marta', 'theo']) {
    const { mailbox } = await createAccount(context, HOST, { address: `${local}@juniper.example`, password: PASSWORD });
    ids.push(brand<AccountId>(Number(mailbox.id)));
  }
  const forward = (local: string, ...targets: string[]) =>
    addAddress(context, HOST, {
      address: `${local}@juniper.example`,
      targets: targets.map((target) => (target.includes('@') ? target : `${target}@juniper.example`)),
    });
  return { ...made, forward, marta: ids[0] ?? brand<AccountId>(0), theo: ids[1] ?? brand<AccountId>(0) };
}

test('RFC 5321 §2.4: a mailbox is found in any case of its address', async (t) => {
  const { context } = await withPeople(t);
  assert.equal(resolved(context, 'MARTA@juniper.example'), 'marta@juniper.example');
  assert.equal(resolved(context, 'nobody@juniper.example'), 'unknown');
  assert.equal(resolved(context, 'marta@elsewhere.test'), 'not-ours');
  assert.equal(resolved(context, '"marta"@juniper.example'), 'unknown', 'quotes are taken off by the parser, not here');
});

test('RFC 5233 §4: plus addresses lead to the mailbox and keep their note', async (t) => {
  const { context, forward } = await withPeople(t);
  forward('sales', 'marta');
  assert.equal(resolved(context, 'marta+shop@juniper.example'), 'marta@juniper.example shop');
  assert.equal(resolved(context, 'sales+x@juniper.example'), 'marta@juniper.example');
  assert.equal(resolved(context, 'nobody+x@juniper.example'), 'unknown');
  changeSettings(context, HOST, { values: { 'domains.separator': '' } });
  assert.equal(resolved(context, 'marta+shop@juniper.example'), 'unknown');
});

test('an alias leads to several, each once, here and outside', async (t) => {
  const { context, forward } = await withPeople(t);
  forward('team', 'marta', 'theo', 'out@elsewhere.test', 'again');
  forward('again', 'theo', 'out@elsewhere.test', 'more@elsewhere.test');
  assert.equal(
    resolved(context, 'team@juniper.example'),
    'marta@juniper.example; theo@juniper.example; out@elsewhere.test by team@juniper.example; more@elsewhere.test by again@juniper.example',
  );
});

test("a mailbox's forwarder keeps a copy or does not", async (t) => {
  const { context } = await withPeople(t);
  const account = 'marta@juniper.example';
  setOwnForwarder(context, HOST, { account, targets: ['out@elsewhere.test'], keepCopy: true });
  assert.equal(resolved(context, account), 'marta@juniper.example; out@elsewhere.test by marta@juniper.example');
  setOwnForwarder(context, HOST, { account, targets: ['out@elsewhere.test'], keepCopy: false });
  assert.equal(resolved(context, account), 'out@elsewhere.test by marta@juniper.example');
  setOwnForwarder(context, HOST, { account, targets: [account, 'out@elsewhere.test'], keepCopy: false });
  assert.equal(resolved(context, account), 'marta@juniper.example; out@elsewhere.test by marta@juniper.example');
});

test('discard, reject and catch-all', async (t) => {
  const { context } = await withPeople(t);
  addAddress(context, HOST, { address: 'noreply@juniper.example', kind: 'discard' });
  addAddress(context, HOST, { address: 'old@juniper.example', kind: 'reject', rejectText: 'Write to marta' });
  addAddress(context, HOST, { address: '@juniper.example', targets: ['theo@juniper.example'] });
  assert.equal(resolved(context, 'noreply@juniper.example'), 'nowhere by noreply@juniper.example');
  assert.equal(resolved(context, 'old@juniper.example'), 'refused Write to marta');
  assert.equal(resolved(context, 'whoever@juniper.example'), 'theo@juniper.example');
  assert.equal(resolved(context, 'who+ever@juniper.example'), 'theo@juniper.example');
  assert.equal(resolved(context, 'marta@juniper.example'), 'marta@juniper.example');
});

test('RFC 5321 §4.5.1, RFC 2142 §4: postmaster and abuse always take mail', async (t) => {
  const { context } = await withPeople(t);
  assert.equal(resolved(context, 'Postmaster@juniper.example'), 'marta@juniper.example', 'the first mailbox');
  suspendAccount(context, HOST, { account: 'marta@juniper.example', in: true });
  assert.equal(resolved(context, 'abuse@juniper.example'), 'theo@juniper.example');
  changeSettings(context, HOST, { values: { 'server.postmaster': 'desk@elsewhere.test' } });
  assert.equal(resolved(context, 'abuse@juniper.example'), 'desk@elsewhere.test by abuse@juniper.example');
  await addDomain(context, HOST, { domain: 'empty.example' });
  changeSettings(context, HOST, { values: { 'server.postmaster': '' } });
  assert.equal(resolved(context, 'postmaster@empty.example'), 'theo@juniper.example', "the customer's first mailbox");
  assert.equal(resolved(context, 'postmaster@mail.north.example'), 'theo@juniper.example', "the server's own name");
  assert.equal(resolved(context, 'someone@mail.north.example'), 'unknown');
  addAddress(context, HOST, { address: 'abuse@juniper.example', targets: ['theo@juniper.example'] });
  assert.equal(resolved(context, 'abuse@juniper.example'), 'theo@juniper.example');
});

test('RFC 5321 §4.5.1: a caretaker whom mail does not reach gives way to the next', async (t) => {
  const { context, forward } = await withPeople(t);
  const north = 'mail.north.example';
  changeSettings(context, HOST, { values: { 'server.postmaster': 'gone@juniper.example', 'server.adminAddress': 'gone@juniper.example' } });
  assert.equal(resolved(context, 'postmaster@juniper.example'), 'marta@juniper.example', 'the setting leads nowhere');
  assert.equal(resolved(context, `abuse@${north}`), 'marta@juniper.example', "the host's first mailbox answers for the server's own name");
  forward('one', 'two');
  forward('two', 'one');
  setOwnForwarder(context, HOST, { account: 'marta@juniper.example', targets: ['one@juniper.example'], keepCopy: false });
  addAddress(context, HOST, { address: '@juniper.example', targets: ['theo@juniper.example'] });
  assert.equal(resolved(context, 'postmaster@juniper.example'), 'theo@juniper.example', 'the catch-all');
  assert.equal(resolved(context, 'postmaster+x@juniper.example'), 'theo@juniper.example');

  const { customer } = await createCustomer(context, HOST, { name: 'Guest' });
  const guest = customerActor(customer.id);
  for (const [id, domain] of ['guest.example', 'bare.example'].entries()) {
    await addDomain(context, guest, { domain });
    context.control.transact(({ db }) => updateDomain(db, id + 2, { state: 'proven', provenAt: 1 }));
  }
  assert.equal(resolved(context, 'abuse@bare.example'), 'theo@juniper.example', 'unknown users of the setting reach the catch-all');
  await createAccount(context, guest, { address: 'gast@guest.example', password: PASSWORD });
  changeSettings(context, HOST, { values: { 'server.postmaster': '' } });
  assert.equal(resolved(context, 'abuse@bare.example'), 'gast@guest.example', "the first mailbox of the domain's customer");
  suspendAccount(context, HOST, { account: 'gast@guest.example', in: true });
  suspendAccount(context, HOST, { account: 'marta@juniper.example', in: true });
  assert.equal(resolved(context, 'abuse@bare.example'), 'theo@juniper.example', "the first mailbox of the host's own customer");
  suspendAccount(context, HOST, { account: 'theo@juniper.example', in: true });
  assert.equal(resolved(context, 'abuse@bare.example'), 'unknown', 'nobody at all');
  assert.equal(resolved(context, `postmaster@${north}`), 'unknown');
  changeSettings(context, HOST, { values: { 'server.adminAddress': 'host@far.test' } });
  assert.equal(resolved(context, 'abuse@bare.example'), 'host@far.test by abuse@bare.example');
  assert.equal(resolved(context, `postmaster@${north}`), `host@far.test by postmaster@${north}`);
});

test('a postmaster setting that leads to itself still ends somewhere', async (t) => {
  const { context } = await withPeople(t);
  changeSettings(context, HOST, { values: { 'server.postmaster': 'postmaster@juniper.example' } });
  assert.equal(resolved(context, 'postmaster@juniper.example'), 'marta@juniper.example');
  assert.equal(resolved(context, 'abuse@juniper.example'), 'marta@juniper.example');
});

test('forwarders in a circle end as temporary, and are reported', async (t) => {
  const { context, forward, loops } = await withPeople(t);
  forward('one', 'two');
  forward('two', 'three');
  forward('three', 'one');
  assert.equal(resolved(context, 'one@juniper.example'), 'temporary');
  assert.deepEqual(loops, ['one@juniper.example']);
  forward('beside', 'one', 'theo');
  assert.equal(resolved(context, 'beside@juniper.example'), 'theo@juniper.example');
});

test('a chain deeper than ten and more than a hundred destinations are temporary: nothing is lost silently', async (t) => {
  const { context, forward } = await withPeople(t);
  for (let level = 0; level < 12; level++) forward(`level${level}`, level === 11 ? 'theo' : `level${level + 1}`);
  assert.equal(resolved(context, 'level0@juniper.example'), 'temporary');
  assert.equal(resolved(context, 'level5@juniper.example'), 'theo@juniper.example');
  for (const half of ['left', 'right']) forward(half, ...Array.from({ length: 60 }, (_, n) => `${half}${n}@elsewhere.test`));
  forward('many', 'left', 'right');
  assert.equal(resolved(context, 'many@juniper.example'), 'temporary');
  assert.equal(context.directory.resolve(at('left@juniper.example')).kind, 'deliverable');
});

test('suspended mailboxes refuse, beside others they are left out', async (t) => {
  const { context, forward } = await withPeople(t);
  forward('team', 'marta', 'theo');
  suspendAccount(context, HOST, { account: 'marta@juniper.example', in: true });
  assert.equal(resolved(context, 'marta@juniper.example'), 'suspended');
  assert.equal(resolved(context, 'team@juniper.example'), 'theo@juniper.example');
  unsuspendAccount(context, HOST, { account: 'marta@juniper.example' });
  assert.equal(resolved(context, 'marta@juniper.example'), 'marta@juniper.example');
});

test('an unproven domain is not ours, a forward into it goes where its MX points; a suspended one refuses', async (t) => {
  const { context, forward } = await withPeople(t);
  const { customer } = await createCustomer(context, HOST, { name: 'Claims a lot' });
  await addDomain(context, customerActor(customer.id), { domain: 'claimed.example' });
  await createAccount(context, HOST, { address: 'x@claimed.example', password: PASSWORD });
  forward('to-claimed', 'x@claimed.example');
  assert.equal(resolved(context, 'x@claimed.example'), 'not-ours');
  assert.equal(resolved(context, 'to-claimed@juniper.example'), 'x@claimed.example by to-claimed@juniper.example');
  assert.equal(context.directory.isLocalDomain(brand<Domain>('claimed.example')), false);
  await addDomain(context, HOST, { domain: 'other.example' });
  await createAccount(context, HOST, { address: 'y@other.example', password: PASSWORD });
  forward('to-other', 'y@other.example');
  suspendDomain(context, HOST, { domain: 'other.example', reason: 'Unpaid' });
  assert.equal(resolved(context, 'y@other.example'), 'not-ours');
  assert.equal(resolved(context, 'to-other@juniper.example'), 'suspended');
  assert.equal(context.directory.isLocalDomain(brand<Domain>('other.example')), true);
});

test('what was remembered is dropped when it changes, but not when only usage does', async (t) => {
  const { context, marta } = await withPeople(t);
  const first = context.directory.resolve(at('marta@juniper.example'));
  assert.equal(context.directory.resolve(at('marta@juniper.example')), first);
  saveUsage(context.control, { accounts: [marta], bytes: [777], messages: [3] }, 0);
  const second = context.directory.resolve(at('marta@juniper.example'));
  assert.equal(second, first, 'still the remembered one');
  assert.ok(second.kind === 'deliverable' && second.destinations[0]?.kind === 'account');
  assert.equal(second.destinations[0].account.usageBytes, 777);
  await removeAccount(context, HOST, { account: 'marta@juniper.example' });
  assert.equal(resolved(context, 'marta@juniper.example'), 'unknown');
  assert.equal(context.directory.account(marta), undefined);
});

test('who may write as whom', async (t) => {
  const { context, forward, marta, theo } = await withPeople(t);
  const may = (account: AccountId, address: string): boolean => context.directory.maySendAs(account, at(address));
  forward('sales', 'marta');
  assert.deepEqual(
    [may(marta, 'Marta@juniper.example'), may(marta, 'marta+x@juniper.example'), may(marta, 'sales@juniper.example')],
    [true, true, true],
  );
  assert.deepEqual(
    [may(theo, 'marta@juniper.example'), may(theo, 'marta+x@juniper.example'), may(theo, 'sales@juniper.example')],
    [false, false, false],
  );
  assert.deepEqual([may(marta, 'nobody@juniper.example'), may(marta, 'marta@elsewhere.test')], [false, false]);
  setOwnForwarder(context, HOST, { account: 'marta@juniper.example', targets: ['theo@juniper.example'], keepCopy: true });
  assert.equal(may(theo, 'marta@juniper.example'), false, 'forwarded mail does not lend the name');
  grantSender(context, HOST, { account: 'theo@juniper.example', address: '@juniper.example' });
  assert.deepEqual([may(theo, 'marta@juniper.example'), may(theo, 'nobody@juniper.example')], [true, true]);
  revokeSender(context, HOST, { account: 'theo@juniper.example', address: '@juniper.example' });
  assert.equal(may(theo, 'marta@juniper.example'), false);
  context.control.transact(({ db }) => updateDomain(db, 1, { state: 'unproven', provenAt: null }));
  assert.equal(may(marta, 'marta@juniper.example'), false, 'nobody writes as a domain that is not proven');
});
