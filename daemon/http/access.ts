/**
 * Who asks, and whether a route is for them. Each route declares `config.access`; a route without it cannot be registered.
 *
 * 1. A cookie session or a bearer token, never both: with an Authorization header the cookie does not count.
 * 2. Changing requests by cookie carry the session's CSRF token in `x-csrf-token`; open ones (log-in, set-up) are refused when
 *    the browser says that another site sent them.
 * 3. Ownership is the use cases' matter (404 for another's object); here only the role decides (403).
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor } from '../admin/actor.ts';
import { actorOfToken } from '../admin/api-tokens.ts';
import { findSession, type PresentSession } from '../admin/web-sessions.ts';
import type { HttpContext } from './context.ts';
import type { Role } from './contract/api.ts';
import { forbidden, HttpRefusal, unauthenticated } from './error-answer.ts';
import { sessionToken } from './session-cookie.ts';

/** The roles that a route is for; `open` = nobody needs to be signed in. */
export type Access = 'open' | readonly Role[];

export const OPEN = 'open' satisfies Access;
export const SIGNED_IN = ['host', 'reseller', 'customer', 'account'] as const satisfies Access;
export const MANAGERS = ['host', 'reseller', 'customer'] as const satisfies Access;
/** Who has customers. */
export const SELLERS = ['host', 'reseller'] as const satisfies Access;
export const HOST = ['host'] as const satisfies Access;
export const MAILBOX_USER = ['account'] as const satisfies Access;

export interface Identity {
  readonly actor: Actor;
  /** Undefined for a bearer token. */
  readonly session: PresentSession | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity | null;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const TOKEN_MAX = 200;

/** Puts the checks before every route of `api`. */
export function guardRoutes(api: FastifyInstance, context: HttpContext): void {
  api.decorateRequest('identity', null);
  api.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`route ${String(route.method)} ${route.url} does not say whom it is for`);
  });
  api.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === undefined) return;
    request.identity = identify(request, context) ?? null;
    if (!SAFE_METHODS.has(request.method)) refuseForgery(request, access);
    if (access === 'open') return;
    if (request.identity === null) throw unauthenticated();
    if (!access.includes(request.identity.actor.kind as Role)) throw forbidden();
  });
}

function identify(request: FastifyRequest, context: HttpContext): Identity | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization.slice(0, TOKEN_MAX))?.[1];
    const actor = bearer === undefined ? undefined : actorOfToken(context.admin, bearer, request.ip);
    if (actor === undefined) throw new HttpRefusal(401, 'unauthenticated', 'This token is not known, or it is no longer good');
    return { actor, session: undefined };
  }
  const token = sessionToken(request.headers.cookie);
  const session = token === undefined ? undefined : findSession(context.admin, token, request.ip);
  return session === undefined ? undefined : { actor: session.actor, session };
}

function refuseForgery(request: FastifyRequest, access: Access): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw forbidden('Another site sent this request');
  const session = request.identity?.session;
  if (access === 'open' || session === undefined) return;
  const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const wanted = Buffer.from(session.csrf);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw forbidden('This request did not come from the panel. Reload the page and try again');
}

/** Who asks; a visitor when nobody is signed in. */
export function actorOf(request: FastifyRequest): Actor {
  return request.identity?.actor ?? { kind: 'visitor', id: null, name: '', customer: null, remoteAddress: request.ip };
}

/** The cookie session behind a request. Refuses tokens: what is asked concerns a person's own log-in. */
export function sessionOf(request: FastifyRequest): PresentSession {
  const session = request.identity?.session;
  if (session === undefined) throw forbidden('Only someone who is signed in to the panel can do this');
  return session;
}
