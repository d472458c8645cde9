/**
 * The two HTTP apps, without listening: `secure` (443: panel, API, client configuration) and `plain` (80: ACME, client
 * configuration, redirect of the rest).
 *
 * 1. Every answer carries the security headers; every API route says whom it is for (access.ts).
 * 2. Closing `secure` ends the event streams.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from 'fastify';
import { registerApi } from './api.ts';
import { addClientConfig } from './client-config.ts';
import type { HttpContext } from './context.ts';
import type { ErrorBody } from './contract/api.ts';
import { errorAnswer } from './error-answer.ts';
import { LiveFeed } from './live-feed.ts';
import { servePanel } from './panel-files.ts';
import { addPlainRedirect } from './plain-redirect.ts';
import { routedTarget } from './request-target.ts';
import { compileSerializer, compileValidator } from './schema-check.ts';
import { addSecurityHeaders, HEADERS } from './security-headers.ts';

export interface RouteRow {
  readonly method: string;
  /** As declared, e.g. `/api/v1/domains/:name`. */
  readonly url: string;
}

export interface HttpApp {
  readonly secure: FastifyInstance;
  readonly plain: FastifyInstance;
  /** Every route of `secure`, once it is ready. */
  readonly routes: readonly RouteRow[];
}

const OPTIONS: FastifyServerOptions = {
  logger: false,
  bodyLimit: 262_144,
  routerOptions: { maxParamLength: 400 },
  rewriteUrl: routedTarget,
  // RFC 9110 §15.5.1: a path whose percent-encoding is broken never reaches a route, nor its hooks.
  frameworkErrors: (_error, _request, reply) => {
    const body: ErrorBody = { error: { code: 'invalid', message: 'The address cannot be read' } };
    void (reply as unknown as FastifyReply)
      .headers(HEADERS)
      .code(400)
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send(body);
  },
};

export async function createHttpApp(context: HttpContext): Promise<HttpApp> {
  const routes: RouteRow[] = [];
  const secure = fastify(OPTIONS);
  secure.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, url });
  });
  prepare(secure, context, { pinned: !context.facts.trial });
  const feed = new LiveFeed(context);
  secure.addHook('onClose', async () => feed.close());
  await registerApi(secure, context, feed);
  addClientConfig(secure, context, { secure: true });
  await servePanel(secure, context);

  const plain = fastify(OPTIONS);
  prepare(plain, context, { pinned: false });
  addClientConfig(plain, context, { secure: false });
  addPlainRedirect(plain, context);
  await Promise.all([secure.ready(), plain.ready()]);
  return { secure, plain, routes };
}

function prepare(app: FastifyInstance, context: HttpContext, { pinned }: { pinned: boolean }): void {
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  app.setErrorHandler(errorAnswer(context.log));
  addSecurityHeaders(app, { pinned });
}
