/**
 * The POP3 commands: RFC 1939, CAPA (RFC 2449), STLS (RFC 2595 §4). One function a command, legal states beside it.
 */
import { DotStuffer } from './dot-stuffer.ts';
import type { Maildrop } from './maildrop.ts';
import { authenticate, MECHANISMS } from './sasl.ts';
import type { Pop3Session } from './session.ts';

type Authorization = (session: Pop3Session, args: string) => void | Promise<void>;
type Transaction = (session: Pop3Session, maildrop: Maildrop, args: string) => void | Promise<void>;

const NO_SUCH = 'There is no such message';

/** RFC 1939 §4: legal before log-in. */
export const AUTHORIZATION: Readonly<Record<string, Authorization>> = {
  CAPA: capabilities,
  STLS(session) {
    if (session.isSecure) return session.err('TLS is on already');
    if (!session.canStartTls) return session.err('TLS is not available');
    session.ok('Begin TLS');
    session.startTls();
  },
  USER(session, args) {
    if (!session.mayLogIn) return session.err('Log in over TLS: send STLS first', 'AUTH');
    if (args === '') return session.err('USER needs an address');
    session.user = args;
    // The same answer for all names: nobody learns here which mailboxes exist (RFC 1939 §13).
    session.ok('Send PASS');
  },
  async PASS(session, args) {
    const { user } = session;
    if (user === undefined) return session.err('Send USER first');
    session.user = undefined;
    await session.logIn(user, args);
  },
  async AUTH(session, args) {
    if (!session.mayLogIn) return session.err('Log in over TLS: send STLS first', 'AUTH');
    await authenticate(session, args);
  },
  QUIT(session) {
    session.ok('Goodbye');
    session.end();
  },
};

/** RFC 1939 §5: legal after log-in. */
export const TRANSACTION: Readonly<Record<string, Transaction>> = {
  CAPA: (session) => capabilities(session),
  NOOP: (session) => session.ok(''),
  STAT(session, maildrop) {
    const { count, bytes } = maildrop.totals();
    session.ok(`${count} ${bytes}`);
  },
  LIST: (session, maildrop, args) => listing(session, maildrop, { args, describe: (number) => String(maildrop.sizeOf(number)) }),
  UIDL: (session, maildrop, args) => listing(session, maildrop, { args, describe: (number) => maildrop.uidlOf(number) }),
  async RETR(session, maildrop, args) {
    const number = messageNumber(args);
    if (number === undefined || !maildrop.has(number)) return session.err(NO_SUCH);
    if (await send(session, maildrop.bytes(number), `${maildrop.sizeOf(number)} octets`)) maildrop.markRead(number);
  },
  async TOP(session, maildrop, args) {
    const [first = '', second = ''] = args.split(' ');
    const number = messageNumber(first);
    const lines = /^\d{1,9}$/.test(second) ? Number(second) : undefined;
    if (number === undefined || !maildrop.has(number)) return session.err(NO_SUCH);
    if (lines === undefined) return session.err('TOP needs a number of lines');
    await send(session, headAndLines(maildrop.bytes(number), lines), 'Top of message follows');
  },
  DELE(session, maildrop, args) {
    const number = messageNumber(args);
    if (number === undefined || !maildrop.has(number)) return session.err(NO_SUCH);
    maildrop.markDeleted(number);
    session.ok(`Message ${number} goes at QUIT`);
  },
  RSET(session, maildrop) {
    maildrop.unmarkAll();
    session.ok('No message goes');
  },
  async QUIT(session, maildrop) {
    // RFC 1939 §6: only here messages are removed; if that fails none is, and the client is told.
    try {
      await maildrop.commit();
      session.ok('Goodbye');
    } catch {
      session.err('Not all deleted messages could be removed', 'SYS/TEMP');
    }
    session.end();
  },
};

function capabilities(session: Pop3Session): void {
  session.ok('Capabilities follow');
  const list = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'EXPIRE NEVER'];
  if (session.mayLogIn) list.push('USER', `SASL ${MECHANISMS.join(' ')}`);
  if (!session.isSecure && session.canStartTls) list.push('STLS');
  list.push(`IMPLEMENTATION Mailstead-${session.version}`);
  session.lines(list);
}

function listing(session: Pop3Session, maildrop: Maildrop, what: { args: string; describe: (number: number) => string }): void {
  if (what.args !== '') {
    const number = messageNumber(what.args);
    if (number === undefined || !maildrop.has(number)) return session.err(NO_SUCH);
    return session.ok(`${number} ${what.describe(number)}`);
  }
  session.ok(`${maildrop.totals().count} messages`);
  session.lines(maildrop.numbers().map((number) => `${number} ${what.describe(number)}`));
}

function messageNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Sends a multi-line answer; false when the message is gone and the client was told so. */
async function send(session: Pop3Session, chunks: AsyncGenerator<Buffer>, text: string): Promise<boolean> {
  const stuffer = new DotStuffer();
  let begun = false;
  for await (const chunk of chunks) {
    if (!begun) session.ok(text);
    begun = true;
    await session.write(stuffer.stuff(chunk));
  }
  if (!begun) {
    session.err('Another program has removed this message meanwhile');
    return false;
  }
  await session.write([stuffer.end()]);
  return true;
}

/** RFC 1939 §7 TOP: the header, the blank line, and `lines` lines of the body. */
async function* headAndLines(chunks: AsyncGenerator<Buffer>, lines: number): AsyncGenerator<Buffer> {
  let left = lines;
  let inHeader = true;
  let atLineStart = true;
  for await (const chunk of chunks) {
    let end = 0;
    while (end < chunk.length && (inHeader || left > 0)) {
      const lineFeed = chunk.indexOf(10, end);
      const next = lineFeed < 0 ? chunk.length : lineFeed + 1;
      const blank = atLineStart && (next - end === 1 || (next - end === 2 && chunk[end] === 13));
      if (!inHeader && lineFeed >= 0) left -= 1;
      if (inHeader && lineFeed >= 0 && blank) inHeader = false;
      atLineStart = lineFeed >= 0;
      end = next;
    }
    if (end > 0) yield chunk.subarray(0, end);
    if (!inHeader && left <= 0) return;
  }
}
