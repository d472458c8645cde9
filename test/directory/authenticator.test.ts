import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../../daemon/admin/actor.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createAppPassword, revokeAppPassword } from '../../daemon/admin/app-passwords.ts';
import { changePassword } from '../../daemon/admin/change-password.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { signIn } from '../../daemon/admin/sign-in.ts';
import { suspendAccount, unsuspendAccount } from '../../daemon/admin/suspend-account.ts';
import type { LoginProtocol, LoginVerdict } from '../../daemon/directory/login.ts';
import { saveLogins } from '../../daemon/directory/records/usage.ts';
import { HOST, settledAdministration } from '../admin/administration.ts';

const PASSWORD = 'lantern-orchard';
const LOGIN = 'marta@juniper.example';

async function withMailbox(t: Parameters<typeof settledAdministration>[0]) {
  const made = await settledAdministration(t);
  await addDomain(made.context, HOST, { domain: 'juniper.example' });
  const { mailbox } = await createAccount(made.context, HOST, { address: LOGIN, password: PASSWORD });
  const login = (password: string, options: { login?: string; protocol?: LoginProtocol; from?: string } = {}): Promise<LoginVerdict> =>
    made.authenticator.login({
      login: options.login ?? LOGIN,
      password,
      protocol: options.protocol ?? 'imap',
      remoteAddress: options.from ?? '192.0.2.1',
      tls: true,
    });
  return { ...made, mailbox, login };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

test('RFC 4616 §2: the right password opens, in any case of the address; a wrong one and an unknown login are refused alike', async (t) => {
  const { login, mailbox } = await withMailbox(t);
  const verdict = await login(PASSWORD, { login: 'Marta@Juniper.EXAMPLE' });
  assert.ok(verdict.kind === 'account');
  assert.deepEqual([String(verdict.account), verdict.address], [mailbox.id, LOGIN]);
  assert.deepEqual(await login('wrong-password'), { kind: 'refused' });
  assert.deepEqual(await login(PASSWORD, { login: 'nobody@juniper.example' }), { kind: 'refused' });
  assert.deepEqual(await login(PASSWORD, { login: 'no address' }), { kind: 'refused' });
  assert.deepEqual(await login('', {}), { kind: 'refused' });
});

test('unknown users take as long as known ones, however long the password', async (t) => {
  const { login } = await withMailbox(t);
  await login('warm-up-the-hash');
  for (const password of ['wrong-password', 'x'.repeat(3_000)]) {
    const known = await timed(() => login(password));
    const unknown = await timed(() => login(password, { login: 'nobody@juniper.example' }));
    assert.ok(unknown > known / 4 && unknown < known * 4, `${known} ms and ${unknown} ms`);
  }
});

test('tries at the same time are throttled as tries one after another', async (t) => {
  const { login, context } = await withMailbox(t);
  const count = (kinds: readonly string[], kind: string): number => kinds.filter((each) => each === kind).length;
  const tries = Array.from({ length: 60 }, async (_, at) => (await login(`wrong-${at}`)).kind);
  const kinds = await Promise.all(tries);
  assert.ok(count(kinds, 'refused') <= 24 && count(kinds, 'throttled') >= 36, `${count(kinds, 'refused')} were tried`);
  const visitor: Actor = { kind: 'visitor', id: null, name: '', customer: null, remoteAddress: '192.0.2.7' };
  const signIns = Array.from(
    { length: 60 },
    async (_, at) => (await signIn(context, visitor, { login: 'host@north.example', password: `wrong-${at}` })).kind,
  );
  const answers = await Promise.all(signIns);
  assert.ok(count(answers, 'refused') <= 24 && count(answers, 'throttled') >= 36, `${count(answers, 'refused')} were tried`);
});

test('an office whose mail programs all come back at once is let in', async (t) => {
  const { login } = await withMailbox(t);
  const kinds = await Promise.all(Array.from({ length: 60 }, async () => (await login(PASSWORD)).kind));
  assert.deepEqual([...new Set(kinds)], ['account']);
});

test('a verified password is remembered for five minutes', async (t) => {
  const { login, pass, context } = await withMailbox(t);
  let hashes = 0;
  const { verify } = context.passwords;
  Object.assign(context.passwords, {
    verify: (password: string, phc: string) => {
      hashes += 1;
      return verify(password, phc);
    },
  });
  // Mail programs open many connections at once: one hash serves them all.
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => login(PASSWORD)));
  assert.ok(verdicts.every((verdict) => verdict.kind === 'account'));
  assert.equal(hashes, 1);
  await login(PASSWORD, { protocol: 'smtp' });
  assert.equal(hashes, 1);
  pass(5 * 60_000);
  await login(PASSWORD);
  assert.equal(hashes, 2);
});

test('a new password voids what was remembered at once', async (t) => {
  const { login, context, mailbox } = await withMailbox(t);
  assert.equal((await login(PASSWORD)).kind, 'account');
  await changePassword(context, HOST, { account: mailbox.id, password: 'harbour-velvet' });
  assert.equal((await login(PASSWORD)).kind, 'refused');
  assert.equal((await login('harbour-velvet')).kind, 'account');
});

test('suspension is told only to who knows the password, remembered or not', async (t) => {
  const { login, context } = await withMailbox(t);
  await login(PASSWORD);
  suspendAccount(context, HOST, { account: LOGIN, login: true });
  assert.equal((await login(PASSWORD)).kind, 'suspended');
  assert.equal((await login(PASSWORD)).kind, 'suspended');
  assert.equal((await login('wrong-password')).kind, 'refused');
  unsuspendAccount(context, HOST, { account: LOGIN });
  assert.equal((await login(PASSWORD)).kind, 'account');
});

test('app passwords open what they are for, typed in any way, until revoked', async (t) => {
  const { login, context, logins } = await withMailbox(t);
  const { appPassword, secret } = createAppPassword(context, HOST, { account: LOGIN, label: 'Phone', scopes: ['imap', 'smtp'] });
  assert.equal((await login(secret)).kind, 'account');
  assert.equal((await login(secret.replaceAll('-', '').toUpperCase(), { protocol: 'smtp' })).kind, 'account');
  assert.equal((await login(secret, { protocol: 'pop3' })).kind, 'suspended');
  assert.equal((await login(secret, { protocol: 'panel' })).kind, 'suspended');
  assert.deepEqual(
    logins.map((one) => String(one.appPassword)),
    [appPassword.id, appPassword.id],
  );
  saveLogins(context.control, logins);
  const used = context.control.connection.sql.prepare('SELECT last_used_at FROM app_password').pluck().get();
  assert.equal(used, context.now());
  revokeAppPassword(context, HOST, { account: LOGIN, id: appPassword.id });
  assert.equal((await login(secret)).kind, 'refused');
});

test("another mailbox's app password opens nothing here", async (t) => {
  const { login, context } = await withMailbox(t);
  await createAccount(context, HOST, { address: 'theo@juniper.example', password: PASSWORD });
  const { secret } = createAppPassword(context, HOST, { account: 'theo@juniper.example', label: 'Phone' });
  assert.equal((await login(secret)).kind, 'refused');
});

test('guessing is slowed down from there, while the owner gets in from where they always do', async (t) => {
  const { login } = await withMailbox(t);
  assert.equal((await login(PASSWORD, { from: '203.0.113.9' })).kind, 'account');
  let verdict: LoginVerdict = { kind: 'refused' };
  for (let at = 0; at < 60 && verdict.kind === 'refused'; at++) verdict = await login(`guess-number-${at}`, { from: '192.0.2.66' });
  assert.ok(verdict.kind === 'throttled' && verdict.retryAfterS <= 60);
  assert.equal((await login('mistyped-once', { from: '203.0.113.9' })).kind, 'refused');
  assert.equal((await login(PASSWORD, { from: '203.0.113.9' })).kind, 'account');
});

test('whoever holds sessions hears of a revocation', async (t) => {
  const { authenticator } = await withMailbox(t);
  const heard: number[] = [];
  authenticator.onRevoked((account) => heard.push(account));
  authenticator.revoke(5 as never);
  assert.deepEqual(heard, [5]);
});
