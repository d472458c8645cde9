/**
 * Looks at the DNS of each domain whose last check is older than the setting `domains.checkEvery`; in its first week an
 * unproven one every ten minutes, so that it works soon after its owner changed the MX.
 */
import { domainsToCheck, unprovenToCheck } from '../admin/domain-checks.ts';
import { NotFound } from '../lib/errors.ts';
import type { JobContext } from './jobs.ts';

/** Of one minute's round: the rest waits for the next. */
const ROUND_MAX = 40;
const AT_A_TIME = 2;
const UNPROVEN_EVERY_MS = 10 * 60_000;
const NEW_FOR_MS = 7 * 86_400_000;

export async function checkDueDomains(context: JobContext, signal: AbortSignal): Promise<{ checked: number; failed: number } | undefined> {
  const { admin, checker } = context;
  const everyMs = admin.directory.setting<number>('domains.checkEvery') * 1_000;
  const nowMs = context.now();
  const { db } = admin.control;
  const waiting = unprovenToCheck(db, { addedMs: nowMs - NEW_FOR_MS, beforeMs: nowMs - UNPROVEN_EVERY_MS }, ROUND_MAX);
  const due = [...new Set([...waiting, ...domainsToCheck(db, nowMs - everyMs, ROUND_MAX)])];
  if (due.length === 0) return undefined;
  const facts = { checked: 0, failed: 0 };
  const checkNext = async (): Promise<void> => {
    for (let name = due.shift(); name !== undefined && !signal.aborted; name = due.shift()) {
      try {
        await checker.check(name);
        facts.checked += 1;
      } catch (error) {
        // Removed meanwhile.
        if (error instanceof NotFound) continue;
        facts.failed += 1;
        context.log.error({ domain: name, err: error }, 'domain_check_failed');
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, checkNext));
  return facts;
}
