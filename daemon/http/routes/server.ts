/** Whether the server's parts run, and a strong password to offer. */
import { makePassword } from '../../directory/password-policy.ts';
import { Unavailable } from '../../lib/errors.ts';
import { HOST, OPEN, SIGNED_IN } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { Health, PasswordSuggestion, Status } from '../contract/api.ts';
import { type Api, answers } from '../route-schema.ts';

const tags = ['Server'];

export function serverRoutes(api: Api, context: HttpContext): void {
  api.get(
    '/health',
    { config: { access: OPEN }, schema: { summary: 'Whether every listener is bound', tags, response: answers(Health) } },
    async () => ({ ready: await isReady(context), version: context.facts.version }),
  );

  api.get(
    '/status',
    { config: { access: HOST }, schema: { summary: 'Ports, threads and queue', tags, response: answers(Status) } },
    async () => context.status(),
  );

  api.get(
    '/password-suggestion',
    { config: { access: SIGNED_IN }, schema: { summary: 'A strong password', tags, response: answers(PasswordSuggestion) } },
    async () => ({
      password: makePassword(),
    }),
  );
}

/** A part that restarts at this moment makes the server not ready, the question itself is answered. */
async function isReady(context: HttpContext): Promise<boolean> {
  try {
    return (await context.status()).ready;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}
