/** A mailbox user's own mailbox. */
import { setOwnForwarder } from '../../admin/edit-address.ts';
import { showAccount } from '../../admin/show-account.ts';
import { actorOf, MAILBOX_USER } from '../access.ts';
import { clientSettings } from '../client-settings.ts';
import type { HttpContext } from '../context.ts';
import { Me, OwnForwarder } from '../contract/api.ts';
import { type Api, answers, answersNothing, closed } from '../route-schema.ts';

const tags = ['Own mailbox'];

export function ownRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.get(
    '/me',
    { config: { access: MAILBOX_USER }, schema: { summary: 'The own mailbox', tags, response: answers(Me) } },
    async (request) => {
      const actor = actorOf(request);
      const { mailbox, forwarder, addresses } = showAccount(admin, actor, { account: String(actor.id) });
      return { mailbox, forwarder, addresses, settings: clientSettings(context, mailbox.address) };
    },
  );

  api.put(
    '/me/forwarder',
    {
      config: { access: MAILBOX_USER },
      schema: {
        summary: 'Where the own mail goes; no target = only to the mailbox',
        tags,
        body: closed(OwnForwarder),
        response: answersNothing,
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      setOwnForwarder(admin, actor, { account: String(actor.id), ...request.body });
      return reply.code(204).send(null);
    },
  );
}
