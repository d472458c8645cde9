/**
 * "May this log in?": one question for IMAP, POP3, submission and the panel. Throttling, suspension, argon2id, app passwords
 * and the five-minute memory of verified log-ins (rule 6 of the design) are behind it.
 *
 * 1. An unknown user costs the same time as a wrong password and gets the same answer.
 * 2. Throttling slows the attacking address, and never locks an account's owner out for long: an address from which the
 *    account logged in before keeps its own budget.
 */
import type { AccountId, Address, CustomerId } from '../wire/ids.ts';

export type LoginProtocol = 'imap' | 'pop3' | 'smtp' | 'panel' | 'managesieve';

export interface LoginRequest {
  readonly login: string;
  readonly password: string;
  readonly protocol: LoginProtocol;
  readonly remoteAddress: string;
  readonly tls: boolean;
}

export type LoginVerdict =
  | {
      readonly kind: 'account';
      readonly account: AccountId;
      readonly address: Address;
      readonly customer: CustomerId;
      readonly credentialVersion: number;
    }
  /** Address and password do not match (or no such account). */
  | { readonly kind: 'refused' }
  /** Password right, but log-in is suspended or this credential may not be used for this protocol. */
  | { readonly kind: 'suspended' }
  /** Too many tries from there; `retryAfterS` seconds. */
  | { readonly kind: 'throttled'; readonly retryAfterS: number }
  /** Our own trouble: IMAP [UNAVAILABLE], SMTP 454 4.7.0. */
  | { readonly kind: 'unavailable' };

export interface Authenticator {
  login(request: LoginRequest): Promise<LoginVerdict>;
  /** Called when the account's credentials changed, it was suspended or removed: sessions opened under an older version end. */
  onRevoked(listener: (account: AccountId) => void): void;
}
