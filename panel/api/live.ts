/*
 * What the server tells by itself: counters, queue, messages, changes.
 * 1. One stream for the whole panel, open while someone is signed in; the browser reconnects it.
 * 2. Listeners get the event as the contract states it; a malformed one is dropped.
 * 3. After a broken stream `live` says so, and 'again' listeners are told once it is back, for they may have missed something.
 */
import type { LiveEvent } from '../../daemon/http/contract/api.ts';
import { Store } from '../state/store.ts';
import { apiPath } from './client.ts';

type Kind = LiveEvent['kind'];
type EventOf<K extends Kind> = Extract<LiveEvent, { kind: K }>;

const kinds: readonly Kind[] = ['counters', 'queue', 'message', 'changed', 'checked'];
const listeners = new Map<Kind | 'again', Set<(event: never) => void>>();
const stream: { source: EventSource | undefined } = { source: undefined };

/** Whether the stream is open. */
export const live = new Store(false);

function tell(kind: Kind | 'again', event?: LiveEvent): void {
  for (const listener of [...(listeners.get(kind) ?? [])]) listener(event as never);
}

/** Calls `listener` for each event of a kind until the returned function is called. */
export function onLive<K extends Kind>(kind: K, listener: (event: EventOf<K>) => void): () => void;
export function onLive(kind: 'again', listener: () => void): () => void;
export function onLive(kind: Kind | 'again', listener: (event: never) => void): () => void {
  const set = listeners.get(kind) ?? new Set();
  listeners.set(kind, set);
  set.add(listener);
  return () => set.delete(listener);
}

export function startLive(): void {
  if (stream.source) return;
  const source = new EventSource(apiPath('/events'));
  stream.source = source;
  let broken = false;
  source.addEventListener('open', () => {
    live.set(true);
    if (broken) tell('again');
    broken = false;
  });
  source.addEventListener('error', () => {
    broken = true;
    live.set(false);
  });
  for (const kind of kinds) {
    source.addEventListener(kind, (message: MessageEvent<string>) => {
      try {
        tell(kind, { kind, ...(JSON.parse(message.data) as object) } as LiveEvent);
      } catch (error) {
        console.warn('an event could not be read', kind, error);
      }
    });
  }
}

export function stopLive(): void {
  stream.source?.close();
  stream.source = undefined;
  live.set(false);
}
