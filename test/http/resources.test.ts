/** The API's resources through a whole life each, what it refuses, and what it never tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveUsage } from '../../daemon/directory/records/usage.ts';
import { NotFound } from '../../daemon/lib/errors.ts';
import { type AccountId, brand, type CustomerId } from '../../daemon/wire/ids.ts';
import { message, remote } from '../queue/ledger-fixture.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { HOST_LOGIN, makeCustomer, openSite, type Site, signInAs, type Visitor } from './site.ts';

function client(site: Site, { headers }: Visitor) {
  return async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object) => {
    const answer = await site.ask({ method, url: `/api/v1${path}`, headers, ...(payload === undefined ? {} : { payload }) });
    // biome-ignore lint/suspicious/noExplicitAny: bodies of every kind
    return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as any };
  };
}

const ZONE: ZoneData = {
  'juniper.example': { MX: ['10 mail.north.example.'], NS: ['ns.juniper.example.'], TXT: ['v=spf1 mx ~all'] },
  'ns.juniper.example': { A: ['198.51.100.53'] },
  'mail.north.example': { A: ['198.51.100.25'] },
};

test('a domain: added, checked, looked at, compared with the check before, suspended, removed', async (t) => {
  const site = await openSite(t, { zone: ZONE });
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  const added = await ask('POST', '/domains', { name: 'Juniper.Example' });
  assert.deepEqual(
    [added.status, added.body.name, added.body.state, added.body.line, added.body.checkedAt],
    [201, 'juniper.example', 'proven', [], null],
  );
  const again = await ask('POST', '/domains', { name: 'juniper.example' });
  assert.deepEqual([again.status, again.body.error.code], [409, 'exists']);
  const bad = await ask('POST', '/domains', { name: 'not a domain' });
  assert.deepEqual([bad.status, bad.body.error.code, bad.body.error.field], [400, 'invalid', 'domain']);

  const report = await ask('POST', '/domains/juniper.example/check');
  assert.equal(report.status, 200);
  assert.equal(report.body.delivers, true);
  assert.equal(report.body.line.length, 9);
  site.resolver.change({
    ...ZONE,
    'juniper.example': { ...ZONE['juniper.example'], MX: ['10 mx.far.example.'] },
    'mx.far.example': { A: ['203.0.113.9'] },
  });
  site.admin.pass(1_000);
  assert.equal((await ask('POST', '/domains/juniper.example/check')).body.delivers, false);
  const { items } = (await ask('GET', '/domains/juniper.example/checks')).body;
  assert.deepEqual(
    items.map((item: { delivers: boolean }) => item.delivers),
    [false, true],
  );
  assert.ok(items[0].changed.length > 0, 'the MX has moved');
  assert.deepEqual(items[1].changed, []);

  const { body: detail } = await ask('GET', '/domains/JUNIPER.example');
  assert.equal(detail.report.delivers, false);
  assert.equal(detail.proof, null);
  assert.deepEqual([detail.records[0].type, detail.records[0].value], ['MX', '10 mail.north.example.']);
  assert.ok(
    detail.records.some(
      (record: { name: string; value: string }) =>
        /^rsa-.*_domainkey\.juniper\.example$/.test(record.name) && record.value.startsWith('v=DKIM1; k=rsa; p='),
    ),
  );
  const { body: overview } = await ask('GET', '/overview');
  assert.deepEqual(
    overview.attention.map((each: { id: string; href: string }) => [each.id, each.href]),
    [['domain-juniper.example', '/domains/juniper.example']],
  );

  assert.equal((await ask('POST', '/domains/juniper.example/suspend', { reason: 'Unpaid' })).body.state, 'suspended');
  assert.equal((await ask('POST', '/domains/juniper.example/unsuspend')).body.state, 'proven');
  await ask('POST', '/mailboxes', { address: 'ann@juniper.example' });
  assert.equal((await ask('DELETE', '/domains/juniper.example')).status, 403);
  assert.equal((await ask('DELETE', '/domains/juniper.example?force=true')).status, 204);
  assert.equal((await ask('GET', '/domains/juniper.example')).status, 404);
  assert.equal(site.admin.erased.length, 1);
});

test("a customer's domain is proven by its check; until then the proof is shown", async (t) => {
  const site = await openSite(t, { zone: { 'plum.example': { NS: ['ns.plum.example.'] } } });
  const customer = await makeCustomer(site, 'juniper');
  const ask = client(site, customer.bearer);
  assert.equal((await ask('POST', '/domains', { name: 'plum.example' })).body.state, 'unproven');
  const { proof, records } = (await ask('GET', '/domains/plum.example')).body;
  assert.deepEqual([records[0].name, records[0].value], [proof.name, proof.value]);
  assert.equal((await ask('POST', '/domains/plum.example/check')).status, 200);
  assert.equal((await ask('GET', '/domains/plum.example')).body.domain.state, 'unproven');
  site.resolver.change({ 'plum.example': { NS: ['ns.plum.example.'] }, [proof.name]: { TXT: [proof.value] } });
  assert.equal((await ask('POST', '/domains/plum.example/check')).status, 200);
  const { domain, proof: gone } = (await ask('GET', '/domains/plum.example')).body;
  assert.deepEqual([domain.state, gone], ['proven', null]);
});

test('two who check a domain at once get one report', async (t) => {
  const site = await openSite(t, { zone: ZONE });
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  await ask('POST', '/domains', { name: 'juniper.example' });
  const [one, two] = await Promise.all([ask('POST', '/domains/juniper.example/check'), ask('POST', '/domains/juniper.example/check')]);
  assert.deepEqual(one?.body, two?.body);
  assert.equal((await ask('GET', '/domains/juniper.example/checks')).body.items.length, 1);
});

test('a mailbox: created, changed, searched, its password set, removed', async (t) => {
  const site = await openSite(t);
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  await ask('POST', '/domains', { name: 'juniper.example' });
  const made = await ask('POST', '/mailboxes', { address: 'Ann@juniper.example', name: 'Ann', quotaBytes: 5_368_709_120 });
  assert.equal(made.status, 201);
  assert.match(made.body.password, /^\w{5}(?:-\w{5}){3}$/);
  assert.deepEqual(
    [made.body.mailbox.quotaBytes, made.body.settings.servers[0]],
    [5_368_709_120, { protocol: 'imap', host: 'mail.north.example', port: 10_993, security: 'TLS', user: 'ann@juniper.example' }],
  );
  assert.equal(made.body.settings.mobileconfigUrl, 'https://mail.north.example:10443/mobileconfig?address=ann%40juniper.example');
  const { id } = made.body.mailbox;
  assert.equal(
    (await site.ask({ method: 'POST', url: '/api/v1/session', payload: { login: 'ann@juniper.example', password: made.body.password } }))
      .statusCode,
    200,
  );
  const given = await ask('POST', '/mailboxes', { address: 'bob@juniper.example', password: 'walnut-harbour', quotaBytes: null });
  assert.deepEqual([given.body.password, given.body.mailbox.quotaBytes], [null, null]);
  const short = await ask('POST', '/mailboxes', { address: 'eve@juniper.example', password: 'x' });
  assert.deepEqual([short.status, short.body.error.field], [400, 'password']);

  const changed = await ask('PATCH', `/mailboxes/${id}`, { name: 'Ann B.', quotaBytes: null, suspendedOut: true, suspendedReason: 'Spam' });
  assert.deepEqual(
    [changed.body.name, changed.body.quotaBytes, changed.body.suspendedOut, changed.body.suspendedIn, changed.body.suspendedReason],
    ['Ann B.', null, true, false, 'Spam'],
  );
  assert.equal((await ask('PATCH', `/mailboxes/${id}`, { suspendedOut: false })).body.suspendedReason, null);
  assert.deepEqual((await ask('PATCH', `/mailboxes/${id}`, {})).body.name, 'Ann B.');
  assert.equal((await ask('GET', '/mailboxes?q=ann%20b')).body.total, 1);
  assert.deepEqual((await ask('GET', `/mailboxes/${id}/usage`)).body.folders, [{ name: 'INBOX', bytes: 2_048, messages: 2 }]);
  const first = (await ask('GET', '/mailboxes?limit=1')).body;
  const second = (await ask('GET', `/mailboxes?limit=1&after=${first.next}`)).body;
  assert.deepEqual(
    [first.items[0].address, second.items[0].address, second.next, second.total],
    ['ann@juniper.example', 'bob@juniper.example', null, 2],
  );

  await ask('POST', '/forwarders', { address: 'info@juniper.example', kind: 'forward', targets: ['ann@juniper.example'], keepCopy: false });
  assert.deepEqual((await ask('DELETE', `/mailboxes/${id}`)).body, { removedForwarders: ['info@juniper.example'] });
  assert.equal((await ask('GET', `/mailboxes/${id}`)).status, 404);
});

test('a forwarder: added, explained, changed, removed', async (t) => {
  const site = await openSite(t);
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  await ask('POST', '/domains', { name: 'juniper.example' });
  const made = await ask('POST', '/forwarders', {
    address: '@juniper.example',
    kind: 'forward',
    targets: ['all@far.example'],
    keepCopy: false,
  });
  assert.deepEqual([made.status, made.body.address], [201, '@juniper.example']);
  const tested = await ask('POST', '/forwarders/test', { address: 'anything@juniper.example' });
  assert.equal(tested.body.outcome, 'deliverable');
  assert.match(tested.body.steps.join('\n'), /catch-all[\s\S]*all@far\.example/);
  const path = `/forwarders/${made.body.id}`;
  const changed = await ask('PUT', path, {
    address: '@juniper.example',
    kind: 'reject',
    targets: [],
    keepCopy: false,
    rejectText: 'Nobody here',
  });
  assert.deepEqual([changed.body.kind, changed.body.rejectText], ['reject', 'Nobody here']);
  const moved = await ask('PUT', path, { address: 'other@juniper.example', kind: 'discard', targets: [], keepCopy: false });
  assert.deepEqual([moved.status, moved.body.error.field], [400, 'address']);
  assert.equal((await ask('DELETE', path)).status, 200);
  assert.equal((await ask('GET', path)).status, 404);
});

test('queue and messages in pages; a message tells its story while it waits', async (t) => {
  const site = await openSite(t);
  const customer = await makeCustomer(site, 'juniper');
  const ask = client(site, customer.bearer);
  const owner = { customer: brand<CustomerId>(Number(customer.id)), account: brand<AccountId>(Number(customer.mailbox.id)) };
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push(await site.ledger.queue.put(message([remote(`x${n}@far.example`)], owner)));
  const first = (await ask('GET', '/queue?limit=2')).body;
  const rest = (await ask('GET', `/queue?limit=2&after=${first.next}`)).body;
  assert.deepEqual(
    [...first.items, ...rest.items].map(({ id }) => id),
    [...ids].reverse(),
  );
  assert.deepEqual([first.total, rest.next], [3, null]);
  assert.equal((await ask('GET', '/queue/summary')).body.messages, 3);
  assert.equal((await ask('GET', `/queue?reason=held`)).body.items.length, 0);
  assert.deepEqual((await ask('POST', '/queue/hold', { ids, reason: 'Look' })).body, { touched: 3 });
  assert.deepEqual((await ask('POST', '/queue/release', { ids: [...ids, 'none'] })).body, { touched: 3 });
  const story = await ask('GET', `/messages/${ids[0]}`);
  assert.equal(story.status, 200, JSON.stringify(story.body));
  assert.equal(story.body.queued.id, ids[0]);
  assert.ok(story.body.events.some(({ kind }: { kind: string }) => kind === 'released'));
  assert.deepEqual((await ask('POST', '/queue/drop', { ids, bounce: false })).body, { touched: 3 });
  const page = (await ask('GET', '/messages?limit=2')).body;
  assert.equal(page.items.length, 2);
  assert.equal((await ask('GET', `/messages?limit=2&after=${encodeURIComponent(page.next)}`)).body.items.length, 1);
  const { items } = (await ask('GET', '/audit')).body;
  assert.deepEqual(
    items.slice(0, 3).map(({ action }: { action: string }) => action),
    ['queue.drop', 'queue.release', 'queue.hold'],
  );
});

test("recipients of somebody else's message are not told", async (t) => {
  const site = await openSite(t);
  const ours = await makeCustomer(site, 'juniper');
  const theirs = await makeCustomer(site, 'walnut');
  for (const customer of [ours, theirs]) {
    site.ledger.tracking.record({
      message: 'news',
      atMs: site.context.now(),
      kind: 'delivered',
      direction: 'in',
      sender: 'news@far.example',
      recipient: customer.mailbox.address,
      account: brand<AccountId>(Number(customer.mailbox.id)),
      customer: brand<CustomerId>(Number(customer.id)),
      subject: 'News',
      messageId: '<n@far>',
      sizeBytes: 9,
      remote: '',
      reply: '',
      detail: {},
    });
  }
  await site.ledger.tracking.flush();
  const ask = client(site, ours.bearer);
  assert.deepEqual((await ask('GET', '/messages')).body.items[0].recipients, ['ann@juniper.example']);
  assert.doesNotMatch(JSON.stringify((await ask('GET', '/messages/news')).body), /walnut/);
  assert.doesNotMatch(JSON.stringify((await ask('GET', '/search?q=news')).body), /walnut/);
  assert.deepEqual((await ask('GET', '/messages?q=ann%40walnut.example')).body.items, [], 'not found by who else got it');
  assert.deepEqual((await ask('GET', '/search?q=ann%40walnut.example')).body.items, []);
  assert.equal((await ask('GET', '/messages?q=news%20juniper.example')).body.items.length, 1);
  const host = client(site, await signInAs(site, HOST_LOGIN));
  assert.equal((await host('GET', '/messages')).body.items[0].recipients.length, 2);
});

test('the overview names what needs attention, the worst first', async (t) => {
  const site = await openSite(t);
  const customer = await makeCustomer(site, 'juniper');
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  const { id } = customer.mailbox;
  await ask('PATCH', `/mailboxes/${id}`, { quotaBytes: 1_000_000 });
  saveUsage(site.admin.context.control, { accounts: [Number(id)], bytes: [950_000], messages: [7] }, site.context.now());
  site.ports['imaps'] = 'address already in use';
  await site.ledger.queue.put(message([remote('x@far.example')], { receivedAtMs: site.context.now() - 6 * 3_600_000 }));
  const { body } = await ask('GET', '/overview?range=month');
  const named = body.attention
    .filter((each: { id: string }) => each.id !== 'disk')
    .map((each: { id: string; level: string }) => `${each.level} ${each.id}`);
  assert.deepEqual(named, ['fail port-imaps', `warn mailbox-${id}`, 'warn queue-old']);
  assert.deepEqual([body.buckets.length, body.bucketSeconds, body.usageBytes, body.disk.mailBytes], [30, 86_400, 950_000, 950_000]);
  assert.deepEqual(body.addresses, [
    { address: '198.51.100.25', ptr: null, confirmed: false, state: body.addresses[0].state, word: body.addresses[0].word },
  ]);
  const own = (await client(site, customer.bearer)('GET', '/overview')).body;
  assert.deepEqual([own.disk, own.addresses, own.counts, own.queue.messages], [null, [], { domains: 1, mailboxes: 1, forwarders: 0 }, 0]);
  assert.doesNotMatch(JSON.stringify(own.attention), /port-/);
});

test('settings, tokens and customers', async (t) => {
  const site = await openSite(t);
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  const { items } = (await ask('GET', '/settings')).body;
  assert.ok(items.length > 20);
  assert.equal((await ask('PATCH', '/settings', { 'server.brand': 'North Mail', 'mailOut.ipv6': false })).status, 200);
  assert.equal((await ask('GET', '/session')).body.server.brand, 'North Mail');
  const bad = await ask('PATCH', '/settings', { 'server.brand': 'Other', 'mailIn.maxBytes': 'many' });
  assert.deepEqual([bad.status, bad.body.error.field], [400, 'mailIn.maxBytes']);
  assert.equal((await ask('GET', '/session')).body.server.brand, 'North Mail');
  const made = await ask('POST', '/tokens', { label: 'Deploy', expiresAt: '2030-01-31T00:00:00Z' });
  assert.deepEqual([made.status, made.body.token.role], [201, 'host']);
  const byToken = client(site, { headers: { authorization: `Bearer ${made.body.secret}` } });
  assert.equal((await byToken('GET', '/settings')).status, 200);
  assert.equal((await ask('DELETE', `/tokens/${made.body.token.id}`)).status, 204);
  assert.equal((await byToken('GET', '/settings')).status, 401);
  const customer = await ask('POST', '/customers', { name: 'Plum', email: 'boss@plum.example' });
  assert.equal(customer.status, 201);
  assert.equal(
    (
      await site.ask({ method: 'POST', url: '/api/v1/session', payload: { login: 'boss@plum.example', password: customer.body.password } })
    ).json().role,
    'customer',
  );
});

test('what the contract does not name is refused in requests and never stands in answers', async (t) => {
  const site = await openSite(t);
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  const refused = async (method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) => {
    const { status, body } = await ask(method, path, payload);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(body.error.code, 'invalid');
    return [body.error.field, body.error.message];
  };
  assert.deepEqual(await refused('POST', '/domains', { name: 'a.example', admin: true }), ['admin', 'admin is not known here']);
  assert.deepEqual(await refused('POST', '/domains', {}), ['name', 'name is missing']);
  assert.deepEqual(await refused('POST', '/domains', { name: 7 }), ['name', 'name is not as expected']);
  assert.deepEqual(await refused('POST', '/domains', { name: 'x'.repeat(256) }), ['name', 'name may have 255 characters at most']);
  assert.deepEqual(await refused('GET', '/domains?limit=500'), ['limit', 'limit is 200 at most']);
  assert.deepEqual(await refused('GET', '/domains?limit=many'), ['limit', 'limit is not as expected']);
  assert.deepEqual(await refused('GET', '/domains?sort=x'), ['sort', 'sort is not known here']);
  assert.deepEqual(await refused('POST', '/queue/hold', { ids: [] }), ['ids', 'ids is empty']);
  assert.deepEqual((await refused('GET', '/domains?after=nonsense'))[0], 'after');
  const { items } = (await ask('GET', '/customers')).body;
  assert.deepEqual(Object.keys(items[0]).sort(), ['createdAt', 'domains', 'id', 'kind', 'login', 'mailboxes', 'name']);
});

test('bodies that are too large, no JSON or of another kind are refused in the one shape', async (t) => {
  const site = await openSite(t);
  const { headers } = await signInAs(site, HOST_LOGIN);
  const post = async (payload: string, type = 'application/json') => {
    const answer = await site.ask({ method: 'POST', url: '/api/v1/domains', payload, headers: { ...headers, 'content-type': type } });
    return [answer.statusCode, answer.json().error.code];
  };
  assert.deepEqual(await post(`{"name":"${'x'.repeat(300_000)}"}`), [413, 'invalid']);
  assert.deepEqual(await post('{"name":'), [400, 'invalid']);
  assert.deepEqual(await post('name=a.example', 'application/x-www-form-urlencoded'), [415, 'invalid']);
  assert.deepEqual(await post('{"name":"a.example","__proto__":{"x":1}}'), [400, 'invalid']);
});

test('a defect answers a reference that the log knows, and nothing else of it', async (t) => {
  const site = await openSite(t);
  const ask = client(site, await signInAs(site, HOST_LOGIN));
  const { queue } = site.context as { queue: { show: unknown } };
  queue.show = () => Promise.reject(new Error('secret path /var/lib/x'));
  const { status, body } = await ask('GET', '/queue/abc');
  assert.equal(status, 500);
  assert.deepEqual(Object.keys(body.error), ['code', 'message', 'reference']);
  assert.doesNotMatch(JSON.stringify(body), /secret|\.ts/);
  const line = site.logged.find((each) => each['reference'] === body.error.reference);
  assert.match(JSON.stringify(line), /secret path/);
  queue.show = () => Promise.reject(new NotFound('There is no such message in the queue'));
  assert.equal((await ask('GET', '/queue/abc')).status, 404);
});

test('too many requests of a log-in or a visitor are put off; in the trial loopback is not', async (t) => {
  const site = await openSite(t);
  let status = 200;
  let asked = 0;
  for (; status === 200 && asked < 500; asked++) status = (await site.ask({ url: '/api/v1/health' })).statusCode;
  assert.deepEqual([status, asked], [429, 241]);
  const over = await site.ask({ url: '/api/v1/health' });
  assert.equal(over.json().error.code, 'throttled');
  assert.ok(Number(over.headers['retry-after']) > 0);
  assert.equal((await site.ask({ url: '/api/v1/health', remoteAddress: '192.0.2.99' })).statusCode, 200);
  const trial = await openSite(t, { trial: true });
  for (let n = 0; n < 300; n++) assert.equal((await trial.ask({ url: '/api/v1/health', remoteAddress: '127.0.0.1' })).statusCode, 200);
});
