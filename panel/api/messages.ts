/* What happened to each message. */
import type { MessageState, Story, TrackedMessage } from '../../daemon/http/contract/api.ts';
import { get } from './client.ts';
import type { Slice, SliceQuery } from './paging.ts';

export const listMessages = (
  query: SliceQuery & { state?: MessageState | undefined },
  signal?: AbortSignal,
): Promise<Slice<TrackedMessage>> => get('/messages', { ...query }, signal);
export const readStory = (id: string, signal?: AbortSignal): Promise<Story> =>
  get(`/messages/${encodeURIComponent(id)}`, undefined, signal);
