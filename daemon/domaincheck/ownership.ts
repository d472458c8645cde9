/**
 * Is the domain its owner's to host here? Proven when its MX leads to this machine or its TXT token is seen.
 *
 * Invariants: 1. only what the DNS says now counts, past the cache; 2. a failing name server proves nothing and disproves
 * nothing; 3. private addresses prove nothing unless they are allowed; 4. the token is compared in constant time.
 */
import { timingSafeEqual } from 'node:crypto';
import { isTemporary } from '../dns/answer.ts';
import { Inquiry, type InquirySettings, serversOf } from './inquiry.ts';
import { wouldDeliver } from './mx-check.ts';
import { PROOF_LABEL, proofValue } from './records.ts';

export interface OwnershipInput extends InquirySettings {
  readonly domain: string;
  readonly token: string;
}

export type Ownership =
  | { readonly proven: true; readonly by: 'mx' | 'txt'; readonly asked: readonly string[] }
  /** `temporary`: nobody could be asked, so the next try may prove it. */
  | { readonly proven: false; readonly temporary: boolean; readonly asked: readonly string[] };

/** Looks for either proof, at most 10 s. Never throws. */
export async function provesOwnership(input: OwnershipInput): Promise<Ownership> {
  const { domain, token } = input;
  const inquiry = new Inquiry(input);
  const [mx, txt] = await Promise.all([inquiry.query(domain, 'MX'), inquiry.query(`${PROOF_LABEL}.${domain}`, 'TXT')]);
  const asked = serversOf(mx, txt);
  const wanted = Buffer.from(proofValue(token));
  const isSeen = txt.records.some((text) => {
    const found = Buffer.from(text.trim());
    return found.length === wanted.length && timingSafeEqual(found, wanted);
  });
  if (token !== '' && isSeen) return { proven: true, by: 'txt', asked };
  const delivers = mx.status === 'ok' ? await wouldDeliver(mx, inquiry) : false;
  if (delivers === true) return { proven: true, by: 'mx', asked };
  return { proven: false, temporary: delivers === null || isTemporary(mx) || isTemporary(txt), asked };
}
