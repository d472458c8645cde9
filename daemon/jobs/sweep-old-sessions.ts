/** Drops panel log-ins that have ended by age. */
import { sweepSessions } from '../admin/web-sessions.ts';
import type { JobContext } from './jobs.ts';

export async function sweepOldSessions(context: JobContext): Promise<{ dropped: number } | undefined> {
  const dropped = sweepSessions(context.admin);
  return dropped === 0 ? undefined : { dropped };
}
