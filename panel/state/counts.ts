/*
 * The figures beside the links of the side bar.
 * Owns: the overview of the day, asked for at sign-in, after changes (at most once a second), and kept current by events in between.
 */
import type { Overview } from '../../daemon/http/contract/api.ts';
import { onLive } from '../api/live.ts';
import { readOverview } from '../api/overview.ts';
import { Store } from './store.ts';

export const today = new Store<Overview | undefined>(undefined);

async function ask(): Promise<void> {
  try {
    today.set(await readOverview('day'));
  } catch {
    // The side bar does without figures; the page itself says what is wrong.
  }
}

/** Keeps `today` current until the returned function is called. */
export function followCounts(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void ask();
    }, 1000);
  };
  void ask();
  const stops = [
    onLive('changed', soon),
    onLive('checked', soon),
    onLive('again', soon),
    onLive('queue', (event) => {
      const value = today.value;
      if (value)
        today.set({ ...value, queue: { ...value.queue, messages: event.messages, recipients: event.recipients, held: event.held } });
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
    today.set(undefined);
  };
}

/** How many domains need repair, by what the overview says needs attention. */
export function brokenDomains(overview: Overview): number {
  return overview.attention.filter((entry) => entry.level === 'fail' && entry.href.startsWith('/domains/')).length;
}
