/**
 * What is expected of each route: which roles may use it, a request that its owner may make, and whether the object in it
 * belongs to someone. A route of the running app without a row here fails the test (routes.test.ts).
 */
import type { InjectOptions } from 'fastify';
import { addAddress } from '../../daemon/admin/add-address.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createToken } from '../../daemon/admin/api-tokens.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { type AccountId, brand, type CustomerId } from '../../daemon/wire/ids.ts';
import { HOST } from '../admin/administration.ts';
import { message, remote } from '../queue/ledger-fixture.ts';
import type { Site, TestCustomer } from './site.ts';

export type RoleName = 'host' | 'reseller' | 'customer' | 'account';

/** The objects that a row's request names: `owner`'s, or names of its own. */
export interface Objects {
  readonly site: Site;
  readonly owner: TestCustomer;
  /** A number that differs each time, for new names. */
  readonly n: number;
}

type Target = Pick<InjectOptions, 'url' | 'payload'>;

export interface RouteExpectation {
  /** `open` = also nobody. */
  readonly roles: 'open' | readonly RoleName[];
  readonly request: (objects: Objects) => Target | Promise<Target>;
  /** What the owner, and the host, gets; 200 unless told. */
  readonly status?: number;
  /** The request names an object of `owner`: others get 404. */
  readonly owned?: true;
  /** It concerns the own panel log-in: tokens are refused; who tries it signs in anew. */
  readonly log?: 'in';
}

const MANAGERS = ['host', 'reseller', 'customer'] as const;
const SELLERS = ['host', 'reseller'] as const;
const EVERYBODY = ['host', 'reseller', 'customer', 'account'] as const;
const HOST_ONLY = ['host'] as const;

const at = (url: string, payload?: object) => () => (payload === undefined ? { url } : { url, payload });

async function domainOf({ site, owner, n }: Objects): Promise<string> {
  return (await addDomain(site.admin.context, HOST, { domain: `d${n}.${owner.domain}`, customer: owner.id })).name;
}

async function mailboxOf({ site, owner, n }: Objects): Promise<string> {
  return (await createAccount(site.admin.context, HOST, { address: `m${n}@${owner.domain}`, password: 'walnut-harbour' })).mailbox.id;
}

function forwarderOf({ site, owner, n }: Objects): string {
  return addAddress(site.admin.context, HOST, { address: `f${n}@${owner.domain}`, targets: ['x@far.example'] }).id;
}

function tokenOf({ site, owner }: Objects): string {
  return createToken(site.admin.context, HOST, { label: 'spare', role: 'customer', customer: owner.id }).token.id;
}

function queuedBy({ site, owner }: Objects): Promise<string> {
  const from = { account: brand<AccountId>(Number(owner.mailbox.id)), customer: brand<CustomerId>(Number(owner.id)) };
  return site.ledger.queue.put(message([remote('x@far.example')], from));
}

async function trackedOf({ site, owner, n }: Objects): Promise<string> {
  const id = `t${n}`;
  site.ledger.tracking.record({
    message: id,
    atMs: site.context.now(),
    kind: 'submitted',
    direction: 'out',
    sender: owner.mailbox.address,
    recipient: 'x@far.example',
    account: brand<AccountId>(Number(owner.mailbox.id)),
    customer: brand<CustomerId>(Number(owner.id)),
    subject: 'Plans',
    messageId: `<${n}@x>`,
    sizeBytes: 900,
    remote: '',
    reply: '',
    detail: {},
  });
  await site.ledger.tracking.flush();
  return id;
}

const inDomain = (rest: string, payload?: object) => async (objects: Objects) => ({
  url: `/api/v1/domains/${await domainOf(objects)}${rest}`,
  ...(payload === undefined ? {} : { payload }),
});
const inMailbox = (rest: string, payload?: object) => async (objects: Objects) => ({
  url: `/api/v1/mailboxes/${await mailboxOf(objects)}${rest}`,
  ...(payload === undefined ? {} : { payload }),
});
const forwarding = (n: number, domain: string) => ({
  address: `f${n}@${domain}`,
  kind: 'forward',
  targets: ['y@far.example'],
  keepCopy: false,
});
/** Bulk actions leave out ids that are not one's own, as ids that are not there. */
const onQueue =
  (name: string, more: object = {}) =>
  async (objects: Objects) => ({ url: `/api/v1/queue/${name}`, payload: { ids: [await queuedBy(objects)], ...more } });

export const ROUTE_TABLE: Readonly<Record<string, RouteExpectation>> = {
  'POST /api/v1/setup/check': { roles: 'open', request: at('/api/v1/setup/check', { secret: 'none' }), status: 404 },
  'POST /api/v1/setup': {
    roles: 'open',
    request: at('/api/v1/setup', { secret: 'none', hostname: 'a.example', email: 'a@b.example', password: 'walnut-harbour' }),
    status: 409,
  },
  'POST /api/v1/session': {
    roles: 'open',
    request: at('/api/v1/session', { login: 'none@none.example', password: 'wrong-wrong' }),
    status: 401,
  },
  'GET /api/v1/session': { roles: EVERYBODY, request: at('/api/v1/session'), log: 'in' },
  'DELETE /api/v1/session': { roles: EVERYBODY, request: at('/api/v1/session'), status: 204, log: 'in' },
  'POST /api/v1/session/password': {
    roles: EVERYBODY,
    request: at('/api/v1/session/password', { current: 'wrong-wrong', next: 'walnut-harbour' }),
    status: 400,
    log: 'in',
  },
  'GET /api/v1/sessions': { roles: EVERYBODY, request: at('/api/v1/sessions'), log: 'in' },
  'DELETE /api/v1/sessions/:id': { roles: EVERYBODY, request: at('/api/v1/sessions/999999'), status: 404, log: 'in' },

  'GET /api/v1/domains': { roles: MANAGERS, request: at('/api/v1/domains') },
  'POST /api/v1/domains': {
    roles: MANAGERS,
    request: ({ n }) => ({ url: '/api/v1/domains', payload: { name: `new${n}.example` } }),
    status: 201,
  },
  'GET /api/v1/domains/:name': { roles: MANAGERS, request: inDomain(''), owned: true },
  'DELETE /api/v1/domains/:name': { roles: MANAGERS, request: inDomain(''), status: 204, owned: true },
  'POST /api/v1/domains/:name/check': { roles: MANAGERS, request: inDomain('/check'), owned: true },
  'GET /api/v1/domains/:name/checks': { roles: MANAGERS, request: inDomain('/checks'), owned: true },
  'POST /api/v1/domains/:name/suspend': { roles: SELLERS, request: inDomain('/suspend', { reason: 'Unpaid' }), owned: true },
  'POST /api/v1/domains/:name/unsuspend': { roles: SELLERS, request: inDomain('/unsuspend'), owned: true },

  'GET /api/v1/mailboxes': { roles: MANAGERS, request: at('/api/v1/mailboxes') },
  'POST /api/v1/mailboxes': {
    roles: MANAGERS,
    request: ({ n, owner }) => ({ url: '/api/v1/mailboxes', payload: { address: `new${n}@${owner.domain}` } }),
    status: 201,
    owned: true,
  },
  'GET /api/v1/mailboxes/:id': { roles: EVERYBODY, request: inMailbox(''), owned: true },
  'PATCH /api/v1/mailboxes/:id': { roles: MANAGERS, request: inMailbox('', { name: 'Ann' }), owned: true },
  'DELETE /api/v1/mailboxes/:id': { roles: MANAGERS, request: inMailbox(''), owned: true },
  'POST /api/v1/mailboxes/:id/password': { roles: MANAGERS, request: inMailbox('/password', {}), owned: true },
  'GET /api/v1/mailboxes/:id/client-settings': { roles: EVERYBODY, request: inMailbox('/client-settings'), owned: true },
  'GET /api/v1/mailboxes/:id/usage': { roles: EVERYBODY, request: inMailbox('/usage'), owned: true },
  'GET /api/v1/password-suggestion': { roles: EVERYBODY, request: at('/api/v1/password-suggestion') },

  'GET /api/v1/forwarders': { roles: MANAGERS, request: at('/api/v1/forwarders') },
  'POST /api/v1/forwarders': {
    roles: MANAGERS,
    request: ({ n, owner }) => ({ url: '/api/v1/forwarders', payload: forwarding(n, owner.domain) }),
    status: 201,
    owned: true,
  },
  'POST /api/v1/forwarders/test': {
    roles: MANAGERS,
    request: ({ owner }) => ({ url: '/api/v1/forwarders/test', payload: { address: owner.mailbox.address } }),
    owned: true,
  },
  'GET /api/v1/forwarders/:id': {
    roles: MANAGERS,
    request: (objects) => ({ url: `/api/v1/forwarders/${forwarderOf(objects)}` }),
    owned: true,
  },
  'PUT /api/v1/forwarders/:id': {
    roles: MANAGERS,
    request: (objects) => ({ url: `/api/v1/forwarders/${forwarderOf(objects)}`, payload: forwarding(objects.n, objects.owner.domain) }),
    owned: true,
  },
  'DELETE /api/v1/forwarders/:id': {
    roles: MANAGERS,
    request: (objects) => ({ url: `/api/v1/forwarders/${forwarderOf(objects)}` }),
    owned: true,
  },

  'GET /api/v1/me': { roles: ['account'], request: at('/api/v1/me') },
  'PUT /api/v1/me/forwarder': { roles: ['account'], request: at('/api/v1/me/forwarder', { targets: [], keepCopy: true }), status: 204 },

  'GET /api/v1/queue': { roles: MANAGERS, request: at('/api/v1/queue') },
  'GET /api/v1/queue/summary': { roles: MANAGERS, request: at('/api/v1/queue/summary') },
  'GET /api/v1/queue/:id': {
    roles: MANAGERS,
    request: async (objects) => ({ url: `/api/v1/queue/${await queuedBy(objects)}` }),
    owned: true,
  },
  'POST /api/v1/queue/retry': { roles: MANAGERS, request: onQueue('retry') },
  'POST /api/v1/queue/hold': { roles: MANAGERS, request: onQueue('hold', { reason: 'Look at it' }) },
  'POST /api/v1/queue/release': { roles: MANAGERS, request: onQueue('release') },
  'POST /api/v1/queue/drop': { roles: MANAGERS, request: onQueue('drop', { bounce: true }) },

  'GET /api/v1/messages': { roles: MANAGERS, request: at('/api/v1/messages') },
  'GET /api/v1/messages/:id': {
    roles: MANAGERS,
    request: async (objects) => ({ url: `/api/v1/messages/${await trackedOf(objects)}` }),
    owned: true,
  },
  'GET /api/v1/overview': { roles: MANAGERS, request: at('/api/v1/overview?range=week') },
  'GET /api/v1/search': { roles: MANAGERS, request: at('/api/v1/search?q=a') },

  'GET /api/v1/settings': { roles: HOST_ONLY, request: at('/api/v1/settings') },
  'PATCH /api/v1/settings': { roles: HOST_ONLY, request: at('/api/v1/settings', { 'server.brand': 'North Mail' }) },
  'GET /api/v1/tokens': { roles: MANAGERS, request: at('/api/v1/tokens') },
  'POST /api/v1/tokens': { roles: MANAGERS, request: at('/api/v1/tokens', { label: 'made' }), status: 201 },
  'DELETE /api/v1/tokens/:id': {
    roles: MANAGERS,
    request: (objects) => ({ url: `/api/v1/tokens/${tokenOf(objects)}` }),
    status: 204,
    owned: true,
  },
  'GET /api/v1/audit': { roles: MANAGERS, request: at('/api/v1/audit') },
  'GET /api/v1/customers': { roles: MANAGERS, request: at('/api/v1/customers') },
  'POST /api/v1/customers': {
    roles: SELLERS,
    request: ({ n }) => ({ url: '/api/v1/customers', payload: { name: `Customer ${n}` } }),
    status: 201,
  },

  'GET /api/v1/health': { roles: 'open', request: at('/api/v1/health') },
  'GET /api/v1/status': { roles: HOST_ONLY, request: at('/api/v1/status') },
  'GET /api/v1/events': { roles: EVERYBODY, request: at('/api/v1/events') },

  'GET /api/docs': { roles: 'open', request: at('/api/docs') },
  'GET /api/docs/openapi.json': { roles: 'open', request: at('/api/docs/openapi.json') },
  'GET /api/docs/style.css': { roles: 'open', request: at('/api/docs/style.css') },
  'GET /assets/*': { roles: 'open', request: at('/assets/none.js'), status: 404 },
  'GET /mail/config-v1.1.xml': { roles: 'open', request: at('/mail/config-v1.1.xml'), status: 404 },
  'GET /.well-known/autoconfig/mail/config-v1.1.xml': {
    roles: 'open',
    request: at('/.well-known/autoconfig/mail/config-v1.1.xml'),
    status: 404,
  },
  'GET /autodiscover/autodiscover.xml': { roles: 'open', request: at('/autodiscover/autodiscover.xml'), status: 404 },
  'POST /autodiscover/autodiscover.xml': { roles: 'open', request: at('/autodiscover/autodiscover.xml'), status: 404 },
  'GET /mobileconfig': { roles: 'open', request: at('/mobileconfig'), status: 404 },
};
