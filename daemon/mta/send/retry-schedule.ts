/**
 * When a deferred recipient is tried again, when its sender hears of the delay, when it is given up.
 *
 * 1. Waits double from `firstMs` to `longestMs`, each moved by up to an eighth at random, so that a queue that came
 *    at once does not go at once.
 * 2. Greylisting lets a host in after a short time that is the same each time: those waits stay short for the first tries.
 *
 * Specifications: RFC 5321 §4.5.4.1 (give up after at least 4-5 days).
 */
import type { QueueReason } from '../../queue/queue.ts';

export interface RetrySettings {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Until the sender is told that it takes longer. */
  readonly noticeMs: number;
  /** From the 250 to giving up. */
  readonly lifetimeMs: number;
}

export const DEFAULT_RETRY: RetrySettings = {
  firstMs: 5 * 60_000,
  longestMs: 4 * 3_600_000,
  noticeMs: 4 * 3_600_000,
  lifetimeMs: 5 * 86_400_000,
};

const GREYLIST_MS = 2 * 60_000;
const GREYLIST_TRIES = 4;
/** Deliveries to our own mailboxes wait for a thread that restarts, or for space. */
const LOCAL_FIRST_MS = 5_000;
const LOCAL_LONGEST_MS = 15 * 60_000;

/** Milliseconds to wait after the failure number `failures` (from 1). `random` is 0 <= r < 1. */
export function retryWait(settings: RetrySettings, failures: number, reason: QueueReason, random: number): number {
  const jitter = 0.875 + random / 4;
  const doublings = Math.min(failures - 1, 30);
  if (reason === 'local') return jitter * Math.min(LOCAL_LONGEST_MS, LOCAL_FIRST_MS * 2 ** doublings);
  if (reason === 'greylisted' && failures <= GREYLIST_TRIES) return jitter * GREYLIST_MS * failures;
  return jitter * Math.min(settings.longestMs, settings.firstMs * 2 ** doublings);
}
