/**
 * Port 80 beside client configuration: ACME's challenges, and https for everything else.
 *
 * 1. RFC 8555 §8.3: `/.well-known/acme-challenge/` is answered here and never redirected; without an open challenge it is 404.
 * 2. RFC 9110 §15.4.9: 308 keeps the method. The target is the host that was asked, if that is a host name at all.
 */
import type { FastifyInstance } from 'fastify';
import { isHostname, parseDomain } from '../wire/address/domain.ts';
import { panelOrigin } from './client-settings.ts';
import type { HttpContext } from './context.ts';
import { requestedHost } from './request-target.ts';

const NUMERIC = /^(?:[\d.]+|[\da-f:.]*:[\da-f:.]*)$/;

export function addPlainRedirect(app: FastifyInstance, context: HttpContext): void {
  app.all('/.well-known/acme-challenge/*', async (_request, reply) => reply.code(404).type('text/plain').send('No such challenge\n'));
  app.setNotFoundHandler((request, reply) => {
    const target = request.url.startsWith('/') ? request.url : '/';
    void reply
      .code(308)
      .header('location', panelOrigin(context, redirectHost(request.headers.host, context)) + target)
      .send();
  });
}

function redirectHost(header: string | undefined, context: HttpContext): string {
  const host = requestedHost(header);
  if (NUMERIC.test(host)) return host.includes(':') ? `[${host}]` : host;
  if (host === 'localhost') return host;
  const domain = parseDomain(host);
  return domain !== undefined && isHostname(domain) ? domain : context.facts.hostname();
}
