/** The HTTP apps over a real control.db and a real ledger in temporary directories; only DNS is made up. */
import type { TestContext } from 'node:test';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createToken } from '../../daemon/admin/api-tokens.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { DomainChecker } from '../../daemon/admin/domain-checker.ts';
import { proveDomain } from '../../daemon/admin/prove-domain.ts';
import type { HttpContext } from '../../daemon/http/context.ts';
import { createHttpApp, type HttpApp } from '../../daemon/http/create-http-app.ts';
import { type Administration, administration, HOST, settledAdministration } from '../admin/administration.ts';
import { type Ledger, openLedger } from '../queue/ledger-fixture.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { type FakeResolver, fakeResolver } from '../support/fake-resolver.ts';

export interface Site {
  readonly admin: Administration;
  readonly ledger: Ledger;
  readonly resolver: FakeResolver;
  readonly context: HttpContext;
  readonly app: HttpApp;
  /** Lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
  /** Ports as `status` tells them. */
  readonly ports: Record<string, string>;
  /** A request to the secure app from 192.0.2.10. */
  ask(options: InjectOptions): Promise<LightMyRequestResponse>;
}

export interface SiteOptions {
  readonly settled?: boolean;
  readonly zone?: ZoneData;
  readonly panelDir?: string;
  readonly trial?: boolean;
}

export const HOST_LOGIN = { login: 'host@north.example', password: 'lantern-orchard' };

export async function openSite(t: TestContext, { settled = true, zone = {}, panelDir, trial = false }: SiteOptions = {}): Promise<Site> {
  const admin = settled ? await settledAdministration(t) : administration(t);
  const { context: use } = admin;
  const ledger = openLedger(use.now());
  const resolver = fakeResolver(zone);
  const logged: Record<string, unknown>[] = [];
  const ports: Record<string, string> = { smtp: 'ok', imaps: 'ok' };
  const own = () => ({ hostname: 'mail.north.example', addresses: ['198.51.100.25'] });
  const context: HttpContext = {
    admin: use,
    queue: ledger.queue,
    tracking: ledger.tracking,
    resolver,
    checker: new DomainChecker({ admin: use, resolver, own, allowPrivate: () => false }),
    facts: {
      hostname: () => use.directory.setting<string>('server.hostname') || 'localhost',
      version: '0.1.0',
      portOffset: 10_000,
      trial,
      publicAddresses: () => ['198.51.100.25'],
      dataDir: admin.dataDir,
      panelDir: panelDir ?? `${admin.dataDir}/no-panel`,
      startedAt: use.now(),
    },
    log: pino({ messageKey: 'event' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) }),
    status: () => ({ version: '0.1.0', ready: true, ports, queue: { messages: 0, recipients: 0, held: 0 }, threads: { main: 'ok' } }),
    now: use.now,
  };
  const app = await createHttpApp(context);
  t.after(async () => {
    await Promise.all([app.secure.close(), app.plain.close()]);
    ledger[Symbol.dispose]();
  });
  const ask = (options: InjectOptions) => app.secure.inject({ remoteAddress: '192.0.2.10', ...options });
  return { admin, ledger, resolver, context, app, logged, ports, ask };
}

/** Who asks: headers that a signed-in browser or a program with a token sends. */
export interface Visitor {
  readonly headers: Record<string, string>;
}

export const NOBODY: Visitor = { headers: {} };

/** Signs in; the headers carry cookie and CSRF token. */
export async function signInAs(
  site: Site,
  login: { login: string; password: string },
): Promise<Visitor & { csrf: string; cookie: string }> {
  const answer = await site.ask({ method: 'POST', url: '/api/v1/session', payload: login });
  if (answer.statusCode !== 200) throw new Error(`log-in as ${login.login}: ${answer.statusCode} ${answer.body}`);
  const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
  const { csrf } = answer.json<{ csrf: string }>();
  return { headers: { cookie, 'x-csrf-token': csrf }, csrf, cookie };
}

/** A customer with a panel log-in, a proven domain, a mailbox in it and a token. */
export async function makeCustomer(site: Site, name: string, kind: 'customer' | 'reseller' = 'customer') {
  const { context } = site.admin;
  const login = { login: `boss@${name}.example`, password: `lantern-${name}` };
  const { customer } = await createCustomer(context, HOST, { name, kind, email: login.login, password: login.password });
  const domain = `${name}.example`;
  const added = await addDomain(context, HOST, { domain, customer: customer.id });
  proveDomain(context, HOST, { domain, by: 'host' });
  const mailboxLogin = { login: `ann@${domain}`, password: `orchard-${name}` };
  const { mailbox } = await createAccount(context, HOST, { address: mailboxLogin.login, password: mailboxLogin.password });
  const token = createToken(context, HOST, { label: name, role: kind, customer: customer.id });
  const bearer: Visitor = { headers: { authorization: `Bearer ${token.secret}` } };
  return { id: customer.id, login, domain, domainId: added.id, mailbox, mailboxLogin, bearer, tokenId: token.token.id };
}

export type TestCustomer = Awaited<ReturnType<typeof makeCustomer>>;

export function instance(app: HttpApp): FastifyInstance {
  return app.secure;
}
