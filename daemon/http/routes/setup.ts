/** The set-up wizard: checks the one-time link's secret, then does the first set-up and signs the host in. */
import { setup } from '../../admin/setup.ts';
import { checkSetupLink } from '../../admin/setup-link.ts';
import { actorOf, OPEN } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { Session, SetupCheck, SetupRequest, SetupState } from '../contract/api.ts';
import { type Api, answers, closed, creates } from '../route-schema.ts';
import { cookieOf, openedSession } from './session.ts';

const tags = ['Set-up'];

export function setupRoutes(api: Api, context: HttpContext): void {
  const { admin, facts } = context;

  api.post(
    '/setup/check',
    {
      config: { access: OPEN },
      schema: { summary: 'What a set-up link suggests', tags, body: closed(SetupCheck), response: answers(SetupState) },
    },
    async (request) => ({ ...checkSetupLink(admin, actorOf(request), request.body), version: facts.version }),
  );

  api.post(
    '/setup',
    {
      config: { access: OPEN },
      schema: { summary: 'First set-up; signs the host in', tags, body: closed(SetupRequest), response: creates(Session) },
    },
    async (request, reply) => {
      const agent = String(request.headers['user-agent'] ?? '').slice(0, 300);
      // Whoever is signed in already counts as a visitor here: the link alone decides.
      const visitor = { kind: 'visitor', id: null, name: '', customer: null, remoteAddress: request.ip } as const;
      const { session } = await setup(admin, visitor, { ...request.body, agent });
      if (session === null) throw new Error('a visitor was not signed in after the set-up');
      reply.code(201).header('set-cookie', cookieOf(context, session));
      return openedSession(context, session, request.ip);
    },
  );
}
