/** The event stream over TLS: who hears what, and when it ends. */
import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { revokeToken } from '../../daemon/admin/api-tokens.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { SecureContexts } from '../../daemon/certificates/secure-contexts.ts';
import { makeSelfSigned } from '../../daemon/certificates/self-signed.ts';
import { createSecureServer } from '../../daemon/http/http-servers.ts';
import type { TrackingEvent } from '../../daemon/tracking/tracking.ts';
import { type AccountId, brand, type CustomerId } from '../../daemon/wire/ids.ts';
import { HOST } from '../admin/administration.ts';
import { message, remote } from '../queue/ledger-fixture.ts';
import { listenOn } from './raw-http.ts';
import { HOST_LOGIN, makeCustomer, openSite, type Site, signInAs, type TestCustomer } from './site.ts';

interface Heard {
  readonly kind: string;
  readonly data: Record<string, unknown>;
}

class Listener {
  readonly heard: Heard[] = [];
  readonly ended: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(response: IncomingMessage) {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const match = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end));
        if (match?.[1] !== undefined) this.heard.push({ kind: match[1], data: JSON.parse(match[2] ?? '') as Record<string, unknown> });
        text = text.slice(end + 2);
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.ended = new Promise((resolve) => response.on('close', resolve).on('error', () => {}));
  }

  /** The first event of the kind that fits, now or later. */
  async event(kind: string, fits: (data: Record<string, unknown>) => boolean = () => true): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.heard.find((each) => each.kind === kind && fits(each.data));
      if (found !== undefined) return found.data;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

async function liveSite(t: TestContext) {
  const site = await openSite(t);
  const entry = await makeSelfSigned('mail.north.example', Date.now());
  const contexts = new SecureContexts({ version: 1, entries: [entry], ticketKeys: new Uint8Array(48) });
  const port = await listenOn(t, createSecureServer(site.app.secure, contexts, { exemptLoopback: true }) as never);
  const listen = async (headers: Record<string, string>): Promise<Listener> => {
    const request = httpsGet({
      port,
      host: '127.0.0.1',
      path: '/api/v1/events',
      headers,
      ca: entry.chainPem,
      servername: 'mail.north.example',
      agent: false,
    });
    t.after(() => request.destroy());
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    assert.match(String(response.headers['content-type']), /^text\/event-stream/);
    assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
    return new Listener(response);
  };
  return { site, port, entry, contexts, listen };
}

function sent(site: Site, customer: TestCustomer, more: Partial<TrackingEvent>): void {
  site.ledger.tracking.record({
    message: 'm1',
    atMs: site.context.now(),
    kind: 'submitted',
    direction: 'out',
    sender: customer.mailbox.address,
    recipient: '',
    account: brand<AccountId>(Number(customer.mailbox.id)),
    customer: brand<CustomerId>(Number(customer.id)),
    subject: 'Plans',
    messageId: '<m1@x>',
    sizeBytes: 900,
    remote: '',
    reply: '',
    detail: {},
    ...more,
  });
}

test('each hears of the own: changes, messages, counters, queue', { timeout: 30_000 }, async (t) => {
  const { site, listen } = await liveSite(t);
  const ours = await makeCustomer(site, 'juniper');
  const theirs = await makeCustomer(site, 'walnut');
  const host = await listen((await signInAs(site, HOST_LOGIN)).headers);
  const own = await listen((await signInAs(site, ours.login)).headers);
  const other = await listen(theirs.bearer.headers);
  const person = await listen((await signInAs(site, ours.mailboxLogin)).headers);

  const { mailbox } = await createAccount(site.admin.context, HOST, { address: 'bob@juniper.example', password: 'walnut-harbour' });
  const change = { resource: 'mailboxes', id: mailbox.id, change: 'created' };
  assert.deepEqual(await host.event('changed'), change);
  assert.deepEqual(await own.event('changed'), change);

  sent(site, ours, {});
  sent(site, ours, { kind: 'delivered', recipient: 'x@far.example', remote: 'mx.far.example [192.0.2.1]:25', reply: '250 ok' });
  const { message: told } = (await own.event('message', ({ message: each }) => (each as { state: string }).state === 'delivered')) as {
    message: { recipients: string[]; id: string };
  };
  assert.deepEqual([told.id, told.recipients], ['m1', ['x@far.example']]);
  assert.equal((await own.event('counters'))['sent'], 1);
  assert.equal((await host.event('counters'))['sent'], 1);

  await site.ledger.queue.put(message([remote('x@far.example')], { customer: brand<CustomerId>(Number(ours.id)) }));
  await host.event('queue', ({ messages }) => messages === 1);
  await own.event('queue', ({ messages }) => messages === 1);

  await site.context.checker.check('juniper.example');
  assert.deepEqual(await own.event('checked'), { domain: 'juniper.example' });
  // What comes in order after all that: the other customer's own change.
  await createAccount(site.admin.context, HOST, { address: 'eve@walnut.example', password: 'walnut-harbour' });
  await other.event('changed');
  assert.deepEqual(
    other.heard.filter(({ kind, data }) => kind !== 'queue' || data['messages'] !== 0).map(({ kind }) => kind),
    ['changed'],
  );
  assert.deepEqual(person.heard, []);
});

test('a stream ends with its session, its token, and the server', { timeout: 30_000 }, async (t) => {
  const { site, listen } = await liveSite(t);
  const customer = await makeCustomer(site, 'juniper');
  const visitor = await signInAs(site, customer.login);
  const bySession = await listen(visitor.headers);
  const byToken = await listen(customer.bearer.headers);
  const byPerson = await listen((await signInAs(site, customer.mailboxLogin)).headers);
  const host = await listen((await signInAs(site, HOST_LOGIN)).headers);
  assert.equal((await site.ask({ method: 'DELETE', url: '/api/v1/session', headers: visitor.headers })).statusCode, 204);
  await bySession.ended;
  revokeToken(site.admin.context, HOST, { id: customer.tokenId });
  await byToken.ended;
  const change = await site.ask({
    method: 'POST',
    url: `/api/v1/mailboxes/${customer.mailbox.id}/password`,
    payload: {},
    headers: (await signInAs(site, customer.login)).headers,
  });
  assert.equal(change.statusCode, 200);
  await byPerson.ended;
  await site.app.secure.close();
  await host.ended;
});

test('one log-in has a dozen streams at most', { timeout: 30_000 }, async (t) => {
  const { site, listen, port, entry } = await liveSite(t);
  const { headers } = await signInAs(site, HOST_LOGIN);
  for (let at = 0; at < 12; at++) await listen(headers);
  const request = httpsGet({
    port,
    host: '127.0.0.1',
    path: '/api/v1/events',
    headers,
    ca: entry.chainPem,
    servername: 'mail.north.example',
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 429);
});

test('RFC 6066 §3: the certificate follows the name, new ones serve at once', async (t) => {
  const { contexts, port, entry } = await liveSite(t);
  const second = await makeSelfSigned('juniper.example', Date.now());
  const shown = async (servername: string): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate() as X509Certificate;
    socket.destroy();
    return certificate.subject;
  };
  assert.equal(await shown('juniper.example'), 'CN=mail.north.example');
  contexts.replace({ version: 2, entries: [entry, second], ticketKeys: new Uint8Array(48).fill(1) });
  assert.equal(await shown('juniper.example'), 'CN=juniper.example');
  assert.equal(await shown('mail.north.example.'), 'CN=mail.north.example');
});
