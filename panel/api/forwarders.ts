/* Forwarders, catch-alls included, and where mail to an address goes. */
import type { AddressTestResult, Forwarder, NewForwarder } from '../../daemon/http/contract/api.ts';
import { get, post, put, remove } from './client.ts';
import type { Slice, SliceQuery } from './paging.ts';

const at = (id: string): string => `/forwarders/${encodeURIComponent(id)}`;

export const listForwarders = (query: SliceQuery, signal?: AbortSignal): Promise<Slice<Forwarder>> =>
  get('/forwarders', { ...query }, signal);
export const readForwarder = (id: string, signal?: AbortSignal): Promise<Forwarder> => get(at(id), undefined, signal);
export const createForwarder = (request: NewForwarder): Promise<Forwarder> => post('/forwarders', request);
export const changeForwarder = (id: string, request: NewForwarder): Promise<Forwarder> => put(at(id), request);
export const removeForwarder = (id: string): Promise<void> => remove(at(id));
export const testAddress = (address: string): Promise<AddressTestResult> => post('/forwarders/test', { address });
