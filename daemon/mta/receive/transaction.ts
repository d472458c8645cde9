/**
 * What a session knows between MAIL and the end of DATA (RFC 5321 §4.1.1, "mail transaction").
 */

import type { AcceptedRecipient } from '../../mda/accepted-mail.ts';
import type { AccountId, Address, CustomerId } from '../../wire/ids.ts';

export interface Transaction {
  /** MAIL FROM, '' for the null sender. */
  readonly sender: Address | '';
  /** The SIZE that was announced, 0 when none was (RFC 1870). */
  readonly announcedBytes: number;
  readonly smtpUtf8: boolean;
  readonly envid: string | undefined;
  readonly ret: 'FULL' | 'HDRS' | undefined;
  readonly recipients: AcceptedRecipient[];
  /** Their addresses: a repeated RCPT is answered 250 and counts once. */
  readonly seen: Set<string>;
}

/** Who authenticated in this session. */
export interface SessionAccount {
  readonly account: AccountId;
  readonly address: Address;
  readonly customer: CustomerId;
}

/** What the profiles may know about the session. */
export interface Peer {
  readonly clientAddress: string;
  readonly clientPort: number;
  /** HELO/EHLO argument as given. */
  readonly helo: string;
  readonly isExtended: boolean;
  readonly isSecure: boolean;
  /** Version and cipher as Node names them; undefined without TLS. */
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  readonly account: SessionAccount | undefined;
}

/** A message as received, before anything was added. */
export interface ReceivedContent {
  readonly parts: readonly Buffer[];
  readonly size: number;
  readonly isEightBit: boolean;
}

/** How the peer is named in tracking. */
export function peerName(peer: Peer): string {
  return `${peer.helo} [${peer.clientAddress}]:${peer.clientPort}`;
}

/** Its TLS session for tracking; empty without TLS. */
export function tlsDetail(peer: Peer): Readonly<Record<string, string>> {
  return peer.tls === undefined ? {} : { tls: `${peer.tls.version} ${peer.tls.cipher}` };
}
