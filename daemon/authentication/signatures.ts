/**
 * DKIM signatures and the ARC chain of a message, verified (RFC 6376, RFC 8301, RFC 8463, RFC 8617).
 *
 * 1. A message without such fields costs nothing: mailauth is not called.
 * 2. At most `MAX_SIGNATURES` signatures and 50 ARC sets are looked at (RFC 8617 §4.2.1); the topmost count, which are
 *    the newest.
 */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type ArcCheck, type DkimCheck, type DkimResult, MAX_SIGNATURES } from './analysis.ts';
import type { HeaderBlock } from './header-fields.ts';
import type { LookUps } from './look-ups.ts';
import type { MailauthArc, MailauthParts, MailauthSignature } from './mailauth-parts.ts';

const MAX_ARC_FIELDS = 150;
const PIECE = 524_288;
const RESULTS: ReadonlySet<string> = new Set<DkimResult>(['pass', 'fail', 'policy', 'neutral', 'temperror', 'permerror']);

export interface SignatureChecks {
  readonly dkim: readonly DkimCheck[];
  readonly arc: ArcCheck;
  /** Domains of passing signatures, for DMARC's alignment. */
  readonly passing: readonly { readonly domain: string; readonly underSized?: number }[];
}

export const UNSIGNED: SignatureChecks = { dkim: [], arc: { result: 'none', sealer: '', reason: '' }, passing: [] };

/** Whether there is anything to verify. */
export function hasSignatures(header: HeaderBlock): boolean {
  return header.fields.some((field) => field.name === 'dkim-signature' || field.name === 'arc-seal');
}

export async function verifySignatures(parts: MailauthParts, header: HeaderBlock, lookUps: LookUps): Promise<SignatureChecks> {
  const options = { resolver: lookUps.resolve, strict: true as const, sender: 'unused@invalid' };
  const verified = await parts.dkimVerify(inPieces(withinLimits(header)), options);
  const results = verified.results.filter((result) => result.status.result !== 'none');
  const arc = verified.arc === undefined ? undefined : await parts.arc(verified.arc, { resolver: lookUps.resolve, strict: true });
  return { dkim: results.map(toCheck), arc: toArcCheck(arc), passing: results.filter(isPassing).map(toAligning) };
}

function toCheck(result: MailauthSignature): DkimCheck {
  const status = result.status.result;
  const rules = result.status.policy?.['dkim-rules'];
  return {
    result: RESULTS.has(status) ? (status as DkimResult) : 'permerror',
    domain: cut(result.signingDomain),
    selector: cut(result.selector),
    algorithm: cut(result.algo),
    signature: cut(result.signature).slice(0, 8),
    reason: cut(typeof rules === 'string' ? rules : result.status.comment),
  };
}

function toArcCheck(arc: MailauthArc | undefined): ArcCheck {
  if (arc === undefined || arc.status.result === 'none') return UNSIGNED.arc;
  const sealer = arc.signature ? cut(arc.signature.signingDomain) : '';
  return { result: arc.status.result === 'pass' ? 'pass' : 'fail', sealer, reason: cut(arc.status.comment) };
}

function isPassing(result: MailauthSignature): boolean {
  return result.status.result === 'pass' && result.signingDomain !== undefined;
}

function toAligning(result: MailauthSignature): { domain: string; underSized?: number } {
  const domain = result.signingDomain ?? '';
  return result.status.underSized === undefined ? { domain } : { domain, underSized: result.status.underSized };
}

/** Large messages are hashed in pieces, with a turn of the event loop between two of them. */
function inPieces(message: Buffer): Buffer | Readable {
  return message.length <= PIECE ? message : Readable.from(pieces(message));
}

async function* pieces(message: Buffer): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < message.length; at += PIECE) {
    yield message.subarray(at, at + PIECE);
    await setImmediate();
  }
}

/** The message with surplus signature fields left out; the bytes themselves when there are none. */
function withinLimits(header: HeaderBlock): Buffer {
  let signatures = 0;
  let arcFields = 0;
  const dropped = header.fields.filter((field) => {
    if (field.name === 'dkim-signature') return ++signatures > MAX_SIGNATURES;
    return field.name.startsWith('arc-') && ++arcFields > MAX_ARC_FIELDS;
  });
  if (dropped.length === 0) return header.bytes;
  const kept: Buffer[] = [];
  let at = 0;
  for (const field of dropped) {
    kept.push(header.bytes.subarray(at, field.start));
    at = field.end;
  }
  kept.push(header.bytes.subarray(at));
  return Buffer.concat(kept);
}

function cut(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, 255) : '';
}
