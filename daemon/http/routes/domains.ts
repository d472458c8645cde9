/** Domains and their DNS checks. */
import { Type } from 'typebox';
import { addDomain } from '../../admin/add-domain.ts';
import { listDomainChecks } from '../../admin/domain-checks.ts';
import { listDomains } from '../../admin/list-domains.ts';
import { removeDomain } from '../../admin/remove-domain.ts';
import { showDomain } from '../../admin/show-domain.ts';
import { suspendDomain, unsuspendDomain } from '../../admin/suspend-domain.ts';
import { actorOf, MANAGERS, SELLERS } from '../access.ts';
import { checkHistory } from '../check-history.ts';
import type { HttpContext } from '../context.ts';
import { CheckHistory, Domain, DomainDetail, DomainPage, DomainReport, NewDomain, SuspendDomain } from '../contract/api.ts';
import { type Api, answers, answersNothing, closed, creates, ListQuery, NameParams } from '../route-schema.ts';

const tags = ['Domains'];
const params = NameParams;
const Removal = Type.Object(
  { force: Type.Optional(Type.Boolean({ description: 'With its mailboxes and their mail' })) },
  { additionalProperties: false },
);

export function domainRoutes(api: Api, context: HttpContext): void {
  const { admin, checker } = context;

  api.get(
    '/domains',
    { config: { access: MANAGERS }, schema: { summary: 'Domains by name', tags, querystring: ListQuery, response: answers(DomainPage) } },
    async (request) => listDomains(admin, actorOf(request), request.query),
  );

  api.post(
    '/domains',
    { config: { access: MANAGERS }, schema: { summary: 'Add a domain', tags, body: closed(NewDomain), response: creates(Domain) } },
    async (request, reply) => {
      const { name, ...rest } = request.body;
      const added = await addDomain(admin, actorOf(request), { domain: name, ...rest });
      reply.code(201);
      return added;
    },
  );

  api.get(
    '/domains/:name',
    {
      config: { access: MANAGERS },
      schema: { summary: 'A domain, its last check and the records to publish', tags, params, response: answers(DomainDetail) },
    },
    async (request) => {
      const { domain, report, proof } = showDomain(admin, actorOf(request), { domain: request.params.name });
      return { domain, report: report as DomainReport | null, records: checker.recordsOf(domain.name), proof };
    },
  );

  api.delete(
    '/domains/:name',
    { config: { access: MANAGERS }, schema: { summary: 'Remove a domain', tags, params, querystring: Removal, response: answersNothing } },
    async (request, reply) => {
      await removeDomain(admin, actorOf(request), { domain: request.params.name, force: request.query.force ?? false });
      return reply.code(204).send(null);
    },
  );
  domainActionRoutes(api, context);
}

function domainActionRoutes(api: Api, context: HttpContext): void {
  const { admin, checker } = context;

  api.post(
    '/domains/:name/check',
    { config: { access: MANAGERS }, schema: { summary: "Check the domain's DNS now", tags, params, response: answers(DomainReport) } },
    async (request) => {
      const { domain } = showDomain(admin, actorOf(request), { domain: request.params.name });
      return checker.check(domain.name);
    },
  );

  api.get(
    '/domains/:name/checks',
    { config: { access: MANAGERS }, schema: { summary: 'Past checks, the newest first', tags, params, response: answers(CheckHistory) } },
    async (request) => checkHistory(listDomainChecks(admin, actorOf(request), { domain: request.params.name, limit: 100 }).items),
  );

  api.post(
    '/domains/:name/suspend',
    {
      config: { access: SELLERS },
      schema: { summary: 'Stop all mail and log-ins of a domain', tags, params, body: closed(SuspendDomain), response: answers(Domain) },
    },
    async (request) => suspendDomain(admin, actorOf(request), { domain: request.params.name, reason: request.body.reason }),
  );

  api.post(
    '/domains/:name/unsuspend',
    { config: { access: SELLERS }, schema: { summary: 'Give a suspended domain back', tags, params, response: answers(Domain) } },
    async (request) => unsuspendDomain(admin, actorOf(request), { domain: request.params.name }),
  );
}
