/** Log-in, log-out, the own password and the own open log-ins. */
import { Type } from 'typebox';
import { changePassword } from '../../admin/change-password.ts';
import { changeOwnPassword } from '../../admin/panel-users.ts';
import { signIn } from '../../admin/sign-in.ts';
import { endSession, findSession, type GivenSession, listSessions, type PresentSession } from '../../admin/web-sessions.ts';
import { customerById } from '../../directory/records/customers.ts';
import { Invalid } from '../../lib/errors.ts';
import { actorOf, OPEN, SIGNED_IN, sessionOf } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { LoginRequest, OpenSession, PasswordChange, type Role, Session } from '../contract/api.ts';
import { HttpRefusal, throttled } from '../error-answer.ts';
import { type Api, answers, answersNothing, closed, IdParams } from '../route-schema.ts';
import { endedSessionCookie, sessionCookie } from '../session-cookie.ts';

const tags = ['Session'];
const OpenSessions = Type.Object({ items: Type.Array(OpenSession) });

export function sessionRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.post(
    '/session',
    { config: { access: OPEN }, schema: { summary: 'Sign in', tags, body: closed(LoginRequest), response: answers(Session) } },
    async (request, reply) => {
      const agent = String(request.headers['user-agent'] ?? '').slice(0, 300);
      const verdict = await signIn(admin, actorOf(request), { ...request.body, agent });
      if (verdict.kind !== 'open') {
        context.log.info({ remote: request.ip, login: request.body.login.slice(0, 100), verdict: verdict.kind }, 'panel_login_refused');
      }
      switch (verdict.kind) {
        case 'open':
          reply.header('set-cookie', cookieOf(context, verdict.session));
          return openedSession(context, verdict.session, request.ip);
        case 'throttled':
          throw throttled(verdict.retryAfterS);
        case 'suspended':
          throw new HttpRefusal(403, 'refused', 'Signing in is suspended. Ask whoever looks after your mail');
        case 'refused':
          throw new HttpRefusal(401, 'unauthenticated', 'Address and password do not match');
      }
    },
  );

  api.get(
    '/session',
    { config: { access: SIGNED_IN }, schema: { summary: 'Who is signed in', tags, response: answers(Session) } },
    async (request) => describeSession(context, sessionOf(request)),
  );

  api.delete(
    '/session',
    { config: { access: SIGNED_IN }, schema: { summary: 'Sign out', tags, response: answersNothing } },
    async (request, reply) => {
      endSession(admin, actorOf(request), { session: sessionOf(request).id });
      return reply.header('set-cookie', endedSessionCookie()).code(204).send(null);
    },
  );
  passwordRoute(api, context);
  openSessionRoutes(api, context);
}

function passwordRoute(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.post(
    '/session/password',
    {
      config: { access: SIGNED_IN },
      schema: { summary: 'Change the own password', tags, body: closed(PasswordChange), response: answersNothing },
    },
    async (request, reply) => {
      const { current, next } = request.body;
      const { actor, id: keepSession } = sessionOf(request);
      if (actor.kind === 'account') await changeMailboxPassword({ account: String(actor.id), password: next, current, keepSession });
      else await changeOwnPassword(admin, actor, { current, next, keepSession });
      return reply.code(204).send(null);

      async function changeMailboxPassword(args: Parameters<typeof changePassword>[2]): Promise<void> {
        try {
          await changePassword(admin, actor, args);
        } catch (error) {
          // The form's field is called next, the use case's password.
          if (error instanceof Invalid && error.field === 'password') throw new Invalid('next', error.message);
          throw error;
        }
      }
    },
  );
}

function openSessionRoutes(api: Api, context: HttpContext): void {
  const { admin } = context;

  api.get(
    '/sessions',
    { config: { access: SIGNED_IN }, schema: { summary: 'Own open log-ins', tags, response: answers(OpenSessions) } },
    async (request) => {
      const present = sessionOf(request);
      const { items } = listSessions(admin, present.actor, {});
      return { items: items.map((item) => ({ ...item, current: item.id === present.id })) };
    },
  );

  api.delete(
    '/sessions/:id',
    { config: { access: SIGNED_IN }, schema: { summary: 'End one of the own log-ins', tags, params: IdParams, response: answersNothing } },
    async (request, reply) => {
      endSession(admin, sessionOf(request).actor, { session: request.params.id });
      return reply.code(204).send(null);
    },
  );
}

/** The Set-Cookie value of a new log-in. */
export function cookieOf(context: HttpContext, given: GivenSession): string {
  return sessionCookie(given.token, Math.max(1, Math.floor((Date.parse(given.expiresAt) - context.now()) / 1_000)));
}

/** The answer to a log-in that was just made. */
export function openedSession(context: HttpContext, given: GivenSession, remoteAddress: string): Session {
  const present = findSession(context.admin, given.token, remoteAddress);
  if (present === undefined) throw new Error('the new session is gone');
  return describeSession(context, present);
}

function describeSession(context: HttpContext, { actor, csrf, name }: PresentSession): Session {
  const { facts, admin } = context;
  const isMailbox = actor.kind === 'account';
  const customer = actor.customer === null || isMailbox ? undefined : customerById(admin.control.db, actor.customer);
  return {
    role: actor.kind as Role,
    login: actor.name,
    name,
    mailbox: isMailbox ? String(actor.id) : null,
    customer: customer === undefined ? null : { id: String(customer.id), name: customer.name },
    csrf,
    server: {
      hostname: facts.hostname(),
      version: facts.version,
      brand: admin.directory.setting<string>('server.brand'),
      startedAt: new Date(facts.startedAt).toISOString(),
    },
  };
}
