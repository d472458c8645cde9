/**
 * A small HTTP server that speaks the API's contract from memory and serves a built panel under the policy that the daemon sends.
 * For the panel's own screen tests only; the flows against the real daemon are elsewhere.
 *
 * 1. Changes change the fixture, so that a list shows what a dialog did; `calls` records every changing request.
 * 2. Sessions: a cookie named session holds the role; a changing request without the CSRF token is refused as the daemon refuses it.
 * 3. `delayMs` and `fail` make answers slow or wrong, for skeletons and failures.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { ClientSettings, LiveEvent, Mailbox, Role, Session } from '../../../daemon/http/contract/api.ts';
import { type Fixture, makeFixture, overviewOf, summaryOf } from './fixture-data.ts';

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

interface Request {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly role: Role;
}

class Answer extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, code: string, message: string, field?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export class FixtureServer {
  fixture: Fixture;
  readonly calls: Call[] = [];
  delayMs = 0;
  /** Paths under /api/v1 that answer 503. */
  fail: readonly string[] = [];
  #server: Server;
  #streams = new Set<ServerResponse>();
  #nextId = 1000;
  readonly #dist: string;

  constructor(dist: string, now = new Date()) {
    this.#dist = dist;
    this.fixture = makeFixture(now);
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.end();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Sends an event to every open panel. */
  emit(event: LiveEvent): void {
    for (const stream of this.#streams) stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/api/v1/')) return this.#file(url.pathname, response);
    const role = /(?:^|; )session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] as Role | undefined;
    if (url.pathname === '/api/v1/events') return this.#events(response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
    const path = url.pathname.slice('/api/v1/'.length).split('/').map(decodeURIComponent);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    try {
      if (this.fail.includes(path.join('/'))) throw new Answer(503, 'unavailable', 'The store is busy. Try again in a moment.');
      const method = request.method ?? 'GET';
      if (method !== 'GET') this.calls.push({ method, path: `/${path.join('/')}`, body });
      const open = ['session', 'health', 'setup'].includes(path[0] ?? '');
      if (!open && !role) throw new Answer(401, 'unauthenticated', 'Sign in first.');
      if (!open && method !== 'GET' && request.headers['x-csrf-token'] !== 'csrf-1')
        throw new Answer(403, 'forbidden', 'The token is missing.');
      const result = this.#route({ method, path, query: url.searchParams, body, role: role ?? 'host' }, response, role);
      response
        .writeHead(result === undefined ? 204 : 200, { 'content-type': 'application/json' })
        .end(result === undefined ? undefined : JSON.stringify(result));
    } catch (error) {
      const answer = error instanceof Answer ? error : new Answer(500, 'internal', String(error));
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: answer.code, message: answer.message, field: answer.field } }));
    }
  }

  #file(path: string, response: ServerResponse): void {
    const wanted = join(this.#dist, path);
    const file = wanted.startsWith(this.#dist) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(this.#dist, 'index.html');
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    });
    createReadStream(file).pipe(response);
  }

  #events(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).write(': open\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  #session(role: Role): Session {
    const own = this.fixture.mailboxes[0];
    return {
      role,
      login: role === 'host' ? 'ria@northhost.example' : role === 'account' ? (own?.address ?? '') : 'lena@juniperbakery.example',
      name: role === 'host' ? 'Ria North' : role === 'account' ? 'Anna Weiss' : 'Lena Marsh',
      mailbox: role === 'account' ? (own?.id ?? null) : null,
      customer: role === 'customer' ? { id: '2', name: 'Juniper Bakery' } : null,
      csrf: 'csrf-1',
      server: {
        hostname: 'mx1.northhost.example',
        version: '0.1.0',
        brand: 'North Host',
        startedAt: new Date(this.fixture.now.getTime() - 41 * 86_400_000).toISOString(),
      },
    };
  }

  #settings(address: string): ClientSettings {
    const server = (protocol: 'imap' | 'pop3' | 'smtp', port: number) => ({
      protocol,
      host: 'mx1.northhost.example',
      port,
      security: 'TLS' as const,
      user: address,
    });
    return {
      address,
      servers: [server('imap', 993), server('pop3', 995), server('smtp', 465)],
      mobileconfigUrl: `/mobileconfig?address=${encodeURIComponent(address)}`,
      text: `IMAP mx1.northhost.example 993\nSMTP mx1.northhost.example 465\nUser ${address}`,
    };
  }

  #slice<T>(items: readonly T[], request: Request): { items: readonly T[]; next: string | null; total: number } {
    const q = (request.query.get('q') ?? '').toLowerCase();
    const fitting = q ? items.filter((item) => JSON.stringify(item).toLowerCase().includes(q)) : items;
    const from = Number(request.query.get('after') ?? 0);
    const limit = Number(request.query.get('limit') ?? 50);
    return {
      items: fitting.slice(from, from + limit),
      next: from + limit < fitting.length ? String(from + limit) : null,
      total: fitting.length,
    };
  }

  #route(request: Request, response: ServerResponse, role: Role | undefined): unknown {
    const [resource = '', id, action] = request.path;
    switch (resource) {
      case 'health':
        return { ready: true, version: '0.1.0' };
      case 'session':
        return this.#sessionRoute(request, response, role);
      case 'setup':
        return this.#setupRoute(request, response);
      case 'sessions':
        if (request.method === 'DELETE') this.fixture.sessions = this.fixture.sessions.filter((entry) => entry.id !== id);
        return request.method === 'DELETE' ? undefined : { items: this.fixture.sessions };
      case 'overview':
        return overviewOf(this.fixture, request.query.get('range') ?? 'day', request.role === 'host');
      case 'domains':
        return this.#domains(request, id, action);
      case 'mailboxes':
        return this.#mailboxes(request, id, action);
      case 'me':
        return this.#me(request);
      case 'forwarders':
        return this.#forwarders(request, id);
      case 'queue':
        return this.#queue(request, id);
      case 'messages':
        return id ? (this.fixture.stories.get(id) ?? missing()) : this.#slice(this.fixture.messages, request);
      case 'search':
        return { items: this.#search(request.query.get('q') ?? '') };
      case 'settings':
        if (request.method === 'PATCH')
          this.fixture.settings = this.fixture.settings.map((entry) =>
            entry.key in request.body ? { ...entry, value: request.body[entry.key] } : entry,
          );
        return { items: this.fixture.settings };
      case 'tokens':
        return this.#tokens(request, id);
      case 'audit':
        return { items: this.fixture.audit, next: null };
      case 'customers':
        return this.#slice(
          [
            { id: '1', name: 'North Host', kind: 'host', login: null, domains: 0, mailboxes: 0, createdAt: '2026-01-01T00:00:00Z' },
            {
              id: '2',
              name: 'Juniper Bakery',
              kind: 'customer',
              login: null,
              domains: 3,
              mailboxes: 15,
              createdAt: '2026-01-01T00:00:00Z',
            },
          ],
          request,
        );
      case 'status':
        return {
          version: '0.1.0',
          ready: true,
          ports: { 'smtp 25': 'ok', 'submission 587': 'ok', 'imap 143': 'ok', 'imaps 993': 'ok', 'pop3s 995': 'the port is taken' },
          queue: { messages: 5, recipients: 8, held: 1 },
          threads: { 'protocol 1': 'running', 'store 1': 'running', ledger: 'running' },
        };
      default:
        return missing();
    }
  }

  #sessionRoute(request: Request, response: ServerResponse, role: Role | undefined): unknown {
    if (request.path[1] === 'password') {
      if (request.body.current !== 'right password') throw new Answer(422, 'refused', 'The password until now is not right.', 'current');
      return undefined;
    }
    if (request.method === 'DELETE') {
      response.setHeader('set-cookie', 'session=; Path=/; Max-Age=0');
      return undefined;
    }
    if (request.method === 'GET') {
      if (!role) throw new Answer(401, 'unauthenticated', 'Nobody is signed in.');
      return this.#session(role);
    }
    if (request.body.password !== 'right password')
      throw new Answer(401, 'unauthenticated', 'Address and password do not match. Is a capital letter wrong? Five tries are left.');
    const given: Role =
      request.body.login === 'anna@juniperbakery.example'
        ? 'account'
        : request.body.login === 'lena@juniperbakery.example'
          ? 'customer'
          : 'host';
    response.setHeader('set-cookie', `session=${given}; Path=/; HttpOnly; SameSite=Strict`);
    return this.#session(given);
  }

  #setupRoute(request: Request, response: ServerResponse): unknown {
    if (request.body.secret !== 'one-time') throw new Answer(403, 'refused', 'The link is used up.');
    if (request.path[1] === 'check') return { hostname: 'mx1.northhost.example', email: 'ria@northhost.example', version: '0.1.0' };
    response.setHeader('set-cookie', 'session=host; Path=/; HttpOnly; SameSite=Strict');
    return this.#session('host');
  }

  #domains(request: Request, name: string | undefined, action: string | undefined): unknown {
    const { fixture } = this;
    if (!name) {
      if (request.method === 'GET') return this.#slice(fixture.domains, request);
      const added = {
        ...fixture.domains[1]!,
        id: String(this.#nextId++),
        name: String(request.body.name),
        display: String(request.body.name),
        line: [],
        checkedAt: null,
        headline: null,
        mailboxes: 0,
        addresses: 0,
        usageBytes: 0,
      };
      if (fixture.domains.some((entry) => entry.name === added.name))
        throw new Answer(409, 'exists', `${added.name} is here already.`, 'name');
      fixture.domains.push(added);
      fixture.details.set(added.name, {
        domain: added,
        report: null,
        records: fixture.details.get('juniper-events.example')?.records ?? [],
        proof: null,
      });
      return added;
    }
    const detail = fixture.details.get(name) ?? missing();
    if (action === 'checks')
      return {
        items: [
          {
            checkedAt: fixture.now.toISOString(),
            delivers: false,
            headline: detail.domain.headline ?? '',
            changed: ['The first MX is now mail.oldhost.example', 'SPF no longer names 192.0.2.11'],
          },
          {
            checkedAt: new Date(fixture.now.getTime() - 86_400_000).toISOString(),
            delivers: true,
            headline: `Mail for ${name} comes here`,
            changed: [],
          },
        ],
      };
    if (action === 'check') return detail.report;
    if (request.method === 'DELETE') {
      if (detail.domain.mailboxes > 0) throw new Answer(409, 'refused', 'Its mailboxes have to be deleted first.');
      fixture.domains = fixture.domains.filter((entry) => entry.name !== name);
      fixture.details.delete(name);
      return undefined;
    }
    if (action === 'suspend' || action === 'unsuspend') {
      const changed = {
        ...detail.domain,
        state: action === 'suspend' ? ('suspended' as const) : ('proven' as const),
        suspendedReason: action === 'suspend' ? String(request.body.reason) : null,
      };
      fixture.details.set(name, { ...detail, domain: changed });
      fixture.domains = fixture.domains.map((entry) => (entry.name === name ? changed : entry));
      return undefined;
    }
    return detail;
  }

  #mailboxes(request: Request, id: string | undefined, action: string | undefined): unknown {
    const { fixture } = this;
    if (!id) {
      if (request.method === 'GET') return this.#slice(fixture.mailboxes, request);
      const address = String(request.body.address);
      if (fixture.mailboxes.some((entry) => entry.address === address))
        throw new Answer(409, 'exists', `${address} already exists. Open it, or choose another name`, 'address');
      const made: Mailbox = {
        ...fixture.mailboxes[1]!,
        id: String(this.#nextId++),
        address,
        domain: address.split('@')[1] ?? '',
        name: String(request.body.name ?? ''),
        quotaBytes: (request.body.quotaBytes as number | null | undefined) ?? null,
        usageBytes: 0,
        messages: 0,
        lastLoginAt: null,
      };
      fixture.mailboxes = [...fixture.mailboxes, made].sort((a, b) => (a.address < b.address ? -1 : 1));
      return { mailbox: made, password: null, settings: this.#settings(address) };
    }
    const box = fixture.mailboxes.find((entry) => entry.id === id) ?? missing();
    if (action === 'client-settings') return this.#settings(box.address);
    if (action === 'password') return { password: null };
    if (action === 'usage')
      return {
        usageBytes: box.usageBytes,
        messages: box.messages,
        quotaBytes: box.quotaBytes,
        folders: [
          ['INBOX', 0.44],
          ['Sent', 0.34],
          ['Archive', 0.15],
          ['Trash', 0.05],
          ['Junk', 0.02],
        ].map(([name, share]) => ({ name: String(name), bytes: Math.round(box.usageBytes * Number(share)), messages: 10 })),
      };
    if (request.method === 'DELETE') {
      fixture.mailboxes = fixture.mailboxes.filter((entry) => entry.id !== id);
      return undefined;
    }
    if (request.method !== 'PATCH') return box;
    const changed = { ...box, ...request.body };
    fixture.mailboxes = fixture.mailboxes.map((entry) => (entry.id === id ? changed : entry));
    return changed;
  }

  #me(request: Request): unknown {
    if (request.method === 'PUT') return undefined;
    const mailbox = this.fixture.mailboxes[0] ?? missing();
    return {
      mailbox,
      forwarder: null,
      addresses: [mailbox.address, 'info@juniperbakery.example'],
      settings: this.#settings(mailbox.address),
    };
  }

  #forwarders(request: Request, id: string | undefined): unknown {
    const { fixture } = this;
    if (id === 'test')
      return {
        outcome: 'deliverable',
        steps: ['flour@juniperbakery.example is a forwarder.', 'It goes to ben@juniperbakery.example, a mailbox here.'],
      };
    if (!id && request.method === 'GET') return this.#slice(fixture.forwarders, request);
    if (request.method === 'DELETE') {
      fixture.forwarders = fixture.forwarders.filter((entry) => entry.id !== id);
      return undefined;
    }
    const made = {
      createdAt: fixture.now.toISOString(),
      rejectText: null,
      ...request.body,
      domain: String(request.body.address).split('@')[1] ?? '',
      id: id ?? String(this.#nextId++),
    } as Fixture['forwarders'][number];
    fixture.forwarders = [...fixture.forwarders.filter((entry) => entry.id !== made.id), made].sort((a, b) =>
      a.address < b.address ? -1 : 1,
    );
    return made;
  }

  #queue(request: Request, id: string | undefined): unknown {
    const { fixture } = this;
    if (id === 'summary') return summaryOf(fixture);
    if (request.method === 'GET')
      return id ? (fixture.queue.find((entry) => entry.id === id) ?? missing()) : this.#slice(fixture.queue, request);
    const ids = new Set(request.body.ids as string[]);
    if (id === 'drop') fixture.queue = fixture.queue.filter((entry) => !ids.has(entry.id));
    if (id === 'hold' || id === 'release')
      fixture.queue = fixture.queue.map((entry) =>
        ids.has(entry.id) ? { ...entry, held: id === 'hold' ? String(request.body.reason ?? '') : null } : entry,
      );
    return { touched: ids.size };
  }

  #search(q: string): unknown[] {
    const fits = (text: string): boolean => text.includes(q.toLowerCase());
    return [
      ...this.fixture.domains
        .filter((entry) => fits(entry.name))
        .map((entry) => ({
          kind: 'domain',
          title: entry.name,
          note: entry.customer.name,
          state: entry.line.includes('fail') ? 'fail' : 'ok',
          href: `/domains/${entry.name}`,
        })),
      ...this.fixture.mailboxes
        .filter((entry) => fits(entry.address))
        .slice(0, 3)
        .map((entry) => ({ kind: 'mailbox', title: entry.address, note: entry.name, state: 'ok', href: `/mailboxes/${entry.id}` })),
      ...this.fixture.messages
        .filter((entry) => fits(entry.subject.toLowerCase() + entry.sender))
        .slice(0, 2)
        .map((entry) => ({
          kind: 'message',
          title: entry.subject,
          note: entry.sender,
          state: entry.state === 'bounced' ? 'fail' : 'ok',
          href: `/messages/${entry.id}`,
        })),
    ];
  }

  #tokens(request: Request, id: string | undefined): unknown {
    if (request.method === 'GET') return { items: this.fixture.tokens };
    if (request.method === 'DELETE') {
      this.fixture.tokens = this.fixture.tokens.filter((entry) => entry.id !== id);
      return undefined;
    }
    const token = {
      id: String(this.#nextId++),
      label: String(request.body.label),
      role: request.body.role as Role,
      createdAt: this.fixture.now.toISOString(),
      expiresAt: (request.body.expiresAt as string | null) ?? null,
      lastUsedAt: null,
    };
    this.fixture.tokens.push(token);
    return { token, secret: 'mst_4v8k2m-7hq2xw-9dpz3c' };
  }
}

function missing(): never {
  throw new Answer(404, 'not_found', 'There is no such thing here.');
}
