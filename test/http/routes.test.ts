/** Walks the running app's routes: each has a row in route-table.ts and is really tried by everybody. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { createToken } from '../../daemon/admin/api-tokens.ts';
import { HOST } from '../admin/administration.ts';
import { ROUTE_TABLE, type RoleName, type RouteExpectation } from './route-table.ts';
import { HOST_LOGIN, makeCustomer, NOBODY, openSite, type Site, signInAs, type TestCustomer, type Visitor } from './site.ts';

interface Person extends Visitor {
  readonly name: string;
  readonly role: RoleName | null;
  /** May see what belongs to the owner of a row's objects. */
  readonly seesOwner: boolean;
  readonly isToken: boolean;
  readonly login?: { login: string; password: string };
}

async function peopleOf(site: Site, owner: TestCustomer): Promise<Person[]> {
  const other = await makeCustomer(site, 'walnut');
  const reseller = await makeCustomer(site, 'quince', 'reseller');
  const hostToken: Visitor = { headers: { authorization: `Bearer ${createToken(site.admin.context, HOST, { label: 'host' }).secret}` } };
  const person = async (name: string, role: RoleName, login: { login: string; password: string }): Promise<Person> => ({
    ...(await signInAs(site, login)),
    name,
    role,
    login,
    isToken: false,
    seesOwner: role === 'host' || login === owner.login,
  });
  const program = (name: string, role: RoleName, visitor: Visitor): Person => ({
    ...visitor,
    name,
    role,
    isToken: true,
    seesOwner: role === 'host' || visitor === owner.bearer,
  });
  return [
    { ...NOBODY, name: 'nobody', role: null, isToken: false, seesOwner: false },
    await person("the other customer's mailbox user", 'account', other.mailboxLogin),
    await person("the owner's mailbox user", 'account', owner.mailboxLogin),
    await person('the other customer', 'customer', other.login),
    program("the other customer's token", 'customer', other.bearer),
    await person('a reseller', 'reseller', reseller.login),
    program("a reseller's token", 'reseller', reseller.bearer),
    program("the owner's token", 'customer', owner.bearer),
    await person('the owner', 'customer', owner.login),
    program("the host's token", 'host', hostToken),
    await person('the host', 'host', HOST_LOGIN),
  ];
}

function expectedStatus(row: RouteExpectation, person: Person): number {
  const good = row.status ?? 200;
  if (row.roles === 'open') return good;
  if (person.role === null) return 401;
  if (!row.roles.includes(person.role)) return 403;
  if (row.log === 'in') return person.isToken ? 403 : good;
  return row.owned === true && !person.seesOwner ? 404 : good;
}

/** Tells which route's turn it is when something is not as expected. */
async function tryRoute(
  site: Site,
  [name, row]: [string, RouteExpectation],
  { owner, people, next }: { owner: TestCustomer; people: Person[]; next: () => number },
): Promise<void> {
  const method = name.slice(0, name.indexOf(' ')) as NonNullable<InjectOptions['method']>;
  const creates = row.status === 201 || method === 'DELETE';
  let target = await row.request({ site, owner, n: next() });
  for (const person of people) {
    const wanted = expectedStatus(row, person);
    // A fresh log-in for what ends one; a fresh object for what uses one up.
    const visitor = row.log === 'in' && person.login !== undefined ? await signInAs(site, person.login) : person;
    if (creates && wanted < 300) target = await row.request({ site, owner, n: next() });
    const answer = await site.ask({ method, ...target, headers: visitor.headers });
    assert.equal(answer.statusCode, wanted, `${name} as ${person.name}: ${answer.body.slice(0, 300)}`);
    if (wanted >= 400 && name.includes('/api/v1/')) {
      const { error } = answer.json<{ error: { code: string; message: string } }>();
      assert.ok(error.code !== '' && error.message !== '', `${name} as ${person.name}: the one error shape`);
    }
  }
}

let routes: readonly { method: string; url: string }[] = [];
before(async () => {
  const cleanups: (() => unknown)[] = [];
  const site = await openSite({ after: (cleanup: () => unknown) => void cleanups.push(cleanup) } as unknown as TestContext, {
    settled: false,
  });
  routes = site.app.routes;
  for (const cleanup of cleanups.reverse()) await cleanup();
});

test('every route of the running app has a row, every row a route', () => {
  const running = new Set(routes.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`));
  assert.deepEqual(
    [...running].filter((name) => !(name in ROUTE_TABLE)),
    [],
    'routes without a row',
  );
  assert.deepEqual(
    Object.keys(ROUTE_TABLE).filter((name) => !running.has(name)),
    [],
    'rows without a route',
  );
  assert.ok(running.size > 50);
});

test('each route answers each role as its row says', { timeout: 240_000 }, async (t) => {
  const site = await openSite(t);
  const owner = await makeCustomer(site, 'juniper');
  const people = await peopleOf(site, owner);
  let n = 0;
  for (const entry of Object.entries(ROUTE_TABLE)) {
    if (entry[0] === 'GET /api/v1/events') continue;
    await tryRoute(site, entry, { owner, people, next: () => ++n });
  }
  const defects = site.logged.filter((line) => line['event'] === 'http-defect');
  assert.deepEqual(defects, []);
});

test("lists show what is one's own", async (t) => {
  const site = await openSite(t);
  const owner = await makeCustomer(site, 'juniper');
  const other = await makeCustomer(site, 'walnut');
  const expected: Record<string, RegExp> = {
    '/domains': /walnut/,
    '/mailboxes': /walnut/,
    '/forwarders': /walnut/,
    '/queue': /walnut/,
    '/messages': /walnut/,
    '/search?q=walnut': /walnut/,
    '/overview': /walnut/,
    '/tokens': /walnut/,
    '/audit': /walnut/,
    '/customers': /walnut/,
  };
  for (const [path, pattern] of Object.entries(expected)) {
    const answer = await site.ask({ url: `/api/v1${path}`, headers: owner.bearer.headers });
    assert.equal(answer.statusCode, 200);
    assert.doesNotMatch(answer.body, pattern, path);
  }
  const { items, total } = (await site.ask({ url: '/api/v1/domains', headers: other.bearer.headers })).json();
  assert.deepEqual([items.map((item: { name: string }) => item.name), total], [['walnut.example'], 1]);
});

test("bulk actions of the queue leave others' messages alone", async (t) => {
  const site = await openSite(t);
  const owner = await makeCustomer(site, 'juniper');
  const other = await makeCustomer(site, 'walnut');
  const { url, payload } = await (ROUTE_TABLE['POST /api/v1/queue/hold'] as RouteExpectation).request({ site, owner, n: 1 });
  const hold = (visitor: Visitor) => site.ask({ method: 'POST', url: url as string, payload: payload as object, headers: visitor.headers });
  assert.deepEqual((await hold(other.bearer)).json(), { touched: 0 });
  assert.equal((await site.ledger.queue.summary()).held, 0);
  assert.deepEqual((await hold(owner.bearer)).json(), { touched: 1 });
  assert.equal((await site.ledger.queue.summary()).held, 1);
});
