import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../../daemon/admin/actor.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { actorOfToken, createToken, listTokens, revokeToken } from '../../daemon/admin/api-tokens.ts';
import { listAudit, sweepAudit } from '../../daemon/admin/audit-log.ts';
import { changePassword } from '../../daemon/admin/change-password.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer, listCustomers } from '../../daemon/admin/customers.ts';
import { changeOwnPassword } from '../../daemon/admin/panel-users.ts';
import { changeSettings, listSettings } from '../../daemon/admin/settings.ts';
import { isSetUp, setup } from '../../daemon/admin/setup.ts';
import { checkSetupLink, createSetupLink } from '../../daemon/admin/setup-link.ts';
import { signIn } from '../../daemon/admin/sign-in.ts';
import { useCases } from '../../daemon/admin/use-cases.ts';
import { endSession, findSession, listSessions, sweepSessions } from '../../daemon/admin/web-sessions.ts';
import { SETTINGS } from '../../daemon/directory/settings.ts';
import { Conflict, Invalid, NotFound, Rejected } from '../../daemon/lib/errors.ts';
import { administration, customerActor, HOST, settledAdministration } from './administration.ts';

const PASSWORD = 'lantern-orchard';
const VISITOR: Actor = { kind: 'visitor', id: null, name: '', customer: null, remoteAddress: '198.51.100.4' };

test('the first set-up happens once, by the command line or by a link', async (t) => {
  const { context, pass } = administration(t);
  const args = { hostname: 'mail.north.example', email: 'host@north.example', password: PASSWORD };
  await assert.rejects(setup(context, VISITOR, args), NotFound);
  await assert.rejects(setup(context, HOST, { ...args, hostname: 'mail' }), Invalid);
  const old = createSetupLink(context, HOST, {});
  const link = createSetupLink(context, HOST, { hostname: 'mail.north.example' });
  assert.throws(() => checkSetupLink(context, VISITOR, { secret: old.secret }), NotFound);
  assert.deepEqual(checkSetupLink(context, VISITOR, { secret: link.secret }), { hostname: 'mail.north.example', email: '' });
  const answer = await setup(context, VISITOR, { ...args, secret: link.secret });
  assert.ok(isSetUp(context));
  assert.equal(findSession(context, answer.session?.token ?? '', '198.51.100.4')?.actor.kind, 'host');
  assert.equal(context.directory.setting('server.hostname'), 'mail.north.example');
  await assert.rejects(setup(context, HOST, args), Conflict);
  assert.throws(() => createSetupLink(context, HOST, {}), Conflict);
  pass(1);
});

test('a set-up link ends after a day', async (t) => {
  const { context, pass } = administration(t);
  const link = createSetupLink(context, HOST, {});
  pass(86_400_000);
  assert.throws(() => checkSetupLink(context, VISITOR, { secret: link.secret }), NotFound);
});

test('panel users and mailbox users sign in by one form, and sessions end', async (t) => {
  const { context, pass, events } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'north.example' });
  const { mailbox } = await createAccount(context, HOST, { address: 'host@north.example', password: 'mailbox-password' });
  const host = await signIn(context, VISITOR, { login: 'Host@north.example', password: PASSWORD, agent: 'Firefox' });
  assert.ok(host.kind === 'open');
  assert.equal(findSession(context, host.session.token, '198.51.100.4')?.actor.kind, 'host');
  // The same address is a mailbox too: its own password opens that.
  const user = await signIn(context, VISITOR, { login: 'host@north.example', password: 'mailbox-password' });
  assert.ok(user.kind === 'open');
  const present = findSession(context, user.session.token, '198.51.100.4');
  assert.deepEqual([present?.actor.kind, String(present?.actor.id)], ['account', mailbox.id]);
  assert.deepEqual(await signIn(context, VISITOR, { login: 'host@north.example', password: 'neither-of-them' }), { kind: 'refused' });
  assert.deepEqual(await signIn(context, VISITOR, { login: 'nobody@north.example', password: 'neither-of-them' }), { kind: 'refused' });

  assert.ok(present);
  assert.equal(listSessions(context, present.actor, {}).items.length, 1);
  assert.throws(() => endSession(context, present.actor, { session: host.session.id }), NotFound);
  endSession(context, present.actor, { session: user.session.id });
  assert.equal(findSession(context, user.session.token, ''), undefined);
  assert.ok(events.some((event) => event.kind === 'session-ended' && event.session === user.session.id));
  pass(12 * 3_600_000);
  assert.equal(findSession(context, host.session.token, ''), undefined, 'idle for too long');
  pass(14 * 86_400_000);
  assert.equal(sweepSessions(context), 1);
});

test('use keeps a session alive, and a new password ends the others', async (t) => {
  const { context, pass } = await settledAdministration(t);
  const sessions = [];
  for (let at = 0; at < 2; at++) {
    const opened = await signIn(context, VISITOR, { login: 'host@north.example', password: PASSWORD });
    assert.ok(opened.kind === 'open');
    sessions.push(opened.session);
  }
  const [first, second] = sessions;
  assert.ok(first && second);
  pass(11 * 3_600_000);
  const present = findSession(context, first.token, '198.51.100.4');
  findSession(context, second.token, '198.51.100.4');
  pass(11 * 3_600_000);
  assert.ok(present && findSession(context, first.token, '198.51.100.4'));
  await assert.rejects(changeOwnPassword(context, present.actor, { current: 'wrong-one', next: 'harbour-velvet' }), Invalid);
  await assert.rejects(
    changeOwnPassword(context, present.actor, { current: PASSWORD, next: 'short' }),
    (error) => error instanceof Invalid && error.field === 'next',
  );
  await changeOwnPassword(context, present.actor, { current: PASSWORD, next: 'harbour-velvet', keepSession: first.id });
  assert.ok(findSession(context, first.token, ''));
  assert.equal(findSession(context, second.token, ''), undefined);
});

test('a mailbox password change ends its panel sessions', async (t) => {
  const { context } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@juniper.example', password: PASSWORD });
  const opened = await signIn(context, VISITOR, { login: mailbox.address, password: PASSWORD });
  assert.ok(opened.kind === 'open');
  await changePassword(context, HOST, { account: mailbox.id });
  assert.equal(findSession(context, opened.session.token, ''), undefined);
});

test('guessing panel passwords is slowed down', async (t) => {
  const { context } = await settledAdministration(t);
  let answer = await signIn(context, VISITOR, { login: 'host@north.example', password: 'guess-number-0' });
  for (let at = 1; at < 40 && answer.kind === 'refused'; at++)
    answer = await signIn(context, VISITOR, { login: 'host@north.example', password: `guess-number-${at}` });
  assert.equal(answer.kind, 'throttled');
});

test('tokens speak for their role until they expire or are revoked', async (t) => {
  const { context, pass } = await settledAdministration(t);
  const { customer } = await createCustomer(context, HOST, { name: 'Juniper Bakery' });
  const expiresAt = new Date(context.now() + 3_600_000).toISOString();
  const made = createToken(context, HOST, { label: 'billing', expiresAt });
  assert.match(made.secret, /^mst_[a-z2-7]{32}$/);
  assert.equal(actorOfToken(context, made.secret, '192.0.2.1')?.kind, 'host');
  assert.equal(actorOfToken(context, `${made.secret.slice(0, -1)}${made.secret.endsWith('a') ? 'b' : 'a'}`, ''), undefined);
  assert.equal(actorOfToken(context, 'mst_', ''), undefined);
  const theirs = createToken(context, customerActor(customer.id), { label: 'shop' });
  assert.deepEqual(
    [actorOfToken(context, theirs.secret, '')?.kind, actorOfToken(context, theirs.secret, '')?.customer],
    ['customer', Number(customer.id)],
  );
  assert.throws(() => createToken(context, customerActor(customer.id), { label: 'more', role: 'host' }), Rejected);
  assert.throws(() => createToken(context, HOST, { label: 'whose', role: 'customer' }), Invalid);
  assert.deepEqual(
    listTokens(context, customerActor(customer.id), {}).items.map((token) => token.label),
    ['shop'],
  );
  assert.throws(() => revokeToken(context, customerActor(customer.id), { id: made.token.id }), NotFound);
  revokeToken(context, HOST, { id: theirs.token.id });
  assert.equal(actorOfToken(context, theirs.secret, ''), undefined);
  pass(3_600_000);
  assert.equal(actorOfToken(context, made.secret, ''), undefined);
});

test('settings are checked, stored only when they differ, and apply at once', async (t) => {
  const { context } = await settledAdministration(t);
  assert.equal(listSettings(context, HOST, {}).items.length, SETTINGS.length);
  assert.throws(() => changeSettings(context, HOST, { values: { 'mailIn.maxBytes': 5 } }), Invalid);
  assert.throws(() => changeSettings(context, HOST, { values: { 'no.such': 5 } }), Invalid);
  assert.throws(() => changeSettings(context, HOST, { values: { 'server.hostname': '-x-' } }), Invalid);
  assert.throws(() => changeSettings(context, customerActor(1), { values: {} }), Rejected);
  changeSettings(context, HOST, { values: { 'mailIn.maxBytes': 2_097_152, 'mailIn.junk': 'refuse' } });
  assert.equal(context.directory.setting('mailIn.maxBytes'), 2_097_152);
  changeSettings(context, HOST, { values: { 'mailIn.maxBytes': 52_428_800 } });
  const stored = context.control.connection.sql.prepare("SELECT key FROM setting WHERE key LIKE 'mailIn.%'").pluck().all();
  assert.deepEqual(stored, ['mailIn.junk']);
  for (const definition of SETTINGS) changeSettings(context, HOST, { values: { [definition.key]: definition.initial } });
});

test('customers are listed with their log-in and found by name', async (t) => {
  const { context } = await settledAdministration(t);
  const made = await createCustomer(context, HOST, { name: 'Juniper Bakery', email: 'owner@juniper.test' });
  assert.notEqual(made.password, null);
  const signedIn = await signIn(context, VISITOR, { login: 'owner@juniper.test', password: made.password ?? '' });
  assert.ok(signedIn.kind === 'open');
  assert.equal(findSession(context, signedIn.session.token, '')?.actor.kind, 'customer');
  await assert.rejects(createCustomer(context, HOST, { name: 'Juniper Bakery' }), Conflict);
  await assert.rejects(createCustomer(context, HOST, { name: 'Second', email: 'owner@juniper.test' }), Conflict);
  await assert.rejects(createCustomer(context, customerActor(made.customer.id), { name: 'x' }), Rejected);
  assert.deepEqual(
    listCustomers(context, HOST, {}).items.map((item) => [item.kind, item.login]),
    [
      ['customer', 'owner@juniper.test'],
      ['host', 'host@north.example'],
    ],
  );
  const reseller = (await createCustomer(context, HOST, { name: 'Reseller', kind: 'reseller' })).customer;
  await createCustomer(context, customerActor(reseller.id, 'reseller'), { name: 'Below' });
  assert.deepEqual(
    listCustomers(context, customerActor(reseller.id, 'reseller'), {}).items.map((item) => item.name),
    ['Below', 'Reseller'],
  );
});

test('the audit log pages backwards, shows each their own, and forgets after its time', async (t) => {
  const { context, pass } = await settledAdministration(t);
  const { customer } = await createCustomer(context, HOST, { name: 'Juniper Bakery' });
  await addDomain(context, customerActor(customer.id), { domain: 'juniper.example' });
  const first = listAudit(context, HOST, { limit: 2 });
  assert.deepEqual(
    first.items.map((item) => [item.action, item.actor]),
    [
      ['domain.add', 'customer 2'],
      ['customer.create', 'command line'],
    ],
  );
  assert.deepEqual(
    listAudit(context, HOST, { limit: 2, after: first.next }).items.map((item) => item.action),
    ['setup'],
  );
  assert.equal(listAudit(context, customerActor(customer.id), {}).items.length, 2);
  assert.equal(sweepAudit(context), 0);
  pass(731 * 86_400_000);
  assert.equal(sweepAudit(context), 3);
});

test('every use case is there by its name', () => {
  for (const [name, useCase] of Object.entries(useCases)) assert.equal(useCase.name, name);
});

test('what the host adds before the first set-up stays, and the set-up gives its customer a name', async (t) => {
  const { context } = administration(t);
  const before = await addDomain(context, HOST, { domain: 'juniper.example' });
  assert.equal(before.customer.name, 'Host');
  await setup(context, HOST, { hostname: 'mail.north.example', email: 'host@north.example', password: PASSWORD });
  assert.deepEqual(
    listCustomers(context, HOST, {}).items.map((item) => [item.name, item.domains]),
    [['mail.north.example', 1]],
  );
});
