/**
 * Rule 3 of the design: after a crash only accounts that were written to are read again, in the background; until then their
 * last known usage counts.
 */
import type { Control } from './directory/control.ts';
import { dirtyAccounts, markClean, saveUsage } from './directory/records/usage.ts';
import type { Log } from './lib/log.ts';
import type { Mailstore } from './mailstore/mailstore.ts';

const BATCH = 100;

/** Ends when all are read, or `signal` says stop. What fails stays dirty for the next start. */
export async function recoverUsage(control: Control, mailstore: Mailstore, log: Log, signal: AbortSignal): Promise<void> {
  const dirty = dirtyAccounts(control);
  for (let from = 0; from < dirty.length && !signal.aborted; from += BATCH) {
    const batch = dirty.slice(from, from + BATCH);
    const usages = await Promise.allSettled(batch.map((account) => mailstore.usage(account)));
    const read = batch.flatMap((account, row) => {
      const result = usages[row];
      return result?.status === 'fulfilled' ? [{ account, ...result.value }] : [];
    });
    const columns = { accounts: read.map((row) => row.account), bytes: read.map((row) => row.bytes), messages: read.map((row) => row.messages) };
    saveUsage(control, columns, Date.now());
  }
  if (dirty.length > 0) log.info({ accounts: dirty.length }, 'usage_recovered');
}

/** After a clean stop every usage is exact. */
export function noteCleanStop(control: Control): void {
  markClean(control, 'all');
}
