/**
 * Periodic work, in one table: name, when, what.
 *
 * 1. A job that still runs is not started a second time; one that throws is logged and runs again at its next time.
 * 2. Times are UTC and spread by a random delay, so that many servers do not ask the DNS at the same second.
 * 3. What was missed while the daemon was down is not made up for: each job looks at what is due, not at what it missed.
 * 4. Retries, delays and expiries of mail are no jobs: they are rows with a time, watched by their owners.
 */
import { type Logger, schedule } from 'node-cron';
import type { AdminContext } from '../admin/admin-context.ts';
import type { DomainChecker } from '../admin/domain-checker.ts';
import type { Log } from '../lib/log.ts';
import { checkDueDomains } from './check-due-domains.ts';
import { eraseLeftMailboxes } from './erase-left-mailboxes.ts';
import { sweepOldAudit } from './sweep-old-audit.ts';
import { sweepOldSessions } from './sweep-old-sessions.ts';

export interface JobContext {
  readonly admin: AdminContext;
  readonly checker: Pick<DomainChecker, 'check'>;
  /** New TLS ticket keys on all threads. */
  readonly renewTicketKeys: () => Promise<void>;
  readonly log: Log;
  /** Unix ms. */
  readonly now: () => number;
}

export interface Job {
  readonly name: string;
  /** Minute, hour, day of month, month, day of week; UTC. */
  readonly schedule: string;
  readonly spreadMs: number;
  /** Answers facts for the log, or nothing when there was nothing to do. `signal` tells that the daemon stops. */
  readonly run: (context: JobContext, signal: AbortSignal) => Promise<Readonly<Record<string, number>> | undefined>;
}

const MINUTE_MS = 60_000;

export const JOBS: readonly Job[] = [
  { name: 'check-due-domains', schedule: '* * * * *', spreadMs: 30_000, run: checkDueDomains },
  { name: 'renew-ticket-keys', schedule: '20 3 * * *', spreadMs: 30 * MINUTE_MS, run: renewTicketKeys },
  { name: 'sweep-old-sessions', schedule: '7 * * * *', spreadMs: 5 * MINUTE_MS, run: sweepOldSessions },
  { name: 'sweep-old-audit', schedule: '40 4 * * *', spreadMs: 30 * MINUTE_MS, run: sweepOldAudit },
  { name: 'erase-left-mailboxes', schedule: '*/15 * * * *', spreadMs: MINUTE_MS, run: eraseLeftMailboxes },
];

const STOP_MS = 5_000;

/** Starts all of them; `stop` waits for those under way, at most five seconds. */
export function startJobs(context: JobContext, jobs: readonly Job[] = JOBS): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const logger = quietLogger(context.log);
  const tasks = jobs.map((job) =>
    schedule(
      job.schedule,
      () => {
        const run = runJob(job, context, stopping.signal).finally(() => running.delete(run));
        running.add(run);
        return run;
      },
      {
        name: job.name,
        timezone: 'Etc/UTC',
        noOverlap: true,
        maxRandomDelay: job.spreadMs,
        suppressMissedWarning: true,
        unref: true,
        logger,
      },
    ),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(tasks.map(async (task) => task.destroy()));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, STOP_MS);
      });
      await Promise.race([Promise.all(running), late]);
      clearTimeout(timer);
    },
  };
}

/** Runs one job now; never rejects. */
export async function runJob(job: Job, context: JobContext, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const startMs = context.now();
  try {
    const facts = await job.run(context, signal);
    if (facts !== undefined) context.log.info({ job: job.name, ms: context.now() - startMs, ...facts }, 'job_done');
  } catch (error) {
    context.log.error({ job: job.name, err: error }, 'job_failed');
  }
}

async function renewTicketKeys(context: JobContext): Promise<Readonly<Record<string, number>>> {
  await context.renewTicketKeys();
  return {};
}

/** node-cron's own words: only its errors are of interest. */
function quietLogger(log: Log): Logger {
  const ignore = (): void => {};
  return { info: ignore, warn: ignore, debug: ignore, error: (message) => log.error({ err: message }, 'scheduler_defect') };
}
