/**
 * Tracking of what is turned away: one event a recipient, with our reply.
 */

import type { CustomerId } from '../../wire/ids.ts';
import type { Reply } from '../../wire/smtp/reply.ts';
import { replyText } from '../reply.ts';
import type { ReceiverContext } from './context.ts';
import { type Peer, peerName } from './transaction.ts';

export interface Refusal {
  readonly peer: Peer;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly reply: Reply;
  readonly detail?: Readonly<Record<string, string>>;
  readonly customer?: CustomerId | null;
}

export function refusedEvents(context: ReceiverContext, refusal: Refusal): void {
  const atMs = context.now();
  const message = context.nextId(atMs);
  const { peer } = refusal;
  for (const recipient of refusal.recipients) {
    context.tracking.record({
      message,
      atMs,
      kind: 'refused',
      direction: peer.account === undefined ? 'in' : 'out',
      sender: refusal.sender,
      recipient,
      account: peer.account?.account ?? null,
      customer: peer.account?.customer ?? refusal.customer ?? null,
      subject: '',
      messageId: '',
      sizeBytes: 0,
      remote: peerName(peer),
      reply: replyText(refusal.reply),
      detail: refusal.detail ?? {},
    });
  }
  const { code, enhanced } = refusal.reply;
  context.log.info(
    { peer: peer.clientAddress, helo: peer.helo, sender: refusal.sender, recipients: refusal.recipients.slice(0, 10), code, enhanced },
    'smtp.refused',
  );
}
