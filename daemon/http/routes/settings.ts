/** The server's settings, tokens of the API, the log of changes, customers. */
import { Type } from 'typebox';
import { createToken, listTokens, revokeToken } from '../../admin/api-tokens.ts';
import { listAudit } from '../../admin/audit-log.ts';
import { createCustomer, listCustomers } from '../../admin/customers.ts';
import { changeSettings, listSettings } from '../../admin/settings.ts';
import { Invalid } from '../../lib/errors.ts';
import { actorOf, HOST, MANAGERS, SELLERS } from '../access.ts';
import type { HttpContext } from '../context.ts';
import {
  AuditPage,
  CreatedCustomer,
  CreatedToken,
  CustomerPage,
  NewCustomer,
  NewToken,
  SettingsList,
  SettingsPatch,
  Token,
} from '../contract/api.ts';
import { type Api, answers, answersNothing, closed, creates, IdParams, ListQuery } from '../route-schema.ts';

const Tokens = Type.Object({ items: Type.Array(Token) });

export function settingsRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;
  const tags = ['Settings'];

  api.get(
    '/settings',
    { config: { access: HOST }, schema: { summary: 'All settings with their words', tags, response: answers(SettingsList) } },
    async (request) => {
      const { items } = listSettings(admin, actorOf(request), {});
      return { items: items.map((item) => ({ ...item, choices: [...item.choices] })) };
    },
  );

  api.patch(
    '/settings',
    {
      config: { access: HOST },
      schema: { summary: 'Change settings, all or none', tags, body: SettingsPatch, response: answers(SettingsList) },
    },
    async (request) => {
      const { items } = changeSettings(admin, actorOf(request), { values: request.body });
      return { items: items.map((item) => ({ ...item, choices: [...item.choices] })) };
    },
  );

  api.get(
    '/audit',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Who changed what, the latest first', tags, querystring: ListQuery, response: answers(AuditPage) },
    },
    async (request) => listAudit(admin, actorOf(request), request.query),
  );

  api.get(
    '/customers',
    { config: { access: MANAGERS }, schema: { summary: 'Customers', tags, querystring: ListQuery, response: answers(CustomerPage) } },
    async (request) => listCustomers(admin, actorOf(request), request.query),
  );

  api.post(
    '/customers',
    {
      config: { access: SELLERS },
      schema: { summary: 'Create a customer', tags, body: closed(NewCustomer), response: creates(CreatedCustomer) },
    },
    async (request, reply) => {
      const created = await createCustomer(admin, actorOf(request), request.body);
      reply.code(201);
      return created;
    },
  );
}

export function tokenRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;
  const tags = ['Tokens'];

  api.get(
    '/tokens',
    { config: { access: MANAGERS }, schema: { summary: 'Tokens of the API', tags, response: answers(Tokens) } },
    async (request) => listTokens(admin, actorOf(request), {}),
  );

  api.post(
    '/tokens',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Create a token; its secret is shown once', tags, body: closed(NewToken), response: creates(CreatedToken) },
    },
    async (request, reply) => {
      const { role, ...rest } = request.body;
      if (role === 'account') throw new Invalid('role', 'A token is for the host, a reseller or a customer');
      const created = createToken(admin, actorOf(request), role === undefined ? rest : { ...rest, role });
      reply.code(201);
      return created;
    },
  );

  api.delete(
    '/tokens/:id',
    { config: { access: MANAGERS }, schema: { summary: 'Revoke a token', tags, params: IdParams, response: answersNothing } },
    async (request, reply) => {
      revokeToken(admin, actorOf(request), { id: request.params.id });
      return reply.code(204).send(null);
    },
  );
}
