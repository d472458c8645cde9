/** What one try came to for one recipient: the common currency of attempts, local deliveries and what is concluded from them. */
import type { ClaimedMessage, ClaimedRecipient } from '../../queue/claim.ts';
import type { QueueReason } from '../../queue/queue.ts';

/** Recipients of one message that are tried together. */
export interface Batch {
  readonly message: ClaimedMessage;
  readonly recipients: readonly ClaimedRecipient[];
}

interface Told {
  readonly recipient: ClaimedRecipient;
  /** The reply, theirs or ours, as one line that starts with a code. */
  readonly reply: string;
  /** `name [address]:port`, '' for ourselves. */
  readonly remote: string;
  readonly detail: Readonly<Record<string, string>>;
}

export type RecipientOutcome =
  | (Told & {
      readonly kind: 'delivered';
      /** The next server promised to send the notices that were asked for (RFC 3461). */
      readonly noticesPassedOn: boolean;
      readonly isLocal: boolean;
      readonly junk: boolean;
    })
  | (Told & { readonly kind: 'discarded' })
  | (Told & { readonly kind: 'failed' })
  | (Told & {
      readonly kind: 'deferred';
      readonly reason: QueueReason;
      /** Not before then (a host is given a rest). */
      readonly notBeforeMs: number;
      /** False: nothing was tried. */
      readonly counts: boolean;
    })
  /** Its sender may not send at the moment: the message is held. */
  | (Told & { readonly kind: 'held' });
