/**
 * The routes by which mail programs configure themselves: autoconfig, autodiscover, mobileconfig (daemon/clientconfig).
 *
 * 1. Answers follow from the domain alone, or repeat the address asked with; they never tell whether an address exists.
 * 2. The domain is the address's when that is hosted here, else that of the host name that was asked; without either: 404.
 * 3. GET on `http://autodiscover.DOMAIN` redirects to https, as its specification wants; a profile is given over https only.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { autoconfig } from '../clientconfig/autoconfig.ts';
import { autodiscover, isAddressShaped, readAutodiscoverRequest } from '../clientconfig/autodiscover.ts';
import type { ConfigResponse } from '../clientconfig/endpoints.ts';
import { mobileconfig } from '../clientconfig/mobileconfig.ts';
import { domainByName } from '../directory/records/domains.ts';
import { parseDomain } from '../wire/address/domain.ts';
import { clientConfigInput, panelOrigin } from './client-settings.ts';
import type { HttpContext } from './context.ts';
import { requestedHost } from './request-target.ts';

const BODY_MAX = 16_384;
const hidden = { schema: { hide: true } };

export function addClientConfig(app: FastifyInstance, context: HttpContext, { secure }: { secure: boolean }): void {
  void app.register(async (scope) => {
    // Outlook says text/xml, others say nothing or something else: the body is read as it is.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_MAX }, (_request, body, done) => done(null, body));

    for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml']) {
      scope.get(path, hidden, async (request, reply) => {
        const domain = domainFor(request, context, queryText(request, 'emailaddress'));
        return domain === undefined ? notHosted(reply) : answer(reply, autoconfig(clientConfigInput(context, domain)));
      });
    }

    scope.route({
      method: ['GET', 'POST'],
      url: '/autodiscover/autodiscover.xml',
      ...hidden,
      handler: async (request, reply) => {
        const host = requestedHost(request.headers.host);
        if (
          !secure &&
          request.method !== 'POST' &&
          host.startsWith('autodiscover.') &&
          domainFor(request, context, undefined) !== undefined
        ) {
          return reply.redirect(panelOrigin(context, host) + request.url, 302);
        }
        const wanted = readAutodiscoverRequest(typeof request.body === 'string' ? request.body : '');
        const asked = wanted.kind === 'settings' ? (wanted.address ?? queryAddress(request)) : undefined;
        const domain = domainFor(request, context, asked);
        if (domain === undefined) return notHosted(reply);
        const settings = wanted.kind === 'settings' ? { kind: 'settings' as const, address: asked } : wanted;
        return answer(
          reply,
          autodiscover(clientConfigInput(context, domain), settings, () => new Date(context.now())),
        );
      },
    });

    if (!secure) return;
    scope.get('/mobileconfig', hidden, async (request, reply) => {
      const address = queryText(request, 'address');
      const domain = address === undefined || !isAddressShaped(address) ? undefined : hostedDomainOf(address, context);
      if (address === undefined || domain === undefined) return notHosted(reply);
      reply.header('content-disposition', attachment(`${address}.mobileconfig`));
      return answer(reply, mobileconfig({ ...clientConfigInput(context, domain), address }));
    });
  });
}

function answer(reply: FastifyReply, { status, contentType, body }: ConfigResponse): FastifyReply {
  return reply.code(status).type(contentType).header('cache-control', 'no-cache').send(body);
}

function notHosted(reply: FastifyReply): FastifyReply {
  return reply.code(404).type('text/plain; charset=utf-8').send('There is no mail of this domain here\n');
}

function domainFor(request: FastifyRequest, context: HttpContext, address: string | undefined): string | undefined {
  const byAddress = address === undefined ? undefined : hostedDomainOf(address, context);
  return byAddress ?? hostedDomainOfHost(request.headers.host, context);
}

function hostedDomainOf(address: string, context: HttpContext): string | undefined {
  return hosted(address.slice(address.lastIndexOf('@') + 1), context);
}

/** The hosted domain that a host name stands for: itself, or what follows autoconfig. and autodiscover. */
export function hostedDomainOfHost(header: string | undefined, context: HttpContext): string | undefined {
  const host = requestedHost(header);
  return hosted(/^(?:autoconfig|autodiscover)\.(?<rest>.+)$/.exec(host)?.groups?.['rest'] ?? host, context);
}

function hosted(name: string, { admin, facts }: HttpContext): string | undefined {
  const domain = parseDomain(name);
  if (domain === undefined || !admin.directory.isLocalDomain(domain)) return undefined;
  // The directory takes the server's own name for local (postmaster@ there); it has mailboxes only if it is hosted as well.
  return domain === facts.hostname() && domainByName(admin.control.db, domain) === undefined ? undefined : domain;
}

function queryText(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === 'string' && value.length <= 320 ? value : undefined;
}

/** Autodiscover by GET may name its address, in several spellings. */
function queryAddress(request: FastifyRequest): string | undefined {
  const given = queryText(request, 'Email') ?? queryText(request, 'email') ?? queryText(request, 'emailaddress');
  return given !== undefined && isAddressShaped(given) ? given : undefined;
}

/** RFC 6266 §4.3: a plain name for old programs, the exact one encoded. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w.@+-]/g, '_');
  const exact = encodeURIComponent(name).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
