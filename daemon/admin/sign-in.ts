/**
 * Signing in to the panel: a panel user or a mailbox user, by one form.
 *
 * 1. Wrong password, unknown log-in and a suspended panel user get the same answer after the same time.
 * 2. A panel user's address may be a mailbox too: the panel user's password is tried first, then the mailbox's.
 * 3. Tries are counted as for mail programs (limits/login-throttle.ts), by the authenticator.
 */
import { Unavailable } from '../lib/errors.ts';
import { lookupKey, parseAddress } from '../wire/address/mailbox.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { notePanelLogin, panelUserByEmail } from './panel-user-rows.ts';
import { readSecret, readText } from './read-arguments.ts';
import { type GivenSession, openSession, type SessionOwner } from './web-sessions.ts';

export interface SignInArguments {
  readonly login: string;
  readonly password: string;
  readonly agent?: string;
}

export type SignInAnswer =
  | { readonly kind: 'open'; readonly session: GivenSession }
  /** Address and password do not match. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'throttled'; readonly retryAfterS: number };

export async function signIn(context: AdminContext, visitor: Actor, args: SignInArguments): Promise<SignInAnswer> {
  const login = readText('login', args.login, { max: 320 });
  const password = readSecret('password', args.password);
  const agent = readText('agent', args.agent, { max: 1_000, optional: true });
  const address = parseAddress(login);
  const user = address === undefined ? undefined : panelUserByEmail(context.control.db, lookupKey(address));
  const open = (owner: SessionOwner): SignInAnswer => ({
    kind: 'open',
    session: openSession(context, visitor, { owner, login, agent }),
  });
  const retryAfterS = user === undefined ? 0 : await context.throttle.ask(visitor.remoteAddress, user.email);
  if (retryAfterS > 0) return { kind: 'throttled', retryAfterS };
  const matches =
    user === undefined ? await context.passwords.refuse(password) : await context.passwords.verify(password, user.passwordPhc);
  if (user === undefined || !matches || user.suspended) return signInToMailbox(context, visitor, { login, password, open });
  context.throttle.succeeded(visitor.remoteAddress, user.email);
  notePanelLogin(context, user.id);
  return open({ kind: 'panel-user', id: user.id });
}

interface MailboxSignIn {
  readonly login: string;
  readonly password: string;
  readonly open: (owner: SessionOwner) => SignInAnswer;
}

async function signInToMailbox(context: AdminContext, visitor: Actor, { login, password, open }: MailboxSignIn): Promise<SignInAnswer> {
  const verdict = await context.authenticator.login({
    login,
    password,
    protocol: 'panel',
    remoteAddress: visitor.remoteAddress,
    tls: true,
  });
  switch (verdict.kind) {
    case 'account':
      return open({ kind: 'account', id: verdict.account });
    case 'refused':
    case 'suspended':
      return { kind: verdict.kind };
    case 'throttled':
      return { kind: 'throttled', retryAfterS: verdict.retryAfterS };
    case 'unavailable':
      throw new Unavailable('Log-ins cannot be checked right now');
  }
}
