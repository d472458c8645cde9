/** How mail programs configure themselves: the requests that they really send, on both ports, over sockets. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { createPlainServer } from '../../daemon/http/http-servers.ts';
import { customerActor, HOST } from '../admin/administration.ts';
import { listenOn, request, sendRaw } from './raw-http.ts';
import { openSite } from './site.ts';

const POX = (address: string, schema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a') =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${schema}</AcceptableResponseSchema></Request></Autodiscover>`;

/** Ports of the secure app (here without TLS) and of the plain one. */
async function ports(t: TestContext) {
  const site = await openSite(t);
  await addDomain(site.admin.context, HOST, { domain: 'juniper.example' });
  await createAccount(site.admin.context, HOST, { address: 'ann@juniper.example', password: 'walnut-harbour' });
  const secure = await listenOn(t, createPlainServer(site.app.secure, { exemptLoopback: true }));
  const plain = await listenOn(t, createPlainServer(site.app.plain, { exemptLoopback: true }));
  return { site, secure, plain };
}

test('autoconfig answers on its host name and the well-known path, on both ports, for any address alike', async (t) => {
  const { secure, plain } = await ports(t);
  const answers = [];
  for (const port of [secure, plain]) {
    for (const [host, path] of [
      ['autoconfig.juniper.example', '/mail/config-v1.1.xml'],
      ['autoconfig.juniper.example', '/mail/config-v1.1.xml?emailaddress=ann%40juniper.example'],
      ['autoconfig.juniper.example:10443', '/mail/config-v1.1.xml?emailaddress=nobody%40juniper.example'],
      ['JUNIPER.example.', '/.well-known/autoconfig/mail/config-v1.1.xml'],
      ['autoconfig.north.example', '/mail/config-v1.1.xml?emailaddress=x%40juniper.example'],
    ] as const) {
      const answer = await request(port, `GET ${path}`, { host });
      assert.equal(answer.status, 200, `${host}${path}`);
      assert.match(answer.headers['content-type'] ?? '', /xml/);
      answers.push(answer.body);
    }
  }
  assert.equal(new Set(answers).size, 1);
  assert.match(answers[0] ?? '', /<domain>juniper\.example<\/domain>/);
  assert.match(answers[0] ?? '', /<port>10993<\/port>/);
  assert.equal((await request(secure, 'GET /mail/config-v1.1.xml', { host: 'autoconfig.far.example' })).status, 404);
});

test('RFC 9112 §3.2.2: an absolute target is routed by its own host, as Delta Chat sends it', async (t) => {
  const { secure, plain } = await ports(t);
  for (const port of [secure, plain]) {
    const answer = await request(port, 'GET https://autoconfig.juniper.example/mail/config-v1.1.xml?emailaddress=x%40juniper.example', {
      host: 'other.example',
    });
    assert.equal(answer.status, 200);
    assert.match(answer.body, /juniper/);
  }
  assert.equal((await request(secure, 'GET https://mail.north.example/api/v1/health')).status, 200);
  assert.equal((await request(secure, 'GET https://mail.north.example')).status, 503, 'the page that says that the panel is not built');
});

test('autodiscover takes POST and GET in any case of letters, and repeats the address alone', async (t) => {
  const { secure } = await ports(t);
  for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml', '/AutoDiscover/AutoDiscover.XML']) {
    for (const type of ['text/xml; charset=utf-8', 'application/xml', 'text/plain', 'application/json']) {
      const there = await request(
        secure,
        `POST ${path}`,
        { host: 'autodiscover.juniper.example', 'content-type': type },
        POX('ann@juniper.example'),
      );
      const not = await request(secure, `POST ${path}`, { host: 'juniper.example', 'content-type': type }, POX('no1@juniper.example'));
      assert.deepEqual([there.status, not.status], [200, 200], `${path} ${type}`);
      assert.equal(there.body.replaceAll('ann@', 'no1@'), not.body);
      assert.match(there.body, /<LoginName>ann@juniper\.example<\/LoginName>/);
    }
    assert.equal((await request(secure, `GET ${path}`, { host: 'juniper.example' })).status, 200);
  }
  const bare = await request(secure, 'POST /autodiscover/autodiscover.xml', { host: 'juniper.example' });
  assert.equal(bare.status, 200);
  const mobile = await request(
    secure,
    'POST /autodiscover/autodiscover.xml',
    { host: 'juniper.example', 'content-type': 'text/xml' },
    POX('ann@juniper.example', 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006'),
  );
  assert.match(mobile.body, /<ErrorCode>601</);
  const elsewhere = await request(
    secure,
    'POST /autodiscover/autodiscover.xml',
    { host: 'mail.north.example', 'content-type': 'text/xml' },
    POX('ann@far.example'),
  );
  assert.equal(elsewhere.status, 404);
  const large = await request(
    secure,
    'POST /autodiscover/autodiscover.xml',
    { host: 'juniper.example', 'content-type': 'text/xml' },
    'x'.repeat(20_000),
  );
  assert.equal(large.status, 413);
});

test('http://autodiscover.DOMAIN redirects to https', async (t) => {
  const { plain } = await ports(t);
  const answer = await request(plain, 'GET /Autodiscover/Autodiscover.xml?x=1', { host: 'autodiscover.juniper.example:10080' });
  assert.deepEqual(
    [answer.status, answer.headers['location']],
    [302, 'https://autodiscover.juniper.example:10443/autodiscover/autodiscover.xml?x=1'],
  );
});

test('a profile is a download for any address of a hosted domain, by https only', async (t) => {
  const { secure, plain } = await ports(t);
  const get = (port: number, address: string) => request(port, `GET /mobileconfig?address=${encodeURIComponent(address)}`);
  const there = await get(secure, 'ann@juniper.example');
  assert.equal(there.status, 200);
  assert.match(there.headers['content-type'] ?? '', /application\/x-apple-aspen-config/);
  assert.match(there.headers['content-disposition'] ?? '', /^attachment; filename="ann@juniper.example.mobileconfig"/);
  assert.equal((await get(secure, 'nobody@juniper.example')).status, 200);
  assert.equal((await get(secure, 'ann@far.example')).status, 404);
  assert.equal((await request(secure, 'GET /mobileconfig')).status, 404);
  const odd = await get(secure, 'a"b\u00fc@juniper.example');
  assert.match(
    odd.headers['content-disposition'] ?? '',
    /^attachment; filename="a_b_@juniper.example.mobileconfig"; filename\*=UTF-8''a%22b%C3%BC%40juniper/,
  );
  const byHttp = await get(plain, 'ann@juniper.example');
  assert.deepEqual(
    [byHttp.status, byHttp.headers['location']],
    [308, 'https://mail.north.example:10443/mobileconfig?address=ann%40juniper.example'],
  );
});

test('an unproven or foreign domain has no client configuration', async (t) => {
  const { site, secure } = await ports(t);
  const { customer } = await createCustomer(site.admin.context, HOST, { name: 'Walnut' });
  await addDomain(site.admin.context, customerActor(customer.id), { domain: 'walnut.example' });
  for (const path of [
    '/mail/config-v1.1.xml',
    '/.well-known/autoconfig/mail/config-v1.1.xml',
    '/autodiscover/autodiscover.xml',
    '/mobileconfig?address=a@walnut.example',
  ]) {
    assert.equal((await request(secure, `GET ${path}`, { host: 'walnut.example' })).status, 404, path);
  }
});

test('what DAV clients try is 404 or 405, never a page', async (t) => {
  const { secure, plain } = await ports(t);
  for (const host of ['juniper.example', 'mail.north.example', 'autoconfig.juniper.example']) {
    for (const method of ['PROPFIND', 'HEAD', 'GET', 'PUT', 'OPTIONS', 'REPORT', 'MKCALENDAR']) {
      for (const path of ['/.well-known/caldav', '/.well-known/carddav', ...(host === 'mail.north.example' ? [] : ['/'])]) {
        const answer = await request(secure, `${method} ${path}`, { host, accept: 'text/html, */*' });
        assert.ok([404, 405].includes(answer.status), `${method} https://${host}${path}: ${answer.status}`);
      }
    }
    assert.equal((await request(secure, 'PROPFIND /', { host, depth: '0' }, '<propfind xmlns="DAV:"/>')).status, 404);
    assert.equal((await request(plain, 'PROPFIND /.well-known/caldav', { host })).status, 308);
  }
});

test('port 80: ACME is never redirected, everything else is, to a host that was asked and is a host name', async (t) => {
  const { plain } = await ports(t);
  const get = (target: string, host: string) => request(plain, `GET ${target}`, { host });
  assert.equal((await get('/.well-known/acme-challenge/abc', 'juniper.example')).status, 404);
  const moved = async (target: string, host: string) => {
    const { status, headers } = await get(target, host);
    assert.equal(status, 308);
    return headers['location'];
  };
  assert.equal(await moved('/domains?q=a', 'mail.north.example:10080'), 'https://mail.north.example:10443/domains?q=a');
  assert.equal(await moved('/', 'localhost:10080'), 'https://localhost:10443/');
  assert.equal(await moved('/', '127.0.0.1:10080'), 'https://127.0.0.1:10443/');
  assert.equal(await moved('/', '[::1]:10080'), 'https://[::1]:10443/');
  assert.equal(await moved('/', 'evil.example/@x'), 'https://mail.north.example:10443/');
  assert.equal(await moved('//evil.example/x', 'mail.north.example'), 'https://mail.north.example:10443//evil.example/x');
  assert.equal(await moved('/api/v1/health', 'mail.north.example'), 'https://mail.north.example:10443/api/v1/health');
});

test('broken requests get a short 400 and the server goes on', async (t) => {
  const { secure } = await ports(t);
  for (const text of [
    '\r\n\r\n\x00\x01garbage\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\ncontent-length: -1\r\n\r\n',
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    'GET /%E0%A4%A HTTP/1.1\r\nhost: mail.north.example\r\nconnection: close\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nhost: mail.north.example\r\nconnection: close\r\n\r\n',
  ]) {
    const answer = await sendRaw(secure, text);
    assert.match(answer, /^HTTP\/1\.1 (?:400|404|431) /, JSON.stringify(text.slice(0, 60)));
    assert.doesNotMatch(answer, /node_modules|at .*\.ts/);
  }
  assert.equal((await request(secure, 'GET /api/v1/health')).status, 200);
});
