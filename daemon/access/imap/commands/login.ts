/** LOGIN, and the step from any credentials to a logged-in session. RFC 9051 §6.2.3; RFC 5530 (codes). */
import { capabilityText } from '../capabilities.ts';
import { type CommandSpec, LOGGED_OUT } from '../command-spec.ts';
import { no, ok, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';

export const login: CommandSpec<'LOGIN'> = {
  states: LOGGED_OUT,
  run: (session, { user, password }) => logIn(session, user, password),
};

/** Asks the authenticator; on success the session is in the authenticated state and the answer carries the new capabilities. */
export async function logIn(session: Session, user: string, password: string): Promise<Reply> {
  // RFC 9051 §6.2.3: LOGINDISABLED.
  if (!session.mayLogIn) return no('PRIVACYREQUIRED', 'Log in over TLS only');
  const verdict = await session.context.authenticator.login({
    login: user,
    password,
    protocol: 'imap',
    remoteAddress: session.io.remoteAddress,
    tls: session.isSecure,
  });
  const { log } = session.context;
  if (verdict.kind !== 'account') {
    const { remoteAddress } = session.io;
    log.info({ remote: remoteAddress, tls: session.isSecure, login: user.slice(0, 100), verdict: verdict.kind }, 'imap_login_refused');
  }
  switch (verdict.kind) {
    case 'account':
      if (session.io.isClosed) return no('UNAVAILABLE', 'The session has ended');
      if (!session.io.enter(verdict.account)) return no('LIMIT', 'Too many sessions of this account');
      session.login = { account: verdict.account, address: verdict.address };
      log.info({ remote: session.io.remoteAddress, tls: session.isSecure, address: verdict.address }, 'imap_login');
      return ok('Logged in', `CAPABILITY ${capabilityText(session)}`);
    case 'refused':
      return no('AUTHENTICATIONFAILED', 'Address or password is wrong');
    case 'suspended':
      return no('AUTHORIZATIONFAILED', 'This log-in is suspended');
    case 'throttled':
      return no('LIMIT', `Too many tries, wait ${verdict.retryAfterS} seconds`);
    case 'unavailable':
      return no('UNAVAILABLE', 'Temporarily unavailable, try again');
  }
}
