/** The panel's files, the headers of every answer, and the API's documents. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../directory/temporary-control.ts';
import { openSite } from './site.ts';

const INDEX = '<!doctype html><title>Panel</title>';

function builtPanel(t: TestContext): string {
  const dir = join(temporaryDirectory(t), 'dist');
  mkdirSync(join(dir, 'assets'), { recursive: true });
  writeFileSync(join(dir, 'index.html'), INDEX);
  writeFileSync(join(dir, 'assets/index-Cut8rB6g.js'), 'export {};');
  writeFileSync(join(dir, '../secret.txt'), 'secret');
  return dir;
}

test('pages of the panel are its index.html, asked for each time; assets never change', async (t) => {
  const site = await openSite(t, { panelDir: builtPanel(t) });
  for (const url of ['/', '/domains', '/domains/juniper.example?tab=dns', '/mailboxes/12', '/setup']) {
    const page = await site.ask({ url, headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    assert.deepEqual([page.statusCode, page.body, page.headers['cache-control']], [200, INDEX, 'no-cache'], url);
    assert.match(String(page.headers['content-type']), /text\/html/);
  }
  assert.equal((await site.ask({ url: '/' })).statusCode, 200, 'curl says nothing about what it accepts');
  assert.equal((await site.ask({ method: 'HEAD', url: '/domains', headers: { accept: 'text/html' } })).statusCode, 200);
  const asset = await site.ask({ url: '/assets/index-Cut8rB6g.js' });
  assert.deepEqual([asset.statusCode, asset.headers['cache-control']], [200, 'public, max-age=31536000, immutable']);
  assert.match(String(asset.headers['content-type']), /javascript/);
  const again = await site.ask({
    url: '/',
    headers: { accept: 'text/html', 'if-none-match': String((await site.ask({ url: '/' })).headers['etag']) },
  });
  assert.equal(again.statusCode, 304);
});

test('nothing outside the panel is served, nothing that is no page answers with one', async (t) => {
  const site = await openSite(t, { panelDir: builtPanel(t) });
  for (const url of [
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets//etc/passwd',
    '/assets/%00',
    '/assets/.%2findex-Cut8rB6g.js',
    '/assets/',
  ]) {
    const answer = await site.ask({ url, headers: { accept: 'text/html' } });
    assert.ok([400, 404].includes(answer.statusCode) || answer.body === INDEX, `${url}: ${answer.statusCode}`);
    assert.doesNotMatch(answer.body, /secret|root:/);
  }
  for (const url of ['/assets/none.js', '/api/v1/none', '/api/none', '/.well-known/security.txt', '/mail/x']) {
    const answer = await site.ask({ url, headers: { accept: 'text/html' } });
    assert.equal(answer.statusCode, 404, url);
    assert.equal(answer.json().error.code, 'not_found');
  }
  assert.equal((await site.ask({ url: '/domains', headers: { accept: 'application/json' } })).statusCode, 404);
  assert.equal((await site.ask({ method: 'POST', url: '/domains', headers: { accept: 'text/html' } })).statusCode, 404);
});

test('without a built panel a page says how to build it', async (t) => {
  const site = await openSite(t);
  const page = await site.ask({ url: '/', headers: { accept: 'text/html' } });
  assert.equal(page.statusCode, 503);
  assert.match(page.body, /npm run build/);
});

test('every answer carries the security headers; https is pinned, but not in the trial', async (t) => {
  const site = await openSite(t, { panelDir: builtPanel(t) });
  const trial = await openSite(t, { panelDir: builtPanel(t), trial: true });
  for (const url of [
    '/',
    '/assets/index-Cut8rB6g.js',
    '/api/v1/health',
    '/api/v1/session',
    '/api/docs',
    '/nothing',
    '/mail/config-v1.1.xml',
    '/%E0%A4%A',
  ]) {
    const { headers } = await site.ask({ url, headers: { accept: 'text/html' } });
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/, url);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    if (url === '/%E0%A4%A') continue;
    assert.equal(headers['strict-transport-security'], 'max-age=31536000');
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal((await trial.ask({ url })).headers['strict-transport-security'], undefined);
  }
  const plain = await site.app.plain.inject({ url: '/' });
  assert.equal(plain.headers['strict-transport-security'], undefined);
});

test('the OpenAPI document names every route of the API, and the page needs nothing from elsewhere', async (t) => {
  const site = await openSite(t);
  const document = (await site.ask({ url: '/api/docs/openapi.json' })).json();
  assert.equal(document.openapi, '3.1.0');
  const described = new Set(
    Object.entries<Record<string, { summary?: string }>>(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  );
  for (const { method, url } of site.app.routes) {
    if (!url.startsWith('/api/v1/') || method === 'HEAD') continue;
    const name = `${method} ${url.replace(/:(\w+)/g, '{$1}')}`;
    assert.ok(described.has(name), name);
  }
  for (const operations of Object.values<Record<string, { summary?: string; tags?: string[] }>>(document.paths)) {
    for (const operation of Object.values(operations)) assert.ok(operation.summary && operation.tags?.[0]);
  }
  const page = (await site.ask({ url: '/api/docs' })).body;
  assert.doesNotMatch(page, /<script|style="|https?:\/\/|onclick/);
  assert.match(page, /\/api\/v1\/domains\/\{name\}\/check/);
  assert.equal((await site.ask({ url: '/api/docs/style.css' })).statusCode, 200);
});
