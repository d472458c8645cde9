/**
 * AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): smtp-server runs the exchange, the directory says who it is.
 *
 * 1. Never offered or taken without TLS, except when both ends are on loopback.
 * 2. Three failures end the session; how long an attacker waits is the authenticator's business.
 */
import sasl from 'smtp-server/lib/sasl.js';
import type { LoginVerdict } from '../../directory/login.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import { mayLogIn } from './greeting-commands.ts';
import type { SmtpSession } from './session.ts';

const MAX_FAILURES = 3;

export function authCommand(session: SmtpSession, argument: string, done: () => void): 'later' | void {
  if (!session.profile.needsLogin) return session.reject(reply(502, '5.1', 'Log-in is not offered here; use port 465 or 587'));
  if (session.helo === '') return session.reject(reply(503, '5.1', 'Say EHLO first'));
  // RFC 4954 §6: 538 is historic, 530 names what is missing.
  if (!mayLogIn(session)) return session.reject(reply(530, '7.0', 'Use STARTTLS first'));
  if (session.account !== undefined) return session.reject(reply(503, '5.1', 'You are logged in already'));
  if (session.transaction !== undefined) return session.reject(reply(503, '5.1', 'Not within a transaction'));
  const [mechanism = '', ...rest] = argument.trim().split(/ +/);
  const name = mechanism.toUpperCase();
  if (name === 'PLAIN') sasl.SASL_PLAIN.call(session, rest, done);
  else if (name === 'LOGIN') sasl.SASL_LOGIN.call(session, rest, done);
  else return session.reject(reply(504, '5.4', 'Mechanisms are PLAIN and LOGIN'));
  return 'later';
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Asks the directory; undefined when the log-in is done (`session.account` is set). */
export async function logIn(session: SmtpSession, credentials: Credentials): Promise<Reply | undefined> {
  const verdict = await session.context.authenticator.login({
    login: credentials.username,
    password: credentials.password,
    protocol: 'smtp',
    remoteAddress: session.remoteAddress,
    tls: session.secure,
  });
  const fields = { peer: session.remoteAddress, login: credentials.username.slice(0, 320), verdict: verdict.kind };
  session.context.log.info(fields, 'submission.login');
  if (verdict.kind === 'account') {
    session.account = { account: verdict.account, address: verdict.address, customer: verdict.customer };
    return undefined;
  }
  session.failedLogins += 1;
  return session.failedLogins >= MAX_FAILURES ? reply(421, '7.0', 'Too many failed log-ins') : replyTo(verdict);
}

function replyTo(verdict: Exclude<LoginVerdict, { kind: 'account' }>): Reply {
  switch (verdict.kind) {
    case 'refused':
      return reply(535, '7.8', 'Address and password do not match');
    case 'suspended':
      return reply(535, '7.13', 'This log-in is suspended or may not send mail');
    case 'throttled':
      return reply(454, '7.0', `Too many failed log-ins, try again in ${verdict.retryAfterS} seconds`);
    case 'unavailable':
      return reply(454, '7.0', 'Log-in does not work at the moment, try again');
  }
}
