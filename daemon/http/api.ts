/**
 * `/api/v1`: its hooks, limits and routes. See contract/api.ts for what crosses it.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { isLoopback, networkOf } from '../lib/ip-address.ts';
import { guardRoutes } from './access.ts';
import { describeApi } from './api-docs.ts';
import type { HttpContext } from './context.ts';
import { throttled } from './error-answer.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Api } from './route-schema.ts';
import { domainRoutes } from './routes/domains.ts';
import { eventRoutes } from './routes/events.ts';
import { forwarderRoutes } from './routes/forwarders.ts';
import { mailboxRoutes } from './routes/mailboxes.ts';
import { ownRoutes } from './routes/me.ts';
import { messageRoutes } from './routes/messages.ts';
import { overviewRoutes } from './routes/overview.ts';
import { queueRoutes } from './routes/queue.ts';
import { searchRoutes } from './routes/search.ts';
import { serverRoutes } from './routes/server.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes, tokenRoutes } from './routes/settings.ts';
import { setupRoutes } from './routes/setup.ts';

const SIGNED_IN_PER_MINUTE = 1_200;
const VISITOR_PER_MINUTE = 240;

const ROUTES = [
  setupRoutes,
  sessionRoutes,
  domainRoutes,
  mailboxRoutes,
  forwarderRoutes,
  ownRoutes,
  queueRoutes,
  messageRoutes,
  overviewRoutes,
  settingsRoutes,
  tokenRoutes,
  searchRoutes,
  serverRoutes,
] as const;

/** Registers the API at `app`, which has the validator and error handler set. */
export async function registerApi(app: FastifyInstance, context: HttpContext, feed: LiveFeed): Promise<void> {
  await describeApi(app, context.facts.version);
  await app.register(
    async (api) => {
      guardRoutes(api, context);
      api.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      await limitRates(api, context);
      for (const addRoutes of ROUTES) addRoutes(api as Api, context);
      eventRoutes(api as Api, context, feed);
    },
    { prefix: '/api/v1' },
  );
}

/** Per log-in, token or network of a visitor; log-ins themselves are counted by limits/login-throttle.ts. */
async function limitRates(api: FastifyInstance, context: HttpContext): Promise<void> {
  await api.register(rateLimit, {
    timeWindow: 60_000,
    cache: 20_000,
    max: (request) => (request.identity === null ? VISITOR_PER_MINUTE : SIGNED_IN_PER_MINUTE),
    keyGenerator: ({ identity, ip }) => {
      if (identity === null) return `ip ${networkOf(ip)}`;
      return identity.session === undefined ? `token ${identity.actor.customer} ${identity.actor.name}` : `session ${identity.session.id}`;
    },
    allowList: (request) => context.facts.trial && isLoopback(request.ip),
    errorResponseBuilder: (_request, { ttl }) => throttled(Math.ceil(ttl / 1_000)),
  });
}
