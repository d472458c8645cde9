/* Mailboxes, their passwords, usage and client settings; the own mailbox of a mailbox user. */
import type {
  ClientSettings,
  CreatedMailbox,
  Mailbox,
  MailboxPatch,
  MailboxUsage,
  Me,
  NewMailbox,
  OwnForwarder,
} from '../../daemon/http/contract/api.ts';
import { get, patch, post, put, remove } from './client.ts';
import type { Slice, SliceQuery } from './paging.ts';

const at = (id: string, more = ''): string => `/mailboxes/${encodeURIComponent(id)}${more}`;

export const listMailboxes = (
  query: SliceQuery & { domain?: string | undefined; sort?: string | undefined },
  signal?: AbortSignal,
): Promise<Slice<Mailbox>> => get('/mailboxes', { ...query }, signal);
export const createMailbox = (request: NewMailbox): Promise<CreatedMailbox> => post('/mailboxes', request);
export const readMailbox = (id: string, signal?: AbortSignal): Promise<Mailbox> => get(at(id), undefined, signal);
export const changeMailbox = (id: string, change: MailboxPatch): Promise<Mailbox> => patch(at(id), change);
export const removeMailbox = (id: string): Promise<void> => remove(at(id));
export const setMailboxPassword = (id: string, password: string): Promise<void> => post(at(id, '/password'), { password });
export const clientSettings = (id: string, signal?: AbortSignal): Promise<ClientSettings> =>
  get(at(id, '/client-settings'), undefined, signal);
export const mailboxUsage = (id: string, signal?: AbortSignal): Promise<MailboxUsage> => get(at(id, '/usage'), undefined, signal);
export const readMe = (signal?: AbortSignal): Promise<Me> => get('/me', undefined, signal);
export const setOwnForwarder = (forwarder: OwnForwarder): Promise<void> => put('/me/forwarder', forwarder);
