/**
 * The commands by verb. Each gets the session, its argument text and `done`; it answers before it returns, or returns
 * 'later' and calls `done` itself.
 *
 * Deviations: EXPN is 502 (RFC 5321 §3.5.3 leaves that to the site). Historic verbs (WIZ, KILL, TURN, SEND, ...) are
 * unknown like any other word.
 */
import { smtpReply } from '../reply.ts';
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
    if (argument.trim() !== '') return session.reject(smtpReply(501, '5.5.4', 'RSET takes no argument'));
    session._resetSession();
    idle(session, 'Forgotten');
  },
  NOOP: (session) => idle(session, 'OK'),
  HELP: (session) => session.reply(smtpReply(214, '2.0.0', 'RFC 5321 describes the commands')),
  // RFC 5321 §3.5.3: 252 neither confirms nor denies.
  VRFY: (session, argument) => {
    if (argument.trim() === '') session.reject(smtpReply(501, '5.5.4', 'VRFY needs an address'));
    else idle(session, '', smtpReply(252, '2.1.5', 'Send some mail, it will be tried'));
  },
  EXPN: (session) => session.reject(smtpReply(502, '5.5.1', 'EXPN is not offered')),
  QUIT: (session) => {
    session.reply(smtpReply(221, '2.0.0', 'Bye'));
    session.close();
  },
};

/** Commands that lead nowhere are answered, but not for ever. */
function idle(session: SmtpSession, text: string, reply = smtpReply(250, '2.0.0', text)): void {
  session.idleCommands += 1;
  session.reply(session.idleCommands > MAX_IDLE_COMMANDS ? smtpReply(421, '4.7.0', 'Too many commands without mail') : reply);
}

function startTls(session: SmtpSession, argument: string, done: () => void): 'later' | void {
  if (argument.trim() !== '') return session.reject(smtpReply(501, '5.5.4', 'STARTTLS takes no argument'));
  if (session.secure) return session.reject(smtpReply(503, '5.5.1', 'TLS is active already'));
  session.reply(smtpReply(220, '2.0.0', 'Ready to start TLS'));
  session.flush();
  session.helo = '';
  session.account = undefined;
  session.upgrade(done);
  return 'later';
}

function data(session: SmtpSession, argument: string): void {
  if (argument.trim() !== '') return session.reject(smtpReply(501, '5.5.4', 'DATA takes no argument'));
  const transaction = session.transaction;
  if (transaction === undefined) return session.reject(smtpReply(503, '5.5.1', 'MAIL and RCPT come first'));
  // RFC 5321 §3.3: 503 or 554 when no recipient was accepted.
  if (transaction.recipients.length === 0) return session.reject(smtpReply(554, '5.5.1', 'No valid recipients'));
  session.reply(smtpReply(354, '', 'Go on; end with a line that holds only a dot'));
  session.readData();
}
