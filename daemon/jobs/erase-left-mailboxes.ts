/** Erases the files of removed mailboxes that could not be erased at once: a crash, or a store thread that was away. */
import { finishRemovals } from '../admin/remove-account.ts';
import { pendingRemovals } from '../directory/records/accounts.ts';
import type { JobContext } from './jobs.ts';

export async function eraseLeftMailboxes(context: JobContext): Promise<{ erased: number } | undefined> {
  const left = pendingRemovals(context.admin.control.db).length;
  if (left === 0) return undefined;
  await finishRemovals(context.admin);
  return { erased: left - pendingRemovals(context.admin.control.db).length };
}
