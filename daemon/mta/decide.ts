/**
 * The one place that decides what becomes of a foreign message: facts in, verdict out. Pure.
 *
 * 1. A verdict always says why, in words that people read in tracking.
 * 2. DMARC's owner policy is honoured: reject refuses, quarantine files in Junk; a message that a trusted sealer vouches
 *    for (ARC) is filed in Junk instead of being refused.
 * 3. What could not be learnt (temperror) never counts against a message.
 * Specifications: RFC 9989 §5.4, RFC 7505 §4.2, RFC 3463 §3.8.
 */
import type { Analysis } from '../authentication/analysis.ts';
import { type Reply, reply } from '../wire/smtp/reply.ts';

export interface Reason {
  /** Points towards Junk; negative ones speak for the message. */
  readonly points: number;
  readonly text: string;
}

export type Verdict =
  | { readonly kind: 'accept'; readonly points: number; readonly reasons: readonly Reason[] }
  | { readonly kind: 'junk'; readonly points: number; readonly reasons: readonly Reason[] }
  | { readonly kind: 'reject'; readonly reply: Reply; readonly reasons: readonly Reason[] };

export interface MailPolicy {
  /** Do what the DMARC record of the author domain asks for. */
  readonly honourDmarc: boolean;
  /** Refuse a MAIL FROM whose domain does not exist, instead of scoring it. */
  readonly refuseMissingSenderDomain: boolean;
  /** From so many points on a message is suspicious. */
  readonly junkPoints: number;
  /** What becomes of suspicious mail. */
  readonly suspicious: 'folder' | 'deliver' | 'refuse';
  /** ARC sealers whose word softens a DMARC failure. */
  readonly trustedSealers: ReadonlySet<string>;
}

export const DEFAULT_POLICY: MailPolicy = {
  honourDmarc: true,
  refuseMissingSenderDomain: false,
  junkPoints: 5,
  suspicious: 'folder',
  trustedSealers: new Set(),
};

/** Judges one message by what its analysis found. */
export function decide(analysis: Analysis, policy: MailPolicy): Verdict {
  const refusal = refuse(analysis, policy);
  if (refusal !== undefined) return refusal;
  const reasons = weigh(analysis);
  const quarantine = dmarcQuarantine(analysis, policy);
  if (quarantine !== undefined) return suspicious(policy, policy.junkPoints, [quarantine, ...reasons]);
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0);
  return points >= policy.junkPoints ? suspicious(policy, points, reasons) : { kind: 'accept', points, reasons };
}

function suspicious(policy: MailPolicy, points: number, reasons: readonly Reason[]): Verdict {
  if (policy.suspicious === 'deliver') return { kind: 'accept', points, reasons };
  if (policy.suspicious === 'folder') return { kind: 'junk', points, reasons };
  const text = 'This message looks like junk mail and is not accepted';
  return { kind: 'reject', reply: reply(550, '7.1', text), reasons };
}

function refuse(analysis: Analysis, policy: MailPolicy): Verdict | undefined {
  const { dmarc, senderDomain } = analysis;
  if (policy.honourDmarc && dmarc.result === 'fail' && dmarc.policy === 'reject' && !isSealed(analysis, policy)) {
    const text = `The policy of ${dmarc.domain} asks to refuse mail in its name that neither SPF nor DKIM confirm`;
    const reasons = [{ points: 0, text: `${dmarc.domain} asks to refuse mail that fails DMARC (p=reject)` }];
    return { kind: 'reject', reply: reply(550, '7.1', text), reasons };
  }
  if (policy.refuseMissingSenderDomain && (senderDomain === 'missing' || senderDomain === 'null-mx')) {
    const text = 'The domain of the sender address does not take mail';
    // RFC 7505 §4.2 gives 5.7.27 to senders with a null MX.
    const status = senderDomain === 'null-mx' ? '7.27' : '1.8';
    return { kind: 'reject', reply: reply(550, status, text), reasons: [{ points: 0, text }] };
  }
  return undefined;
}

function dmarcQuarantine(analysis: Analysis, policy: MailPolicy): Reason | undefined {
  const { dmarc } = analysis;
  if (!policy.honourDmarc || dmarc.result !== 'fail' || dmarc.policy === 'none') return undefined;
  if (dmarc.policy === 'quarantine' && isSealed(analysis, policy)) return undefined;
  const text =
    dmarc.policy === 'reject'
      ? `${dmarc.domain} asks to refuse mail that fails DMARC, but ${analysis.arc.sealer} vouches for its way here`
      : `${dmarc.domain} asks to treat mail that fails DMARC as suspicious (p=quarantine)`;
  return { points: policy.junkPoints, text };
}

function isSealed(analysis: Analysis, policy: MailPolicy): boolean {
  return analysis.arc.result === 'pass' && policy.trustedSealers.has(analysis.arc.sealer);
}

/** Small facts that only together lead to Junk. */
function weigh(analysis: Analysis): Reason[] {
  const reasons: Reason[] = [];
  const add = (points: number, text: string): void => void reasons.push({ points, text });
  const { spf, dkim, dmarc } = analysis;
  if (dmarc.result === 'pass') add(-2, `DMARC of ${dmarc.domain} passed`);
  else if (dmarc.result === 'fail') add(1, `DMARC of ${dmarc.domain} failed (p=none)`);
  if (spf.result === 'fail') add(3, `${spf.domain} does not allow this server to send for it (SPF fail)`);
  else if (spf.result === 'softfail') add(1, `${spf.domain} doubts that this server may send for it (SPF softfail)`);
  else if (spf.result === 'permerror') add(1, `The SPF record of ${spf.domain} cannot be read`);
  if (dkim.length > 0 && dkim.every((check) => check.result === 'fail')) add(1, 'No DKIM signature is valid');
  if (analysis.senderDomain === 'missing') add(2, 'The domain of the sender address does not exist');
  else if (analysis.senderDomain === 'null-mx') add(3, 'The domain of the sender address takes no mail (null MX)');
  // RFC 5322 §3.6: exactly one From field.
  if (analysis.fromFields === 0) add(2, 'The message names no author (From)');
  else if (analysis.fromFields > 1) add(3, 'The message has more than one From field');
  else if (analysis.fromDomain === undefined) add(2, 'The From field names no single domain');
  return reasons;
}
