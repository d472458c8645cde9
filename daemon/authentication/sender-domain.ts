/**
 * Whether the domain of MAIL FROM could be answered at all: an MX, or an address in its place (RFC 5321 §5.1).
 * A hint for the verdict; mail is not refused for it unless a setting says so.
 */
import { type DnsAnswer, isTemporary, type MxRecord } from '../dns/answer.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { SenderDomainState } from './analysis.ts';

/** Never rejects; what the resolver keeps comes without waiting. `sender` is `local@domain` or '' for the null sender. */
export function senderDomainState(resolver: Resolver, sender: string, timeoutMs: number): SenderDomainState | Promise<SenderDomainState> {
  if (sender === '') return 'null-sender';
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  // RFC 5321 §4.1.3: a literal is an address by itself.
  if (domain.startsWith('[')) return 'resolves';
  const kept = resolver.peek(domain, 'MX');
  if (kept !== undefined && kept.status !== 'nodata') return byMx(kept);
  return askOn(resolver, domain, timeoutMs);
}

async function askOn(resolver: Resolver, domain: string, timeoutMs: number): Promise<SenderDomainState> {
  const options = { timeoutMs };
  const mx = await resolver.mx(domain, options);
  if (mx.status !== 'nodata') return byMx(mx);
  const [a, aaaa] = await Promise.all([resolver.a(domain, options), resolver.aaaa(domain, options)]);
  if (a.status === 'ok' || aaaa.status === 'ok') return 'resolves';
  return isTemporary(a) || isTemporary(aaaa) ? 'unknown' : 'missing';
}

function byMx(mx: DnsAnswer<MxRecord>): SenderDomainState {
  if (mx.status === 'nxdomain') return 'missing';
  if (mx.status !== 'ok') return 'unknown';
  // RFC 7505 §3: a single "." says that the domain takes no mail.
  return mx.records.length === 1 && mx.records[0]?.exchange === '.' ? 'null-mx' : 'resolves';
}
