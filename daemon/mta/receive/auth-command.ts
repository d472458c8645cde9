/**
 * AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): smtp-server runs the exchange, the directory says who it is.
 *
 * 1. Never offered or taken without TLS, except when both ends are on loopback.
 * 2. Three failures end the session; how long an attacker waits is the authenticator's business.
 */
import sasl from 'smtp-server/lib/sasl.js';
import type { LoginVerdict } from '../../directory/login.ts';
import { type SmtpReply, smtpReply } from '../reply.ts';
import { mayLogIn } from './greeting-commands.ts';
import type { SmtpSession } from './session.ts';

const MAX_FAILURES = 3;

export function authCommand(session: SmtpSession, argument: string, done: () => void): 'later' | void {
  if (!session.profile.needsLogin) return session.reject(smtpReply(502, '5.5.1', 'Log-in is not offered here; use port 465 or 587'));
  if (session.helo === '') return session.reject(smtpReply(503, '5.5.1', 'Say EHLO first'));
  // RFC 4954 §6: 538 is historic, 530 names what is missing.
  if (!mayLogIn(session)) return session.reject(smtpReply(530, '5.7.0', 'Use STARTTLS first'));
  if (session.account !== undefined) return session.reject(smtpReply(503, '5.5.1', 'You are logged in already'));
  if (session.transaction !== undefined) return session.reject(smtpReply(503, '5.5.1', 'Not within a transaction'));
  const [mechanism = '', ...rest] = argument.trim().split(/ +/);
  const name = mechanism.toUpperCase();
  if (name === 'PLAIN') sasl.SASL_PLAIN.call(session, rest, done);
  else if (name === 'LOGIN') sasl.SASL_LOGIN.call(session, rest, done);
  else return session.reject(smtpReply(504, '5.5.4', 'Mechanisms are PLAIN and LOGIN'));
  return 'later';
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Asks the directory; undefined when the log-in is done (`session.account` is set). */
export async function logIn(session: SmtpSession, credentials: Credentials): Promise<SmtpReply | undefined> {
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
  return session.failedLogins >= MAX_FAILURES ? smtpReply(421, '4.7.0', 'Too many failed log-ins') : replyTo(verdict);
}

function replyTo(verdict: Exclude<LoginVerdict, { kind: 'account' }>): SmtpReply {
  switch (verdict.kind) {
    case 'refused':
      return smtpReply(535, '5.7.8', 'Address and password do not match');
    case 'suspended':
      return smtpReply(535, '5.7.13', 'This log-in is suspended or may not send mail');
    case 'throttled':
      return smtpReply(454, '4.7.0', `Too many failed log-ins, try again in ${verdict.retryAfterS} seconds`);
    case 'unavailable':
      return smtpReply(454, '4.7.0', 'Log-in does not work at the moment, please try again');
  }
}
