/**
 * The check of one domain: everything that senders, receivers and mail programs look up about it, as a report.
 *
 * Pure of storage: a resolver and who we are in, findings out.
 * Invariants: 1. never throws and ends within 20 s; what was not answered by then is 'unknown'; 2. all parts run at once.
 */
import { normalName } from '../dns/names.ts';
import { checkClients } from './clients-check.ts';
import { checkDkim } from './dkim-check.ts';
import { checkDmarc } from './dmarc-check.ts';
import { Inquiry, type InquirySettings, serversOf } from './inquiry.ts';
import { drawLine } from './line.ts';
import { checkMx, type MxCheck, wouldDeliver } from './mx-check.ts';
import { checkNameservers, type Nameservers } from './nameservers.ts';
import { checkPtr } from './ptr-check.ts';
import type { DkimKey } from './records.ts';
import type { DomainReport, Finding } from './report.ts';
import { checkSpf } from './spf-check.ts';

export interface DomainCheckInput extends Omit<InquirySettings, 'signal'> {
  /** A-labels; the domain as it is hosted. */
  readonly domain: string;
  readonly dkim: readonly DkimKey[];
  /** The clock for `checked_at`. */
  readonly now?: () => Date;
  readonly signal?: AbortSignal;
}

const TOTAL_MS = 20_000;

/** Checks `domain` and tells what is the case and what to change. */
export async function checkDomain(input: DomainCheckInput): Promise<DomainReport> {
  const domain = normalName(input.domain) ?? input.domain;
  const limit = AbortSignal.timeout(TOTAL_MS);
  const signal = input.signal === undefined ? limit : AbortSignal.any([limit, input.signal]);
  const inquiry = new Inquiry({ ...input, signal });
  const now = input.now ?? (() => new Date());
  const [resolved, zone, [servers, mx], ...rest] = await Promise.all([
    inquiry.query(domain, 'MX'),
    inquiry.query(domain, 'NS'),
    checkIncoming(domain, inquiry),
    checkSpf(domain, inquiry),
    checkDkim(domain, input.dkim, inquiry),
    checkDmarc(domain, inquiry).then((finding) => [finding]),
    checkPtr(inquiry),
    checkClients(domain, inquiry),
  ]);
  if (resolved.status === 'nxdomain' && zone.status === 'nxdomain') {
    const findings = [missing(domain, serversOf(resolved, zone))];
    return report(domain, { now, mx: { delivers: false, rows: [] }, findings });
  }
  const delivers = await deliversByAll(mx, servers, inquiry);
  return report(domain, { now, mx: { ...mx, delivers }, findings: [...servers.findings, ...mx.findings, ...rest.flat()] });
}

/** The name servers first: what most of them say is what the MX records are judged by, whatever caches remember. */
async function checkIncoming(domain: string, inquiry: Inquiry): Promise<[Nameservers, MxCheck]> {
  const servers = await checkNameservers(domain, inquiry);
  const answer = servers.truth ?? (await inquiry.query(domain, 'MX'));
  return [servers, await checkMx(domain, answer, inquiry)];
}

/** Mail comes here only if every name server of the domain sends it here: each of them is asked by some sender. */
async function deliversByAll(mx: MxCheck, servers: Nameservers, inquiry: Inquiry): Promise<boolean | null> {
  if (mx.delivers !== true) return mx.delivers;
  const views = await Promise.all(servers.views.map((view) => wouldDeliver(view.mx, inquiry)));
  return views.includes(false) ? false : mx.delivers;
}

function missing(domain: string, asked: readonly string[]): Finding {
  return {
    id: 'domain-exists',
    subject: '',
    level: 'fail',
    title: `${domain} is not known to the DNS`,
    found: 'no such name',
    expected: 'A registered domain with name servers',
    fix: null,
    why: 'Either it is not registered or paid for, or its name servers do not know it; nobody can write to it.',
    asked,
  };
}

interface Parts {
  readonly now: () => Date;
  readonly mx: Pick<MxCheck, 'delivers' | 'rows'>;
  readonly findings: readonly Finding[];
}

function report(domain: string, { now, mx, findings }: Parts): DomainReport {
  return {
    domain,
    delivers: mx.delivers,
    checked_at: now().toISOString(),
    headline: headline(domain, mx, findings),
    findings,
    mx: mx.rows,
    line: drawLine(findings),
  };
}

function headline(domain: string, mx: Parts['mx'], findings: readonly Finding[]): string {
  if (mx.delivers === null) return `Where mail for ${domain} goes could not be found out`;
  const broken = findings.find((finding) => finding.level === 'fail');
  if (mx.delivers === false) {
    const reason = findings.find((finding) => finding.level === 'fail' && /^(?:domain|mx|nameservers)-/.test(finding.id));
    if (reason?.id === 'domain-exists') return reason.title;
    if (reason?.id === 'mx-here' && !reason.title.startsWith('Remove')) return reason.title;
    if (reason?.id === 'nameservers-agree') return `Some mail for ${domain} goes to another server`;
    return mx.rows.length === 0 ? `Mail for ${domain} does not arrive` : `Mail for ${domain} goes to another server`;
  }
  if (broken !== undefined) return `Mail for ${domain} comes here, one thing is broken`;
  return findings.some((finding) => finding.level === 'warn')
    ? `Mail for ${domain} comes here, others may distrust what it sends`
    : `Mail for ${domain} comes here, and all is well`;
}
