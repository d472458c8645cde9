/**
 * Is the domain its owner's to host here? Proven when its MX leads to this machine or its TXT token is seen.
 *
 * Invariants: 1. only what the DNS says now counts, past the cache; 2. a failing name server proves nothing and disproves
 * nothing; 3. private addresses prove nothing unless they are allowed; 4. the token is compared in constant time.
 */
import { timingSafeEqual } from 'node:crypto';
import { type DnsAnswer, isTemporary, type MxRecord } from '../dns/answer.ts';
import { Inquiry, type InquirySettings, serversOf } from './inquiry.ts';
import { wouldDeliver } from './mx-check.ts';
import { nameserversOf } from './nameservers.ts';
import { PROOF_LABEL, proofValue } from './records.ts';

const TOTAL_MS = 20_000;

export interface OwnershipInput extends InquirySettings {
  readonly domain: string;
  readonly token: string;
}

export type Ownership =
  | { readonly proven: true; readonly by: 'mx' | 'txt'; readonly asked: readonly string[] }
  /** `temporary`: nobody could be asked, so the next try may prove it. */
  | { readonly proven: false; readonly temporary: boolean; readonly asked: readonly string[] };

/** Looks for either proof, of the resolver and then of the domain's own name servers; at most 20 s. Never throws. */
export async function provesOwnership(input: OwnershipInput): Promise<Ownership> {
  const { domain, token } = input;
  const limit = AbortSignal.timeout(TOTAL_MS);
  const inquiry = new Inquiry({ ...input, signal: input.signal === undefined ? limit : AbortSignal.any([limit, input.signal]) });
  const [mx, txt] = await Promise.all([inquiry.query(domain, 'MX'), inquiry.query(`${PROOF_LABEL}.${domain}`, 'TXT')]);
  const asked = serversOf(mx, txt);
  if (hasToken(txt, token)) return { proven: true, by: 'txt', asked };
  const delivers = mx.status === 'ok' ? await wouldDeliver(mx, inquiry) : false;
  if (delivers === true) return { proven: true, by: 'mx', asked };
  // Resolvers remember for up to hours that there was no record; the domain's own servers know of a new one at once.
  const views = await askDirectly(input, inquiry);
  const direct = [...asked, ...serversOf(...views.flat())];
  if (views.some(([, proof]) => hasToken(proof, token))) return { proven: true, by: 'txt', asked: direct };
  const sent = await Promise.all(views.map(([view]) => wouldDeliver(view, inquiry)));
  if (sent.length > 0 && sent.every((here) => here === true)) return { proven: true, by: 'mx', asked: direct };
  return { proven: false, temporary: delivers === null || isTemporary(mx) || isTemporary(txt), asked: direct };
}

async function askDirectly({ domain }: OwnershipInput, inquiry: Inquiry): Promise<[DnsAnswer<MxRecord>, DnsAnswer<string>][]> {
  const servers = await nameserversOf(domain, inquiry);
  return Promise.all(
    servers.map(({ server }) => Promise.all([inquiry.ask(server, domain, 'MX'), inquiry.ask(server, `${PROOF_LABEL}.${domain}`, 'TXT')])),
  );
}

function hasToken(answer: DnsAnswer<string>, token: string): boolean {
  if (token === '') return false;
  const wanted = Buffer.from(proofValue(token));
  return answer.records.some((text) => {
    const found = Buffer.from(text.trim());
    return found.length === wanted.length && timingSafeEqual(found, wanted);
  });
}
