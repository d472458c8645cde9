/**
 * A protocol thread's end of the counters that main owns.
 *
 * 1. While main is away everything is allowed: a restart of one part never keeps anyone from their mail.
 * 2. Reports of log-ins are kept for a second and sent together; at most 10,000 wait, the newest of an account counts.
 */
import type { PortSlot } from '../lib/port-call.ts';
import type { LoginReport } from './limits-server.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { SourceTurns } from './source-turns.ts';
import type { SubmissionCount } from './submission-rates.ts';

const REPORT_EVERY_MS = 1_000;
const ASK_FOR_MS = 500;
const REPORTS_MAX = 10_000;

export interface LimitsClient {
  readonly throttle: LoginThrottle;
  reportLogin(report: LoginReport): void;
  /** Counts accepted recipients; null while main is away. */
  submitted(account: number, recipients: number): Promise<SubmissionCount | null>;
  /** What the account sent lately; null while main is away. */
  submissions(account: number): Promise<SubmissionCount | null>;
  /** Sends what waits and stops. */
  close(): void;
}

export function createLimitsClient(main: PortSlot): LimitsClient {
  const waiting = new Map<string, LoginReport>();
  const turns = new SourceTurns();
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    timer = undefined;
    if (waiting.size === 0) return;
    const logins = [...waiting.values()];
    waiting.clear();
    void main.call('limits.logins', logins).catch(ignoreAbsence);
  };
  return {
    throttle: {
      ask: (source, login) => withinTime(main.call<number>('limits.ask', source, login)),
      failed: (source, login) => void main.call('limits.failed', source, login).catch(ignoreAbsence),
      succeeded: (source, login) => void main.call('limits.succeeded', source, login).catch(ignoreAbsence),
      inTurn: (source, work) => turns.run(source, work),
    },
    reportLogin(report) {
      if (waiting.size >= REPORTS_MAX) return;
      waiting.set(`${report.account} ${report.appPassword}`, report);
      timer ??= setTimeout(send, REPORT_EVERY_MS).unref();
    },
    submitted: (account, recipients) => main.call<SubmissionCount>('limits.submitted', account, recipients).catch(() => null),
    submissions: (account) => main.call<SubmissionCount>('limits.submissions', account).catch(() => null),
    close() {
      clearTimeout(timer);
      send();
    },
  };
}

/** The answer, or 0 (go ahead) when main does not give one in time. */
async function withinTime(asked: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(resolve, ASK_FOR_MS, 0);
  });
  try {
    return await Promise.race([asked.catch(() => 0), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Counters are advice: losing a report while main restarts costs nothing that matters. */
function ignoreAbsence(): void {}
