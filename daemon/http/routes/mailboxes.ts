/** Mailboxes: by whoever manages the domain; usage and client settings also by their user. */
import { Type } from 'typebox';
import { changeQuota, renameAccount } from '../../admin/change-account.ts';
import { changePassword } from '../../admin/change-password.ts';
import { createAccount } from '../../admin/create-account.ts';
import { listAccounts } from '../../admin/list-accounts.ts';
import { removeAccount } from '../../admin/remove-account.ts';
import { showAccount, showAccountUsage } from '../../admin/show-account.ts';
import { setSuspension } from '../../admin/suspend-account.ts';
import { actorOf, MANAGERS, SIGNED_IN } from '../access.ts';
import { clientSettings } from '../client-settings.ts';
import type { HttpContext } from '../context.ts';
import {
  ClientSettings,
  CreatedMailbox,
  GivenPassword,
  Mailbox,
  MailboxPage,
  MailboxPatch,
  MailboxUsage,
  NewMailbox,
  NewPassword,
  RemovedWith,
} from '../contract/api.ts';
import { type Api, answers, closed, creates, IdParams, listQuery } from '../route-schema.ts';

const tags = ['Mailboxes'];
const params = IdParams;
const Query = listQuery({
  domain: Type.Optional(Type.String({ maxLength: 255 })),
  sort: Type.Optional(Type.Unsafe<'address' | 'usage' | 'created'>(Type.String({ enum: ['address', 'usage', 'created'] }))),
});

export function mailboxRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.get(
    '/mailboxes',
    { config: { access: MANAGERS }, schema: { summary: 'Mailboxes', tags, querystring: Query, response: answers(MailboxPage) } },
    async (request) => listAccounts(admin, actorOf(request), request.query),
  );

  api.post(
    '/mailboxes',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Create a mailbox', tags, body: closed(NewMailbox), response: creates(CreatedMailbox) },
    },
    async (request, reply) => {
      const { quotaBytes, ...rest } = request.body;
      const created = await createAccount(admin, actorOf(request), quotaBytes === undefined ? rest : { ...rest, quota: quotaBytes });
      reply.code(201);
      return { ...created, settings: clientSettings(context, created.mailbox.address) };
    },
  );
  oneMailboxRoutes(api, context);
}

function oneMailboxRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.get(
    '/mailboxes/:id',
    { config: { access: SIGNED_IN }, schema: { summary: 'A mailbox', tags, params, response: answers(Mailbox) } },
    async (request) => showAccount(admin, actorOf(request), { account: request.params.id }).mailbox,
  );

  api.patch(
    '/mailboxes/:id',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Change name, quota or suspension', tags, params, body: closed(MailboxPatch), response: answers(Mailbox) },
    },
    async (request) => {
      const actor = actorOf(request);
      const account = request.params.id;
      const { name, quotaBytes, suspendedIn, suspendedOut, suspendedLogin, suspendedReason } = request.body;
      // Found first: a patch of nothing answers the mailbox, one of another's nothing at all.
      let { mailbox } = showAccount(admin, actor, { account });
      if (name !== undefined) mailbox = renameAccount(admin, actor, { account, name });
      if (quotaBytes !== undefined) mailbox = changeQuota(admin, actor, { account, quota: quotaBytes });
      const isSuspension = [suspendedIn, suspendedOut, suspendedLogin, suspendedReason].some((value) => value !== undefined);
      if (isSuspension)
        mailbox = setSuspension(admin, actor, {
          account,
          in: suspendedIn,
          out: suspendedOut,
          login: suspendedLogin,
          reason: suspendedReason,
        });
      return mailbox;
    },
  );

  api.delete(
    '/mailboxes/:id',
    { config: { access: MANAGERS }, schema: { summary: 'Remove a mailbox with its mail', tags, params, response: answers(RemovedWith) } },
    async (request) => removeAccount(admin, actorOf(request), { account: request.params.id }),
  );

  api.post(
    '/mailboxes/:id/password',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Set a new password', tags, params, body: closed(NewPassword), response: answers(GivenPassword) },
    },
    async (request) => changePassword(admin, actorOf(request), { account: request.params.id, ...request.body }),
  );

  api.get(
    '/mailboxes/:id/client-settings',
    {
      config: { access: SIGNED_IN },
      schema: { summary: 'What to type into a mail program', tags, params, response: answers(ClientSettings) },
    },
    async (request) => clientSettings(context, showAccount(admin, actorOf(request), { account: request.params.id }).mailbox.address),
  );

  api.get(
    '/mailboxes/:id/usage',
    { config: { access: SIGNED_IN }, schema: { summary: 'Usage by folder', tags, params, response: answers(MailboxUsage) } },
    async (request) => showAccountUsage(admin, actorOf(request), { account: request.params.id }),
  );
}
