/* The queue of outgoing mail and what can be done with what waits. */
import type { QueueMessage, QueueSummary } from '../../daemon/http/contract/api.ts';
import { get, post } from './client.ts';
import type { Slice, SliceQuery } from './paging.ts';

type Touched = { readonly touched: number };

export const listQueue = (query: SliceQuery & { reason?: string | undefined }, signal?: AbortSignal): Promise<Slice<QueueMessage>> =>
  get('/queue', { ...query }, signal);
export const queueSummary = (signal?: AbortSignal): Promise<QueueSummary> => get('/queue/summary', undefined, signal);
export const readQueued = (id: string, signal?: AbortSignal): Promise<QueueMessage> =>
  get(`/queue/${encodeURIComponent(id)}`, undefined, signal);
export const retryQueued = (ids: readonly string[]): Promise<Touched> => post('/queue/retry', { ids });
export const holdQueued = (ids: readonly string[], reason: string): Promise<Touched> => post('/queue/hold', { ids, reason });
export const releaseQueued = (ids: readonly string[]): Promise<Touched> => post('/queue/release', { ids });
export const dropQueued = (ids: readonly string[], bounce: boolean): Promise<Touched> => post('/queue/drop', { ids, bounce });
