/**
 * The whole sender authentication of one message: SPF (both identities), DKIM, ARC, DMARC and the sender's domain, side by
 * side, bounded in time.
 *
 * Owns: the kept SPF and DMARC answers of its thread.
 * 1. `analyze` never rejects and ends within `totalMs` (5 s); what is unknown by then is `temperror`.
 * 2. mailauth is loaded by the first message that needs it.
 * Specifications: RFC 7208, RFC 6376, RFC 8463, RFC 8617, RFC 9989.
 */

import type { Resolver } from '../dns/resolver.ts';
import type { Analysis, ArcCheck, DmarcCheck, SpfCheck } from './analysis.ts';
import { type Author, DmarcChecker, readAuthor } from './dmarc.ts';
import type { HeaderBlock } from './header-fields.ts';
import { LookUps } from './look-ups.ts';
import { type MailauthParts, mailauthLoader } from './mailauth-parts.ts';
import { senderDomainState } from './sender-domain.ts';
import { hasSignatures, type SignatureChecks, UNSIGNED, verifySignatures } from './signatures.ts';
import { SpfChecker } from './spf.ts';

const TOTAL_MS = 5_000;
const NO_ARC: ArcCheck = UNSIGNED.arc;

export interface AnalyzerSettings {
  readonly resolver: Resolver;
  readonly hostname: string;
  /** Told about defects in the checks themselves (they count as temperror). */
  readonly onDefect: (error: unknown, part: string) => void;
  readonly totalMs?: number;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

export interface AnalysisRequest {
  readonly clientAddress: string;
  readonly helo: string;
  /** MAIL FROM, '' for the null sender. */
  readonly sender: string;
  readonly header: HeaderBlock;
}

export class Analyzer {
  readonly #settings: AnalyzerSettings;
  readonly #parts: () => MailauthParts;
  readonly #now: () => number;
  readonly #spf: SpfChecker;
  readonly #dmarc: DmarcChecker;

  constructor(settings: AnalyzerSettings) {
    this.#settings = settings;
    this.#parts = mailauthLoader();
    this.#now = settings.now ?? (() => performance.now());
    this.#spf = new SpfChecker(this.#parts, settings.resolver, settings.hostname, this.#now);
    this.#dmarc = new DmarcChecker(this.#parts, settings.resolver, this.#now);
  }

  async analyze(request: AnalysisRequest): Promise<Analysis> {
    const startedAt = this.#now();
    const endsAt = startedAt + (this.#settings.totalMs ?? TOTAL_MS);
    const author = readAuthor(request.header);
    const { clientAddress, helo, sender } = request;
    const parts = [
      this.#bounded('spf', this.#spf.check({ clientAddress, helo, sender }, endsAt), endsAt, unknownSpf(sender)),
      this.#bounded('spf-helo', this.#spf.check({ clientAddress, helo, sender: '' }, endsAt), endsAt, unknownSpf(helo)),
      this.#bounded('dkim', this.#signatures(request.header, endsAt), endsAt, unknownSignatures(request.header)),
      this.#bounded('sender-domain', senderDomainState(this.#settings.resolver, sender, endsAt - startedAt), endsAt, 'unknown' as const),
    ] as const;
    // Mail of a sender that is known by now waits for nothing.
    const [spf, spfHelo, signatures, senderDomain] = parts.some(isPending) ? await Promise.all(parts) : (parts as Settled<typeof parts>);
    const spfDomain = spf.result === 'pass' ? spf.domain : '';
    const dmarcCheck = this.#dmarc.check(author, { spfDomain, dkim: signatures.passing }, endsAt);
    const dmarc = this.#bounded('dmarc', dmarcCheck, endsAt, unknownDmarc(author));
    const found = dmarc instanceof Promise ? await dmarc : dmarc;
    return {
      spf,
      spfHelo,
      dkim: signatures.dkim,
      arc: signatures.arc,
      dmarc: withoutGuess(found, signatures, spf),
      senderDomain,
      fromFields: author.fields,
      fromDomain: author.domain,
      tookMs: Math.round(this.#now() - startedAt),
    };
  }

  #signatures(header: HeaderBlock, endsAt: number): SignatureChecks | Promise<SignatureChecks> {
    if (!hasSignatures(header)) return UNSIGNED;
    return verifySignatures(this.#parts(), header, new LookUps(this.#settings.resolver, endsAt, this.#now));
  }

  /** What is known by `endsAt`, else `otherwise`; a defect counts as unknown. What is known already costs no timer. */
  #bounded<T>(part: string, work: T | Promise<T>, endsAt: number, otherwise: T): T | Promise<T> {
    if (!(work instanceof Promise)) return work;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(otherwise), Math.max(1, endsAt - this.#now()));
      work
        .then(resolve, (error: unknown) => {
          this.#settings.onDefect(error, part);
          resolve(otherwise);
        })
        .finally(() => clearTimeout(timer));
    });
  }
}

type Settled<T> = { readonly [K in keyof T]: Awaited<T[K]> };

function isPending(part: unknown): boolean {
  return part instanceof Promise;
}

function unknownSpf(identity: string): SpfCheck {
  return { result: 'temperror', domain: identity.slice(identity.lastIndexOf('@') + 1) };
}

function unknownSignatures(header: HeaderBlock): SignatureChecks {
  const dkim = hasSignatures(header)
    ? [{ result: 'temperror' as const, domain: '', selector: '', algorithm: '', signature: '', reason: 'not verified in time' }]
    : [];
  return { dkim, arc: NO_ARC, passing: [] };
}

function unknownDmarc(author: Author): DmarcCheck {
  return { result: 'temperror', policy: 'none', domain: author.domain ?? '', reason: '' };
}

/**
 * RFC 9989 §5.3.5: a failure is only certain when no identifier was in doubt; a key or an SPF record that could not be
 * fetched may have been the aligned one.
 */
function withoutGuess(dmarc: DmarcCheck, signatures: SignatureChecks, spf: SpfCheck): DmarcCheck {
  const isInDoubt = spf.result === 'temperror' || signatures.dkim.some((signature) => signature.result === 'temperror');
  return dmarc.result === 'fail' && isInDoubt ? { ...dmarc, result: 'temperror' } : dmarc;
}
