/* Counters, what needs attention, and the palette's search. */
import type { Overview, SearchHit } from '../../daemon/http/contract/api.ts';
import { get } from './client.ts';

export type Range = 'day' | 'week' | 'month';

export const readOverview = (range: Range, signal?: AbortSignal): Promise<Overview> => get('/overview', { range }, signal);
export const search = async (q: string, signal?: AbortSignal): Promise<readonly SearchHit[]> =>
  (await get<{ items: SearchHit[] }>('/search', { q }, signal)).items;
