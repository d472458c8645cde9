/**
 * Signing in to the panel: a panel user or a mailbox user, by one form.
 *
 * 1. Wrong password, unknown log-in and a suspended panel user get the same answer after the same time.
 * 2. A panel user's address may be a mailbox too: the panel user's password is tried first, then the mailbox's.
 * 3. Tries are counted as for mail programs (limits/login-throttle.ts); a wrong try for a panel user counts twice, for it is
 *    one at the mailbox of that address, too.
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
  const panel = await context.throttle.inTurn(visitor.remoteAddress, () => checkPanelUser(context, visitor, { user, password }));
  if (typeof panel === 'object') return panel;
  if (user === undefined || panel === 'other') return signInToMailbox(context, visitor, { login, password, open });
  notePanelLogin(context, user.id);
  return open({ kind: 'panel-user', id: user.id });
}

/** `other`: it is not this user's password, or nobody's. A failure counts before the turn is over. */
async function checkPanelUser(
  { throttle, passwords }: AdminContext,
  { remoteAddress }: Actor,
  { user, password }: { readonly user: ReturnType<typeof panelUserByEmail>; readonly password: string },
): Promise<'right' | 'other' | Extract<SignInAnswer, { kind: 'throttled' }>> {
  if (user === undefined) {
    await passwords.refuse(password);
    return 'other';
  }
  const retryAfterS = await throttle.ask(remoteAddress, user.email);
  if (retryAfterS > 0) return { kind: 'throttled', retryAfterS };
  const isRight = await passwords.verify(password, user.passwordPhc);
  if (isRight && !user.suspended) {
    throttle.succeeded(remoteAddress, user.email);
    return 'right';
  }
  throttle.failed(remoteAddress, user.email);
  return 'other';
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
