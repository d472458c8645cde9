/*
 * Who is signed in.
 * 1. `session` is undefined until we have asked, null when nobody is signed in.
 * 2. Signing in starts the event stream, signing out or losing the session stops it.
 */
import type { Session } from '../../daemon/http/contract/api.ts';
import { onSignedOut, useCsrf } from '../api/client.ts';
import { startLive, stopLive } from '../api/live.ts';
import { Problem } from '../api/problem.ts';
import * as api from '../api/session.ts';
import { Store } from './store.ts';

export const session = new Store<Session | null | undefined>(undefined);
/** Why the sign-in page is shown although someone was signed in. */
export const signedOutBy = new Store<'' | 'ended' | 'self'>('');
/** The session could not be asked for at all. */
export const sessionFailure = new Store<unknown>(undefined);

/** Takes over a session that the server has just given. */
export function enter(given: Session): void {
  useCsrf(given.csrf);
  signedOutBy.set('');
  session.set(given);
  startLive();
}

function leave(why: 'ended' | 'self'): void {
  stopLive();
  signedOutBy.set(why);
  session.set(null);
}

/** Asks the server who we are. */
export async function restoreSession(): Promise<void> {
  onSignedOut(() => {
    if (session.value) leave('ended');
  });
  sessionFailure.set(undefined);
  try {
    enter(await api.readSession());
  } catch (error) {
    if (error instanceof Problem && (error.status === 401 || error.status === 403)) session.set(null);
    else sessionFailure.set(error);
  }
}

export async function signOut(): Promise<void> {
  try {
    await api.signOut();
  } finally {
    leave('self');
  }
}
