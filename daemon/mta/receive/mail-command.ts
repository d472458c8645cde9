/**
 * MAIL FROM (RFC 5321 §4.1.1.2): opens the transaction.
 */

import { parsePath } from '../../wire/address/mailbox.ts';
import { reply } from '../../wire/smtp/reply.ts';
import { mayLogIn } from './greeting-commands.ts';
import { isReply, parseMailParameters } from './mail-parameters.ts';
import type { SmtpSession } from './session.ts';

const SENDER_OK = reply(250, '1.0', 'Sender OK');

export function mailCommand(session: SmtpSession, argument: string): void {
  if (session.helo === '') return session.reject(reply(503, '5.1', 'Say EHLO first'));
  if (session.profile.needsLogin && session.account === undefined) {
    const isPossible = mayLogIn(session);
    return session.reject(reply(530, '7.0', isPossible ? 'Log in first' : 'Use STARTTLS and log in first'));
  }
  if (session.transaction !== undefined) return session.reject(reply(503, '5.1', 'A transaction is open already'));
  const parsed = parsePath(argumentAfter(argument, 'FROM:'));
  if (parsed === undefined || parsed.path.kind === 'postmaster') {
    return session.reject(reply(501, '1.7', 'Write MAIL FROM:<address>'));
  }
  const limits = { sizeLimit: session.sizeLimit, offersDsn: session.context.offersDsn, offersAuth: session.profile.needsLogin };
  const parameters = parseMailParameters(parsed.rest, limits);
  if (isReply(parameters)) return session.reject(parameters);
  const { path } = parsed;
  // RFC 6531 §3.4: such an address needs the parameter.
  if (path.kind === 'mailbox' && path.mailbox.needsUtf8 && !parameters.smtpUtf8) {
    return session.reject(reply(553, '6.7', 'This address needs SMTPUTF8'));
  }
  const sender = path.kind === 'mailbox' ? path.mailbox.address : '';
  const refusal = session.profile.checkSender(session.peer, sender);
  if (refusal !== undefined) return session.reject(refusal);
  session.transaction = {
    sender,
    announcedBytes: parameters.sizeBytes,
    smtpUtf8: parameters.smtpUtf8,
    envid: parameters.envid,
    ret: parameters.ret,
    recipients: [],
    seen: new Set(),
  };
  session.reply(SENDER_OK);
}

/** What follows `FROM:` or `TO:`, in any case; white space after the colon is wrong but common and let pass. */
export function argumentAfter(argument: string, word: string): string {
  if (argument.slice(0, word.length).toUpperCase() !== word) return '';
  const rest = argument.slice(word.length);
  return rest.charCodeAt(0) === 0x20 ? rest.trimStart() : rest;
}
