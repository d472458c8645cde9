/* The server's settings, tokens, the log of changes, customers, status. */

import type { Static } from 'typebox';
import type { AuditEntry, CreatedToken, Customer, NewToken, Setting, Status, Token } from '../../daemon/http/contract/api.ts';
import { get, patch, post, remove } from './client.ts';
import type { Slice, SliceQuery } from './paging.ts';

const items = async <T>(answer: Promise<readonly T[] | { readonly items: readonly T[] }>): Promise<readonly T[]> => {
  const value = await answer;
  return 'items' in value ? value.items : value;
};

export const listSettings = (signal?: AbortSignal): Promise<readonly Setting[]> => items<Setting>(get('/settings', undefined, signal));
export const changeSettings = (changes: Readonly<Record<string, unknown>>): Promise<unknown> => patch('/settings', changes);
export const listTokens = (signal?: AbortSignal): Promise<readonly Token[]> => items<Token>(get('/tokens', undefined, signal));
export const createToken = (request: Static<typeof NewToken>): Promise<Static<typeof CreatedToken>> => post('/tokens', request);
export const removeToken = (id: string): Promise<void> => remove(`/tokens/${encodeURIComponent(id)}`);
export const listAudit = (query: SliceQuery, signal?: AbortSignal): Promise<Slice<AuditEntry>> => get('/audit', { ...query }, signal);
export const listCustomers = (signal?: AbortSignal): Promise<readonly Customer[]> =>
  items<Customer>(get('/customers', { limit: 200 }, signal));
export const readStatus = (signal?: AbortSignal): Promise<Static<typeof Status>> => get('/status', undefined, signal);
