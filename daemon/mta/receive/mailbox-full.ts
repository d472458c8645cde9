/**
 * Full mailboxes at RCPT: put off first, refused when the owner does nothing about it (design rule 2).
 */
import type { Destination } from '../../directory/directory.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import type { ReceiverContext } from './context.ts';

type FullnessContext = Pick<ReceiverContext, 'directory' | 'now'>;

/** When every place that the address leads to is a full mailbox; one that has room takes the message. */
export function fullReply(context: FullnessContext, destinations: readonly Destination[]): Reply | undefined {
  let sinceMs: number | undefined;
  for (const destination of destinations) {
    if (destination.kind !== 'account' || !isFull(destination)) return undefined;
    const since = destination.account.fullSinceMs ?? context.now();
    sinceMs = sinceMs === undefined ? since : Math.min(sinceMs, since);
  }
  return sinceMs === undefined ? undefined : mailboxFullReply(context, sinceMs);
}

function isFull({ account }: Extract<Destination, { kind: 'account' }>): boolean {
  return account.quotaBytes !== null && account.usageBytes >= account.quotaBytes;
}

export function mailboxFullReply(context: FullnessContext, sinceMs: number | null): Reply {
  const graceMs = context.directory.setting<number>('mailboxes.fullGrace') * 1_000;
  const isLongFull = sinceMs !== null && context.now() - sinceMs >= graceMs;
  return isLongFull ? reply(552, '2.2', 'The mailbox is full') : reply(452, '2.2', 'The mailbox is full, try again later');
}
