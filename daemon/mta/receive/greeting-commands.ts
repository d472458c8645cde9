/**
 * HELO and EHLO (RFC 5321 §4.1.1.1): the client's name and our extensions. Both end a transaction under way.
 */
import { reply } from '../../wire/smtp/reply.ts';
import type { SmtpSession } from './session.ts';

/** RFC 5321 §4.5.3.1.2 bounds a domain at 255 octets. */
const NAME_LIMIT = 255;

export function heloCommand(session: SmtpSession, argument: string, isExtended: boolean): void {
  const name = argument.trim();
  if (name === '' || name.includes(' ')) return session.reject(reply(501, '5.4', `${isExtended ? 'EHLO' : 'HELO'} needs one name`));
  if (name.length > NAME_LIMIT || !/^[\x21-\x7e\u00a0-\uffff]+$/.test(name)) return session.reject(reply(501, '5.4', 'That is no name'));
  session._resetSession();
  session.helo = name;
  session.isExtended = isExtended;
  session.openingCommand = isExtended ? 'EHLO' : 'HELO';
  session.hostNameAppearsAs = name;
  session.replyLines(250, isExtended ? [session.name, ...extensions(session)] : [session.name]);
}

function extensions(session: SmtpSession): string[] {
  const offered = ['PIPELINING', `SIZE ${session.sizeLimit}`, '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];
  if (!session.secure) offered.push('STARTTLS');
  if (mayLogIn(session) && session.account === undefined) offered.push('AUTH PLAIN LOGIN');
  if (session.context.offersDsn) offered.push('DSN');
  return offered;
}

/** RFC 4954 §4 with RFC 8314 §3: log-in under TLS only, or when both ends are on loopback. */
export function mayLogIn(session: SmtpSession): boolean {
  return session.profile.needsLogin && (session.secure || session.isOnLoopback);
}
