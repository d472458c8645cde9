/**
 * Main's end of the counters: one owner for all threads. Served over the port that each protocol thread has to main
 * (merged with other handlers of that port: the names begin with `limits.`).
 */
import type { Handlers } from '../lib/port-call.ts';
import { type LoginThrottle, LoginThrottleTable } from './login-throttle.ts';
import { SubmissionRates } from './submission-rates.ts';

/** A log-in that a protocol thread reports, for "last log-in" and app passwords' "last used". */
export interface LoginReport {
  readonly account: number;
  readonly appPassword: number | null;
  readonly atMs: number;
}

export interface LimitsServerOptions {
  readonly now: () => number;
  /** In the trial. */
  readonly exemptLoopback: boolean;
  /** Gets the reports of about a second at once. */
  readonly saveLogins: (logins: readonly LoginReport[]) => void;
}

export interface LimitsServer {
  readonly throttle: LoginThrottle;
  readonly submissions: SubmissionRates;
  readonly handlers: Handlers;
}

export function createLimitsServer(options: LimitsServerOptions): LimitsServer {
  const throttle = new LoginThrottleTable(options);
  const submissions = new SubmissionRates(options.now);
  const handlers: Handlers = {
    'limits.ask': (source: string, login: string) => throttle.ask(source, login),
    'limits.failed': (source: string, login: string) => throttle.failed(source, login),
    'limits.succeeded': (source: string, login: string) => throttle.succeeded(source, login),
    'limits.logins': (logins: readonly LoginReport[]) => options.saveLogins(logins),
    'limits.submitted': (account: number, recipients: number) => submissions.add(account, recipients),
    'limits.submissions': (account: number) => submissions.of(account),
  };
  return { throttle, submissions, handlers };
}
