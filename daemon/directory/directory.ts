/**
 * "Who is this address?": the read side of control.db as protocol and runner threads use it.
 * Answers are synchronous (prepared statements on a read-only connection, cached until PRAGMA data_version changes).
 *
 * 1. Only proven, unsuspended domains resolve to local destinations; others answer `not-ours`.
 * 2. Resolution is one level of look-up after another with a bound of 10 levels and 100 destinations: a loop of
 *    forwarders ends as `temporary` for that branch and is logged, never as endless work.
 * 3. The server's own name is no hosted domain, but local: postmaster@ and abuse@ live there, with customer and domain 0.
 */
import type { AccountId, Address, CustomerId, Domain, DomainId } from '../wire/ids.ts';

/** An account as delivery and sessions need it. */
export interface AccountRecord {
  readonly id: AccountId;
  readonly customer: CustomerId;
  readonly domain: DomainId;
  readonly address: Address;
  readonly name: string;
  readonly quotaBytes: number | null;
  /** Cached usage, at most 1 s old while the store runs. */
  readonly usageBytes: number;
  readonly suspendedIn: boolean;
  readonly suspendedOut: boolean;
  readonly suspendedLogin: boolean;
  readonly credentialVersion: number;
  /** When the mailbox became full (Unix ms), null when it is not. */
  readonly fullSinceMs: number | null;
}

/** Where one accepted recipient's mail goes. */
export type Destination =
  | { readonly kind: 'account'; readonly account: AccountRecord; readonly subaddress: string | null }
  /** A forward off this machine (or to another local address, already resolved). SRS and "junk is not forwarded" apply. */
  | { readonly kind: 'forward'; readonly to: Address; readonly forwarder: Address; readonly customer: CustomerId }
  | { readonly kind: 'discard'; readonly forwarder: Address };

export type Resolution =
  /** The domain is not hosted here (or not proven, or suspended). */
  | { readonly kind: 'not-ours' }
  /** 550 5.1.1 */
  | { readonly kind: 'unknown' }
  /** The address refuses mail by its owner's text: 550 5.7.1 <text>. */
  | { readonly kind: 'refused'; readonly text: string }
  /** Receiving is suspended: 550 5.2.1. */
  | { readonly kind: 'suspended' }
  /** Our own trouble: 451. */
  | { readonly kind: 'temporary' }
  | {
      readonly kind: 'deliverable';
      readonly domain: DomainId;
      readonly customer: CustomerId;
      readonly destinations: readonly Destination[];
    };

export interface SigningKey {
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly privateKeyPem: string;
}

export interface Directory {
  /** Plus addressing, catch-all, postmaster@ and abuse@ included. */
  resolve(address: Address): Resolution;
  /** True for a proven domain of ours, suspended or not. */
  isLocalDomain(domain: Domain): boolean;
  account(id: AccountId): AccountRecord | undefined;
  accountByAddress(address: Address): AccountRecord | undefined;
  /** May this account write as this address? (own address, its plus addresses, addresses that lead to it, grants) */
  maySendAs(account: AccountId, address: Address): boolean;
  /** Active DKIM keys of a proven domain. */
  signingKeys(domain: Domain): readonly SigningKey[];
  /** A setting's present value (settings live in control.db and apply at once). */
  setting<T>(key: string): T;
}
