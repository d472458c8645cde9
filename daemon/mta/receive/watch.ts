/**
 * The clock over all sessions of a listener: who is too slow or stays too long is told 421.
 *
 * 1. One timer for all sessions; a session's limits are looked at every `TICK_MS`.
 * 2. A session that we keep waiting (delivery under way) is never ended here.
 */
import { reply } from '../../wire/smtp/reply.ts';
import type { SmtpSession } from './session.ts';

const TICK_MS = 2_000;

export interface PaceLimits {
  /** A command line must be complete within this time. */
  readonly lineMs: number;
  /** Content may be slow this long; then `minBytesPerSecond` on average. */
  readonly dataGraceMs: number;
  readonly minBytesPerSecond: number;
  /** After this a session ends at the next chance outside a transaction. */
  readonly sessionMs: number;
  /** After this it ends even within one. */
  readonly sessionHardMs: number;
}

/** RFC 5321 §4.5.3.2 asks clients for minutes of patience; a line or a message that trickles is no client. */
export const DEFAULT_PACE: PaceLimits = {
  lineMs: 60_000,
  dataGraceMs: 60_000,
  minBytesPerSecond: 200,
  sessionMs: 3_600_000,
  sessionHardMs: 4 * 3_600_000,
};

/** Watches the sessions; ends with the returned function. */
export function watchPace(sessions: () => Iterable<SmtpSession>, limits: PaceLimits): () => void {
  const timer = setInterval(
    () => {
      const now = performance.now();
      for (const session of sessions()) {
        const problem = session.isBusy ? undefined : tooSlow(session, limits, now);
        if (problem !== undefined) session.reply(reply(421, '4.2', problem));
      }
    },
    Math.min(TICK_MS, limits.lineMs, limits.dataGraceMs),
  );
  timer.unref();
  return () => clearInterval(timer);
}

function tooSlow(session: SmtpSession, limits: PaceLimits, now: number): string | undefined {
  const ageMs = now - session.startedAtMs;
  if (ageMs > limits.sessionHardMs || (ageMs > limits.sessionMs && session.isIdle))
    return 'This session has lasted long enough, connect anew';
  if (session.isReadingData) {
    const dataMs = now - session.dataStartedAtMs;
    const expected = (dataMs / 1_000) * limits.minBytesPerSecond;
    return dataMs > limits.dataGraceMs && (session.data?.readBytes ?? 0) < expected ? 'The message comes too slowly' : undefined;
  }
  const since = session.partialLineSinceMs;
  return since > 0 && now - since > limits.lineMs ? 'The line took too long' : undefined;
}
