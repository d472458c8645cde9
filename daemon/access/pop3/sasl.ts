/**
 * AUTH (RFC 5034) with PLAIN (RFC 4616) and LOGIN (obsolete, still asked for by old clients).
 */
import type { Pop3Session } from './session.ts';

export const MECHANISMS = ['PLAIN', 'LOGIN'] as const;

export async function authenticate(session: Pop3Session, args: string): Promise<void> {
  const [mechanism = '', initial] = args.split(' ');
  if (mechanism === '') {
    // RFC 5034 §4: AUTH without arguments is not defined; the field answers with the list, as RFC 1734 servers did.
    session.ok('Mechanisms follow');
    return session.lines(MECHANISMS);
  }
  if (mechanism.toUpperCase() === 'PLAIN') return plain(session, initial);
  if (mechanism.toUpperCase() === 'LOGIN') return login(session, initial);
  session.err('This mechanism is not offered here');
}

async function plain(session: Pop3Session, initial: string | undefined): Promise<void> {
  const text = decode(initial ?? (await session.challenge('')));
  // RFC 4616 §2: [authzid] NUL authcid NUL passwd
  const parts = text?.split('\0');
  if (parts?.length !== 3) return session.err('Authentication cancelled');
  const [authorize = '', user = '', password = ''] = parts;
  if (authorize !== '' && authorize !== user) return session.err('One cannot log in here as somebody else', 'AUTH');
  await session.logIn(user, password);
}

async function login(session: Pop3Session, initial: string | undefined): Promise<void> {
  const user = decode(initial ?? (await session.challenge('VXNlcm5hbWU6')));
  const password = user === undefined ? undefined : decode(await session.challenge('UGFzc3dvcmQ6'));
  if (user === undefined || password === undefined) return session.err('Authentication cancelled');
  await session.logIn(user, password);
}

/** Base64 to text; undefined for `*` (cancel) and what is no base64. RFC 5034 §4: `=` is an empty initial response. */
function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '*') return undefined;
  if (text === '=') return '';
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '') ? bytes.toString('utf8') : undefined;
}
