/**
 * What the receiving side hands over to the MDA: a message that passed every check, and what the MDA makes of it.
 */
import type { MessageBytes } from '../authentication/message-bytes.ts';
import type { Destination } from '../directory/directory.ts';
import type { QueueId, QueueRecipient } from '../queue/queue.ts';
import type { AccountId, Address, CustomerId } from '../wire/ids.ts';

export interface AcceptedRecipient {
  /** RCPT TO in normal form. */
  readonly address: Address;
  /** Where it leads here; undefined: another server's. */
  readonly destinations: readonly Destination[] | undefined;
  readonly customer: CustomerId | null;
  readonly notify?: NonNullable<QueueRecipient['notify']>;
  readonly orcpt?: string;
}

/** A message with its trace fields, but without Return-Path and Delivered-To. */
export interface AcceptedMail {
  readonly id: QueueId;
  readonly origin: 'mx' | 'submission';
  readonly sender: Address | '';
  readonly account: AccountId | null;
  readonly customer: CustomerId | null;
  readonly recipients: readonly AcceptedRecipient[];
  readonly message: MessageBytes;
  /** Values of its Delivered-To fields, lower case. */
  readonly deliveredTo: readonly string[];
  readonly junk: boolean;
  /** A DSN to the sender reaches who wrote (design rule 2). */
  readonly vouched: boolean;
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  readonly envid?: string;
  readonly ret?: 'FULL' | 'HDRS';
  readonly hold?: string;
  readonly receivedAtMs: number;
  readonly subject: string;
  readonly messageId: string;
  /** The peer, for tracking: `helo [address]:port`. */
  readonly remote: string;
  /** How it was checked and judged, for tracking. */
  readonly detail: Readonly<Record<string, string>>;
}

export type HandOverOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'queued' }
  /** Every recipient discards. */
  | { readonly kind: 'discarded' }
  | { readonly kind: 'over-quota'; readonly sinceMs: number | null }
  /** The message came round: it was delivered to this address, or forwarded by it, before. */
  | { readonly kind: 'loop'; readonly address: Address }
  /** It looks like junk and the only way from here leads outside. */
  | { readonly kind: 'junk-not-forwarded' };
