/** AUTHENTICATE with PLAIN and LOGIN. RFC 9051 §6.2.2, RFC 4616, RFC 4959 (initial response); LOGIN as Microsoft's clients speak it. */
import { isUtf8 } from 'node:buffer';
import { decodeBase64 } from '../../../wire/imap/decoder.ts';
import { SyntaxFailure } from '../../../wire/imap/syntax-failure.ts';
import { type CommandSpec, LOGGED_OUT } from '../command-spec.ts';
import { bad, no, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';
import { logIn } from './login.ts';

const MAX_RESPONSE_BYTES = 4096;

export const authenticate: CommandSpec<'AUTHENTICATE'> = {
  states: LOGGED_OUT,
  run(session, { mechanism, initialResponse }) {
    if (mechanism !== 'PLAIN' && mechanism !== 'LOGIN') return no('CANNOT', 'There is no such mechanism');
    if (!session.mayLogIn) return no('PRIVACYREQUIRED', 'Log in over TLS only');
    return mechanism === 'PLAIN' ? plain(session, initialResponse) : promptedLogin(session, initialResponse);
  },
};

async function plain(session: Session, initialResponse: Buffer | null): Promise<Reply> {
  const response = initialResponse ?? (await ask(session, ''));
  if (!Buffer.isBuffer(response)) return response;
  // RFC 4616 §2: [authzid] NUL authcid NUL passwd.
  const first = response.indexOf(0);
  const second = first < 0 ? -1 : response.indexOf(0, first + 1);
  if (second < 0 || response.indexOf(0, second + 1) >= 0 || !isUtf8(response)) return bad('This is not a PLAIN response');
  const acting = response.toString('utf8', 0, first);
  const user = response.toString('utf8', first + 1, second);
  if (acting !== '' && acting.toLowerCase() !== user.toLowerCase()) return no('AUTHORIZATIONFAILED', 'Acting for others is not allowed');
  return logIn(session, user, response.toString('utf8', second + 1));
}

async function promptedLogin(session: Session, initialResponse: Buffer | null): Promise<Reply> {
  const user = initialResponse ?? (await ask(session, 'VXNlcm5hbWU6'));
  if (!Buffer.isBuffer(user)) return user;
  const password = await ask(session, 'UGFzc3dvcmQ6');
  if (!Buffer.isBuffer(password)) return password;
  if (!isUtf8(user) || !isUtf8(password)) return bad('This is not UTF-8');
  return logIn(session, user.toString('utf8'), password.toString('utf8'));
}

/** Sends a challenge and reads the client's answer; a Reply ends the exchange. */
async function ask(session: Session, challenge: string): Promise<Buffer | Reply> {
  session.writer.ascii('+ ').ascii(challenge).crlf();
  await session.io.flush();
  for (;;) {
    const event = session.io.nextLine();
    if (event?.type === 'line') return answerOf(event.line);
    if (event?.type === 'refused') return bad(event.text);
    if (session.io.isClosed) return bad('The connection ended');
    await session.io.wait();
  }
}

function answerOf(line: Buffer): Buffer | Reply {
  // RFC 9051 §6.2.2: "*" cancels.
  if (line.length === 1 && line[0] === 42) return bad('Cancelled');
  if (line.length > MAX_RESPONSE_BYTES) return bad('The response is too long');
  if (line.length === 0) return Buffer.alloc(0);
  try {
    return decodeBase64(line);
  } catch (error) {
    if (error instanceof SyntaxFailure) return bad(error.message);
    throw error;
  }
}
