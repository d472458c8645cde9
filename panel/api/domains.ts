/* Domains and their DNS checks. */
import type { CheckHistory, Domain, DomainDetail, DomainReport, NewDomain } from '../../daemon/http/contract/api.ts';
import { get, post, remove } from './client.ts';
import type { Slice, SliceQuery } from './paging.ts';

const at = (name: string, more = ''): string => `/domains/${encodeURIComponent(name)}${more}`;

export const listDomains = (query: SliceQuery, signal?: AbortSignal): Promise<Slice<Domain>> => get('/domains', { ...query }, signal);
export const addDomain = (request: NewDomain): Promise<Domain> => post('/domains', request);
export const readDomain = (name: string, signal?: AbortSignal): Promise<DomainDetail> => get(at(name), undefined, signal);
export const removeDomain = (name: string): Promise<void> => remove(at(name));
export const checkDomain = (name: string): Promise<DomainReport> => post(at(name, '/check'));
export const domainHistory = (name: string, signal?: AbortSignal): Promise<CheckHistory> => get(at(name, '/checks'), undefined, signal);
export const suspendDomain = (name: string, reason: string): Promise<void> => post(at(name, '/suspend'), { reason });
export const unsuspendDomain = (name: string): Promise<void> => post(at(name, '/unsuspend'));
