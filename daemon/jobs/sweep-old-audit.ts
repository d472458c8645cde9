/** Drops what the audit log keeps no longer, in slices: other work of the thread has its turn between them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sweepAudit } from '../admin/audit-log.ts';
import type { JobContext } from './jobs.ts';

export async function sweepOldAudit(context: JobContext, signal: AbortSignal): Promise<{ dropped: number } | undefined> {
  let dropped = 0;
  for (let slice = sweepAudit(context.admin); slice > 0 && !signal.aborted; slice = sweepAudit(context.admin)) {
    dropped += slice;
    await nextTurn();
  }
  return dropped === 0 ? undefined : { dropped };
}
