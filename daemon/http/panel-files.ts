/**
 * The built panel: static files of panel/dist, and its index.html for every address that the panel routes itself.
 *
 * 1. Files under /assets/ carry a hash in their names and never change; index.html is asked for each time.
 * 2. index.html answers only requests that want a page (Accept: text/html; `/` also for any), never under /api/ or
 *    /.well-known/: DAV clients probe these and have to get 404.
 * 3. Under the name of a hosted domain (not the server's own) there is no panel.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hostedDomainOfHost } from './client-config.ts';
import type { HttpContext } from './context.ts';
import { requestedHost } from './request-target.ts';

/** Names that the build gives; anything else is somebody looking for a way out of the folder. */
const ASSET = /^\w[\w.-]*(?:\/\w[\w.-]*)*$/;
const YEAR_MS = 31_536_000_000;
const hidden = { schema: { hide: true } };
const MISSING_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailstead</title>
<h1>The panel is not built yet</h1>
<p>The mail server runs. To build its panel, run <code>npm run build</code> in the program's folder and load this page again.</p>
<p>Everything the panel does can also be done with the command <code>mailstead</code>, and <a href="/api/docs">by the API</a>.</p></html>
`;

export async function servePanel(app: FastifyInstance, context: HttpContext): Promise<void> {
  const root = context.facts.panelDir;
  await app.register(staticFiles, { root, serve: false, logLevel: 'silent' } as Parameters<typeof app.register>[1]);
  app.get('/assets/*', hidden, async (request, reply) => {
    const name = (request.params as { '*': string })['*'];
    if (!ASSET.test(name)) return sendNotFound(request, reply);
    return reply.sendFile(`assets/${name}`, root, { immutable: true, maxAge: YEAR_MS, index: false });
  });
  app.setNotFoundHandler(async (request, reply) => (wantsPage(request, context) ? sendIndex(reply, root) : sendNotFound(request, reply)));
}

function wantsPage(request: FastifyRequest, context: HttpContext): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const path = request.url.split('?', 1)[0] ?? '/';
  if (/^\/(?:api|assets|\.well-known|mail|autodiscover)(?:\/|$)/.test(path)) return false;
  const accept = request.headers.accept ?? '*/*';
  if (!accept.includes('text/html') && !(path === '/' && accept.includes('*/*'))) return false;
  const isOwnName = requestedHost(request.headers.host) === context.facts.hostname();
  return isOwnName || hostedDomainOfHost(request.headers.host, context) === undefined;
}

function sendIndex(reply: FastifyReply, root: string): FastifyReply {
  if (!existsSync(join(root, 'index.html')))
    return reply.code(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(MISSING_PAGE);
  return reply.header('cache-control', 'no-cache').sendFile('index.html', root, { cacheControl: false });
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isApi = request.url.startsWith('/api/');
  const message = isApi ? 'There is no such route in the API' : 'There is nothing here';
  return reply
    .code(404)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({ error: { code: 'not_found', message } });
}
