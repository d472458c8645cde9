/** Waiting for what another process does: asked again until it is so, with a deadline; never a fixed time. */
import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 50;

/** What `look` answers once it is neither undefined nor false; throws with `what` after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > endsAt) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(ASK_EVERY_MS);
  }
}
