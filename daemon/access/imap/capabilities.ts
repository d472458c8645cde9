/**
 * What CAPABILITY lists, by state. Each word here is backed by an implementation and a dialogue test.
 * Specifications: RFC 9051 §6.1.1, §6.2.1; RFC 3501 §6.1.1.
 */
import type { Session } from './session.ts';

const ALWAYS = ['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE'];

const LOGGED_IN = [
  'IDLE',
  'NAMESPACE',
  'UIDPLUS',
  'MOVE',
  'UNSELECT',
  'CHILDREN',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'ESEARCH',
  'WITHIN',
  'CONDSTORE',
  'STATUS=SIZE',
  'QUOTA',
  'QUOTA=RES-STORAGE',
];

export function capabilityText(session: Session): string {
  const words = [...ALWAYS];
  if (session.login !== null) words.push(...LOGGED_IN, `APPENDLIMIT=${session.context.limits.messageBytes}`);
  else {
    if (!session.isSecure && session.hasCertificate()) words.push('STARTTLS');
    // RFC 9051 §6.2.3: no password in clear text, except within the machine.
    if (session.mayLogIn) words.push('AUTH=PLAIN', 'AUTH=LOGIN');
    else words.push('LOGINDISABLED');
  }
  return words.join(' ');
}
