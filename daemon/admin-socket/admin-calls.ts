/**
 * Everything that the command line can ask of a server, by name: the use cases, and what goes to the queue, tracking and DNS.
 * The daemon answers these calls over its admin socket, a command on a stopped daemon answers them itself.
 *
 * 1. The caller owns the data directory: use cases run as COMMAND_LINE.
 * 2. Arguments come as JSON from another process and are checked here or in the use case.
 */
import { COMMAND_LINE } from '../admin/actor.ts';
import type { AdminContext } from '../admin/admin-context.ts';
import { type AnswerOf, type ArgumentsOf, isUseCase, type UseCaseName, useCases } from '../admin/use-cases.ts';
import type { DomainReport } from '../domaincheck/report.ts';
import { Invalid, NotFound } from '../lib/errors.ts';
import { QUEUE_REASONS, type Queue, type QueueEntry, type QueueReason, type QueueSummary } from '../queue/queue.ts';
import type { Tracking, TrackingEntry, TrackingEvent } from '../tracking/tracking.ts';
import { brand, type Domain } from '../wire/ids.ts';

export interface AdminCallContext {
  readonly admin: AdminContext;
  readonly queue: Pick<Queue, 'list' | 'show' | 'summary' | 'retry' | 'hold' | 'release' | 'drop'>;
  readonly tracking: Pick<Tracking, 'list' | 'story'>;
  readonly checkDomain: (domain: Domain) => Promise<DomainReport>;
  readonly status: () => unknown;
}

interface Ids {
  readonly ids: readonly string[];
}

/** Calls that are no use cases: arguments and answer. */
export interface DirectCalls {
  'queue.list': [
    { readonly text?: string; readonly reason?: string; readonly before?: string; readonly limit?: number },
    { readonly entries: readonly QueueEntry[]; readonly total: number },
  ];
  'queue.show': [{ readonly id: string }, QueueEntry & { readonly header: string }];
  'queue.summary': [Record<string, never>, QueueSummary];
  'queue.retry': [Ids, { readonly recipients: number }];
  'queue.hold': [Ids & { readonly reason?: string }, { readonly recipients: number }];
  'queue.release': [Ids, { readonly recipients: number }];
  'queue.drop': [Ids & { readonly bounce?: boolean }, { readonly recipients: number }];
  'track.list': [{ readonly text: string; readonly before?: string; readonly limit?: number }, readonly TrackingEntry[]];
  'track.story': [{ readonly message: string }, readonly TrackingEvent[]];
  'domain.check': [{ readonly domain: string }, DomainReport];
  status: [Record<string, never>, unknown];
}

export type CallName = UseCaseName | keyof DirectCalls;
export type CallArguments<Name extends CallName> = Name extends UseCaseName
  ? ArgumentsOf<Name>
  : Name extends keyof DirectCalls
    ? DirectCalls[Name][0]
    : never;
export type CallAnswer<Name extends CallName> = Name extends UseCaseName
  ? AnswerOf<Name>
  : Name extends keyof DirectCalls
    ? DirectCalls[Name][1]
    : never;

type Given = Readonly<Record<string, unknown>>;
type Answers = { readonly [Name in keyof DirectCalls]: (args: Given) => unknown };

const IDS_MAX = 10_000;

/** One function for all of them. Throws the closed set of lib/errors.ts; NotFound for a name that is no call. */
export function createAdminCalls(context: AdminCallContext): (name: string, args: unknown) => Promise<unknown> {
  const answers = directAnswers(context);
  return async (name, args) => {
    if (typeof args !== 'object' || args === null || Array.isArray(args)) throw new Invalid('args', 'The arguments are an object');
    if (Object.hasOwn(answers, name)) return answers[name as keyof DirectCalls](args as Given);
    if (!isUseCase(name)) throw new NotFound(`This version knows no ${name.slice(0, 60)}. Restart the server after an upgrade`);
    return useCases[name](context.admin, COMMAND_LINE, args as never);
  };
}

function directAnswers({ admin, queue, tracking, checkDomain, status }: AdminCallContext): Answers {
  return {
    'queue.list': ({ text, reason, before, limit }) =>
      queue.list({
        limit: readLimit(limit),
        ...(text === undefined ? {} : { text: readLine('text', text) }),
        ...(reason === undefined ? {} : { reason: readReason(reason) }),
        ...(before === undefined ? {} : { before: readLine('before', before) }),
      }),
    'queue.show': ({ id }) => queue.show(readLine('id', id)),
    'queue.summary': () => queue.summary(),
    'queue.retry': async ({ ids }) => ({ recipients: await queue.retry(readIds(ids)) }),
    'queue.hold': async ({ ids, reason }) => ({
      recipients: await queue.hold(readIds(ids), reason === undefined ? '' : readLine('reason', reason)),
    }),
    'queue.release': async ({ ids }) => ({ recipients: await queue.release(readIds(ids)) }),
    'queue.drop': async ({ ids, bounce }) => ({ recipients: await queue.drop(readIds(ids), { bounce: bounce === true }) }),
    'track.list': ({ text, before, limit }) =>
      tracking.list({
        text: readLine('text', text),
        limit: readLimit(limit),
        ...(before === undefined ? {} : { before: readLine('before', before) }),
      }),
    'track.story': ({ message }) => tracking.story(readLine('message', message), {}),
    'domain.check': async ({ domain }) => {
      const { domain: found } = useCases.showDomain(admin, COMMAND_LINE, { domain: readLine('domain', domain) });
      return checkDomain(brand<Domain>(found.name));
    },
    status: () => status(),
  };
}

function readLine(field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > 1_000) throw new Invalid(field, `${field} is missing`);
  return value;
}

function readIds(value: unknown): string[] {
  const fits =
    Array.isArray(value) && value.length > 0 && value.length <= IDS_MAX && value.every((id) => typeof id === 'string' && id.length <= 200);
  if (!fits) throw new Invalid('ids', `Name 1 to ${IDS_MAX} messages`);
  return value as string[];
}

function readLimit(value: unknown): number {
  if (value === undefined) return 100;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 500)
    throw new Invalid('limit', 'limit is a number from 1 to 500');
  return value as number;
}

function readReason(value: unknown): QueueReason {
  const reason = QUEUE_REASONS.find((known) => known === value);
  if (reason === undefined) throw new Invalid('reason', `reason is one of ${QUEUE_REASONS.join(', ')}`);
  return reason;
}
