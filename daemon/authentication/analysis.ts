/**
 * What sender authentication found out about one message: a closed set of facts, no opinion. `mta/decide.ts` judges them.
 *
 * 1. Every check has exactly one result out of its vocabulary (RFC 8601 §2.7); "not asked" is `none`.
 * 2. Whatever could not be learnt in time is `temperror`, never a failure.
 * 3. Strings that came from the message or from DNS are cut and may hold anything printable; who writes them into a
 *    header field escapes them (results-field.ts).
 */
import { domainOf } from '../wire/address/mailbox.ts';
import type { Address, Domain } from '../wire/ids.ts';

export type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror';
export type DkimResult = 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';
export type DmarcResult = 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';
export type ArcResult = 'none' | 'pass' | 'fail';
export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

export interface SpfCheck {
  readonly result: SpfResult;
  /** The domain that was asked about, '' when there was none. */
  readonly domain: string;
}

export interface DkimCheck {
  readonly result: DkimResult;
  /** d=, or '' when unreadable. */
  readonly domain: string;
  /** s= */
  readonly selector: string;
  /** a= */
  readonly algorithm: string;
  /** First eight characters of b=, to tell signatures apart (RFC 6008). */
  readonly signature: string;
  /** Why it is not `pass`, for people. */
  readonly reason: string;
}

export interface DmarcCheck {
  readonly result: DmarcResult;
  /** What the domain's owner asks for on failure; `none` when there is no record. */
  readonly policy: DmarcPolicy;
  /** The author domain (RFC 9989 §5.3.1), '' when there is none or more than one. */
  readonly domain: string;
  /** Why there is no author domain, '' when there is one. */
  readonly reason: string;
}

export interface ArcCheck {
  readonly result: ArcResult;
  /** The newest sealer, '' without a chain. */
  readonly sealer: string;
  readonly reason: string;
}

/** Whether mail can be sent back to the domain of MAIL FROM. */
export type SenderDomainState = 'resolves' | 'missing' | 'null-mx' | 'unknown' | 'null-sender';

export interface Analysis {
  readonly spf: SpfCheck;
  readonly spfHelo: SpfCheck;
  /** In the order of the message; empty when it is not signed. At most `MAX_SIGNATURES`. */
  readonly dkim: readonly DkimCheck[];
  readonly dmarc: DmarcCheck;
  readonly arc: ArcCheck;
  readonly senderDomain: SenderDomainState;
  /** The message's From is missing, repeated, or names several domains. */
  readonly fromFields: number;
  readonly fromDomain: Domain | undefined;
  readonly tookMs: number;
}

/** More signatures than this are neither verified nor reported: 200 of them cost 83 ms. */
export const MAX_SIGNATURES = 10;

/**
 * A DSN to `sender` reaches who wrote (design rule 2): SPF passed for MAIL FROM, or DMARC did and MAIL FROM lies in the author's
 * domain. Whoever signs as their own domain may put anybody's address into the envelope.
 */
export function isVouched({ spf, dmarc }: Analysis, sender: Address | ''): boolean {
  if (sender === '') return false;
  if (spf.result === 'pass') return true;
  const domain = domainOf(sender);
  return dmarc.result === 'pass' && domain !== undefined && (domain === dmarc.domain || domain.endsWith(`.${dmarc.domain}`));
}
