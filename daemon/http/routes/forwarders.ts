/** Forwarders, catch-alls included, and where mail to an address goes. */
import { Type } from 'typebox';
import { addAddress } from '../../admin/add-address.ts';
import { editAddress } from '../../admin/edit-address.ts';
import { listAddresses, showAddress } from '../../admin/list-addresses.ts';
import { removeAddress } from '../../admin/remove-address.ts';
import { testAddress } from '../../admin/test-address.ts';
import { Invalid } from '../../lib/errors.ts';
import { actorOf, MANAGERS } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { AddressTest, AddressTestResult, Forwarder, ForwarderPage, NewForwarder, RemovedWith } from '../contract/api.ts';
import { type Api, answers, closed, creates, IdParams, listQuery } from '../route-schema.ts';

const tags = ['Forwarders'];
const params = IdParams;
const Query = listQuery({ domain: Type.Optional(Type.String({ maxLength: 255 })) });

export function forwarderRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.get(
    '/forwarders',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Forwarders by address', tags, querystring: Query, response: answers(ForwarderPage) },
    },
    async (request) => listAddresses(admin, actorOf(request), request.query),
  );

  api.post(
    '/forwarders',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Add a forwarder', tags, body: closed(NewForwarder), response: creates(Forwarder) },
    },
    async (request, reply) => {
      const added = addAddress(admin, actorOf(request), request.body);
      reply.code(201);
      return added;
    },
  );

  api.post(
    '/forwarders/test',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Where mail to an address goes', tags, body: closed(AddressTest), response: answers(AddressTestResult) },
    },
    async (request) => testAddress(admin, actorOf(request), request.body),
  );
  oneForwarderRoutes(api, context);
}

function oneForwarderRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.get(
    '/forwarders/:id',
    { config: { access: MANAGERS }, schema: { summary: 'A forwarder', tags, params, response: answers(Forwarder) } },
    async (request) => showAddress(admin, actorOf(request), { forwarder: request.params.id }),
  );

  api.put(
    '/forwarders/:id',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Change what a forwarder does', tags, params, body: closed(NewForwarder), response: answers(Forwarder) },
    },
    async (request) => {
      const actor = actorOf(request);
      const { address, ...what } = request.body;
      const present = showAddress(admin, actor, { forwarder: request.params.id });
      if (address.trim().toLowerCase() !== present.address.toLowerCase())
        throw new Invalid('address', 'The address of a forwarder stays. Add another forwarder and remove this one');
      return editAddress(admin, actor, { forwarder: present.id, ...what });
    },
  );

  api.delete(
    '/forwarders/:id',
    { config: { access: MANAGERS }, schema: { summary: 'Remove a forwarder', tags, params, response: answers(RemovedWith) } },
    async (request) => removeAddress(admin, actorOf(request), { forwarder: request.params.id }),
  );
}
