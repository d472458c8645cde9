/* Set-up, log-in, own password, own sessions. */
import type { LoginRequest, OpenSession, Session, SetupRequest, SetupState } from '../../daemon/http/contract/api.ts';
import { get, post, remove } from './client.ts';

export const checkSetup = (secret: string): Promise<SetupState> => post('/setup/check', { secret });
export const finishSetup = (request: SetupRequest): Promise<Session> => post('/setup', request);
export const readSession = (): Promise<Session> => get('/session');
export const signIn = (request: LoginRequest): Promise<Session> => post('/session', request);
export const signOut = (): Promise<void> => remove('/session');
export const changeOwnPassword = (current: string, next: string): Promise<void> => post('/session/password', { current, next });
export const openSessions = async (signal: AbortSignal): Promise<OpenSession[]> => {
  const answer = await get<OpenSession[] | { items: OpenSession[] }>('/sessions', undefined, signal);
  return Array.isArray(answer) ? answer : answer.items;
};
export const endSession = (id: string): Promise<void> => remove(`/sessions/${encodeURIComponent(id)}`);
