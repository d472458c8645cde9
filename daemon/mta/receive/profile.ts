/**
 * What makes the MX and the submission listeners differ: one object asked at MAIL, RCPT and after DATA.
 */

import type { AcceptedRecipient } from '../../mda/accepted-mail.ts';
import type { Mailbox } from '../../wire/address/mailbox.ts';
import type { Address } from '../../wire/ids.ts';
import type { Reply } from '../../wire/smtp/reply.ts';
import type { Peer, ReceivedContent, Transaction } from './transaction.ts';

/** RFC 3461 §4.1, §4.2: what RCPT says about notices. */
export interface RecipientNotice {
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[];
  readonly orcpt?: string;
}

export type RecipientAnswer =
  | { readonly kind: 'accepted'; readonly recipient: AcceptedRecipient }
  /** `isGuess`: no such address, or relaying: too many of them end the session. */
  | { readonly kind: 'refused'; readonly reply: Reply; readonly isGuess: boolean };

export interface ReceiverProfile {
  readonly name: 'mx' | 'submission';
  /** TLS from the first octet (465). */
  readonly implicitTls: boolean;
  /** AUTH is offered and needed before MAIL. */
  readonly needsLogin: boolean;
  /** Checked before the 250 to MAIL; undefined lets it pass. */
  checkSender(peer: Peer, sender: Address | ''): Reply | undefined;
  /** Synchronous: RCPT is the hottest question. `undefined` mailbox is `<postmaster>`. */
  checkRecipient(peer: Peer, mailbox: Mailbox | undefined, notice: RecipientNotice, sender: Address | ''): RecipientAnswer;
  /** After the content: resolves to the reply once the message is safe, or refused. */
  take(peer: Peer, transaction: Transaction, content: ReceivedContent): Promise<Reply>;
}
