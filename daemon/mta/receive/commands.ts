/**
 * The commands by verb. Each gets the session, its argument text and `done`; it answers before it returns, or returns
 * 'later' and calls `done` itself.
 *
 * Deviations: EXPN is 502 (RFC 5321 §3.5.3 leaves that to the site). Historic verbs (WIZ, KILL, TURN, SEND, ...) are
 * unknown like any other word.
 */
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import { authCommand } from './auth-command.ts';
import { heloCommand } from './greeting-commands.ts';
import { mailCommand } from './mail-command.ts';
import { recipientCommand } from './recipient-command.ts';
import type { SmtpSession } from './session.ts';

export type Command = (session: SmtpSession, argument: string, done: () => void) => 'later' | void;

const MAX_IDLE_COMMANDS = 200;

export const COMMANDS: Readonly<Record<string, Command>> = {
  HELO: (session, argument) => heloCommand(session, argument, false),
  EHLO: (session, argument) => heloCommand(session, argument, true),
  STARTTLS: startTls,
  AUTH: authCommand,
  MAIL: mailCommand,
  RCPT: recipientCommand,
  DATA: data,
  RSET: (session, argument) => {
    if (argument.trim() !== '') return session.reject(reply(501, '5.4', 'RSET takes no argument'));
    session._resetSession();
    idle(session, reply(250, '0.0', 'Forgotten'));
  },
  NOOP: (session) => idle(session, reply(250, '0.0', 'OK')),
  HELP: (session) => session.reply(reply(214, '0.0', 'RFC 5321 describes the commands')),
  // RFC 5321 §3.5.3: 252 neither confirms nor denies.
  VRFY: (session, argument) => {
    if (argument.trim() === '') session.reject(reply(501, '5.4', 'VRFY needs an address'));
    else idle(session, reply(252, '1.5', 'Send some mail, it will be tried'));
  },
  EXPN: (session) => session.reject(reply(502, '5.1', 'EXPN is not offered')),
  QUIT: (session) => {
    session.reply(reply(221, '0.0', 'Bye'));
    session.close();
  },
};

/** Commands that lead nowhere are answered, but not for ever. */
function idle(session: SmtpSession, answer: Reply): void {
  session.idleCommands += 1;
  session.reply(session.idleCommands > MAX_IDLE_COMMANDS ? reply(421, '7.0', 'Too many commands without mail') : answer);
}

function startTls(session: SmtpSession, argument: string, done: () => void): 'later' | void {
  if (argument.trim() !== '') return session.reject(reply(501, '5.4', 'STARTTLS takes no argument'));
  if (session.secure) return session.reject(reply(503, '5.1', 'TLS is active already'));
  session.reply(reply(220, '0.0', 'Ready to start TLS'));
  session.flush();
  session.helo = '';
  session.account = undefined;
  session.upgrade(done);
  return 'later';
}

function data(session: SmtpSession, argument: string): void {
  if (argument.trim() !== '') return session.reject(reply(501, '5.4', 'DATA takes no argument'));
  const transaction = session.transaction;
  if (transaction === undefined) return session.reject(reply(503, '5.1', 'MAIL and RCPT come first'));
  // RFC 5321 §3.3: 503 or 554 when no recipient was accepted.
  if (transaction.recipients.length === 0) return session.reject(reply(554, '5.1', 'No valid recipients'));
  session.reply(reply(354, '0.0', 'Go on; end with a line that holds only a dot'));
  session.readData();
}
