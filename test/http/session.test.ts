/** Log-in by cookie, CSRF, log-out, own sessions and passwords, throttling. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { setup } from '../../daemon/admin/setup.ts';
import { createSetupLink } from '../../daemon/admin/setup-link.ts';
import { HOST } from '../admin/administration.ts';
import { HOST_LOGIN, openSite, signInAs } from './site.ts';

test('a set-up link opens the wizard once and signs the host in', async (t) => {
  const site = await openSite(t, { settled: false });
  const { secret } = createSetupLink(site.admin.context, HOST, { hostname: 'mail.north.example', email: 'host@north.example' });
  const wrong = await site.ask({ method: 'POST', url: '/api/v1/setup/check', payload: { secret: 'nonsense' } });
  assert.equal(wrong.statusCode, 404);
  const check = await site.ask({ method: 'POST', url: '/api/v1/setup/check', payload: { secret } });
  assert.deepEqual(check.json(), { hostname: 'mail.north.example', email: 'host@north.example', version: '0.1.0' });
  const request = { secret, hostname: 'mail.north.example', email: 'host@north.example', password: 'lantern-orchard' };
  const done = await site.ask({ method: 'POST', url: '/api/v1/setup', payload: request });
  assert.equal(done.statusCode, 201, done.body);
  assert.equal(done.json().role, 'host');
  assert.equal(done.json().server.hostname, 'mail.north.example');
  const cookie = String(done.headers['set-cookie']).split(';', 1)[0] ?? '';
  assert.equal((await site.ask({ url: '/api/v1/session', headers: { cookie } })).statusCode, 200);
  assert.equal((await site.ask({ method: 'POST', url: '/api/v1/setup', payload: request })).statusCode, 409);
});

test('a set-up by the command line ends open links, and an old link says why it opens nothing', async (t) => {
  const site = await openSite(t, { settled: false });
  const { secret } = createSetupLink(site.admin.context, HOST, {});
  const check = (of: string) => site.ask({ method: 'POST', url: '/api/v1/setup/check', payload: { secret: of } });
  assert.equal((await check(secret)).statusCode, 200);
  const wrong = await check('nonsense');
  assert.equal(wrong.statusCode, 404);
  assert.match(wrong.json().error.message, /Run mailstead setup --link for a new one$/);
  await setup(site.admin.context, HOST, { hostname: 'mail.north.example', email: 'host@north.example', password: 'lantern-orchard' });
  const ended = await check(secret);
  assert.deepEqual([ended.statusCode, ended.json().error.message], [404, 'This server is set up already']);
});

test('the cookie is bound to the host, hidden from scripts and never sent across sites', async (t) => {
  const site = await openSite(t);
  const answer = await site.ask({ method: 'POST', url: '/api/v1/session', payload: HOST_LOGIN });
  const cookie = String(answer.headers['set-cookie']);
  assert.match(cookie, /^__Host-mailstead=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  assert.doesNotMatch(cookie, /Domain/i);
  const { csrf, ...session } = answer.json();
  assert.match(csrf, /^[\w-]{32}$/);
  assert.deepEqual(session, {
    role: 'host',
    login: 'host@north.example',
    name: 'host@north.example',
    mailbox: null,
    customer: { id: '1', name: 'mail.north.example' },
    server: { hostname: 'mail.north.example', version: '0.1.0', brand: 'Mailstead', startedAt: '2026-11-23T12:00:00.000Z' },
  });
});

test('a changing request by cookie needs the CSRF token; one that another site sends is refused', async (t) => {
  const site = await openSite(t);
  const { cookie, csrf } = await signInAs(site, HOST_LOGIN);
  const add = (headers: Record<string, string>) =>
    site.ask({ method: 'POST', url: '/api/v1/domains', payload: { name: 'juniper.example' }, headers: { cookie, ...headers } });
  assert.equal((await add({})).statusCode, 403);
  assert.equal((await add({ 'x-csrf-token': 'x'.repeat(32) })).statusCode, 403);
  assert.equal((await add({ 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' })).statusCode, 403);
  assert.equal((await add({ 'x-csrf-token': csrf, 'sec-fetch-site': 'same-origin' })).statusCode, 201);
  const foreign = await site.ask({
    method: 'POST',
    url: '/api/v1/session',
    payload: HOST_LOGIN,
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(foreign.statusCode, 403);
});

test('sessions are listed, ended one by one, and end by log-out, idleness and age', async (t) => {
  const site = await openSite(t);
  const one = await signInAs(site, HOST_LOGIN);
  const two = await signInAs(site, HOST_LOGIN);
  const { items } = (await site.ask({ url: '/api/v1/sessions', headers: one.headers })).json();
  assert.equal(items.length, 2);
  assert.equal(items.filter((item: { current: boolean }) => item.current).length, 1);
  const other = items.find((item: { current: boolean }) => !item.current);
  assert.equal((await site.ask({ method: 'DELETE', url: `/api/v1/sessions/${other.id}`, headers: one.headers })).statusCode, 204);
  assert.equal((await site.ask({ url: '/api/v1/session', headers: two.headers })).statusCode, 401);
  const out = await site.ask({ method: 'DELETE', url: '/api/v1/session', headers: one.headers });
  assert.equal(out.statusCode, 204);
  assert.match(String(out.headers['set-cookie']), /Max-Age=0/);
  assert.equal((await site.ask({ url: '/api/v1/session', headers: one.headers })).statusCode, 401);

  const idle = await signInAs(site, HOST_LOGIN);
  site.admin.pass(12 * 3_600_000 + 1);
  assert.equal((await site.ask({ url: '/api/v1/session', headers: idle.headers })).statusCode, 401);
  const old = await signInAs(site, HOST_LOGIN);
  for (let day = 0; day < 14 * 4; day++) {
    assert.equal((await site.ask({ url: '/api/v1/session', headers: old.headers })).statusCode, 200, `quarter day ${day}`);
    site.admin.pass(6 * 3_600_000);
  }
  assert.equal((await site.ask({ url: '/api/v1/session', headers: old.headers })).statusCode, 401);
});

test('a mailbox user signs in, changes the password and keeps this session only', async (t) => {
  const site = await openSite(t);
  await addDomain(site.admin.context, HOST, { domain: 'juniper.example' });
  await createAccount(site.admin.context, HOST, { address: 'ann@juniper.example', password: 'orchard-lantern' });
  const login = { login: 'Ann@Juniper.example', password: 'orchard-lantern' };
  const one = await signInAs(site, login);
  const two = await signInAs(site, login);
  const change = (payload: object) => site.ask({ method: 'POST', url: '/api/v1/session/password', payload, headers: one.headers });
  const wrong = await change({ current: 'not-the-one', next: 'walnut-harbour' });
  assert.deepEqual([wrong.statusCode, wrong.json().error.field], [400, 'current']);
  const weak = await change({ current: 'orchard-lantern', next: 'short' });
  assert.deepEqual([weak.statusCode, weak.json().error.field], [400, 'next']);
  assert.equal((await change({ current: 'orchard-lantern', next: 'walnut-harbour' })).statusCode, 204);
  assert.equal((await site.ask({ url: '/api/v1/session', headers: one.headers })).json().role, 'account');
  assert.equal((await site.ask({ url: '/api/v1/session', headers: two.headers })).statusCode, 401);
  const me = (await site.ask({ url: '/api/v1/me', headers: one.headers })).json();
  assert.equal(me.mailbox.address, 'ann@juniper.example');
  assert.equal(me.settings.servers[0].port, 10_993);
  assert.equal(
    (
      await site.ask({
        method: 'PUT',
        url: '/api/v1/me/forwarder',
        payload: { targets: ['x@far.example'], keepCopy: true },
        headers: one.headers,
      })
    ).statusCode,
    204,
  );
  assert.deepEqual((await site.ask({ url: '/api/v1/me', headers: one.headers })).json().forwarder, {
    targets: ['x@far.example'],
    keepCopy: true,
  });
});

test('wrong passwords get one answer, then a pause with Retry-After', async (t) => {
  const site = await openSite(t);
  const attempt = (login: string) => site.ask({ method: 'POST', url: '/api/v1/session', payload: { login, password: 'wrong-wrong' } });
  const known = await attempt('host@north.example');
  const unknown = await attempt('nobody@north.example');
  assert.equal(known.statusCode, 401);
  assert.equal(unknown.statusCode, 401);
  assert.deepEqual(known.json(), unknown.json());
  let last = known;
  for (let at = 0; at < 25 && last.statusCode === 401; at++) last = await attempt('nobody@north.example');
  assert.equal(last.statusCode, 429);
  assert.ok(Number(last.headers['retry-after']) > 0);
  assert.equal(last.json().error.code, 'throttled');
  await attempt(`${'x'.repeat(150)}@north.example`);
  const refused = site.logged.filter(({ event }) => event === 'panel_login_refused');
  assert.deepEqual(
    [refused[0], refused[1]].map((line) => [line?.['remote'], line?.['login'], line?.['verdict']]),
    [
      ['192.0.2.10', 'host@north.example', 'refused'],
      ['192.0.2.10', 'nobody@north.example', 'refused'],
    ],
  );
  assert.equal(refused.at(-1)?.['login'], 'x'.repeat(100));
  assert.ok(refused.some(({ verdict }) => verdict === 'throttled'));
  assert.doesNotMatch(JSON.stringify(site.logged), /wrong-wrong/);
});
