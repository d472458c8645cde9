/**
 * The Authentication-Results field: ours written, forged ones found.
 *
 * 1. Whatever came from outside is a quoted string or is left out; the field's lines stay under 998 octets.
 * 2. A field "of ours" is one whose authserv-id equals ours, in any case and behind any comment (RFC 8601 §5): it must
 *    leave before the message enters a mailbox.
 * Specifications: RFC 8601 §2.2-2.7 and §5, RFC 6008 (header.b), RFC 8617 §4.1.1 (arc).
 */
import type { Analysis } from './analysis.ts';
import { type HeaderBlock, type HeaderField, fieldText } from './header-fields.ts';

/** The whole field with its CRLF. `sender` is MAIL FROM ('' null), `account` who authenticated, if somebody did. */
export function authenticationResults(authservId: string, analysis: Analysis, envelope: { readonly sender: string; readonly helo: string }): string {
  const parts: string[] = [];
  if (envelope.sender !== '') parts.push(`spf=${analysis.spf.result} smtp.mailfrom=${pvalue(analysis.spf.domain)}`);
  if (envelope.sender === '' || analysis.spfHelo.result !== 'none') {
    parts.push(`spf=${analysis.spfHelo.result} smtp.helo=${pvalue(envelope.helo)}`);
  }
  if (analysis.dkim.length === 0) parts.push('dkim=none');
  for (const check of analysis.dkim) {
    const reason = check.result === 'pass' || check.reason === '' ? '' : ` reason=${quoted(check.reason)}`;
    const properties = [
      property('header.d', check.domain),
      property('header.s', check.selector),
      property('header.a', check.algorithm),
      property('header.b', check.signature),
    ];
    parts.push(`dkim=${check.result}${reason}${properties.join('')}`);
  }
  if (analysis.dmarc.domain !== '') {
    const { result, policy, domain } = analysis.dmarc;
    parts.push(`dmarc=${result}${result === 'none' ? '' : ` policy.dmarc=${policy}`} header.from=${pvalue(domain)}`);
  } else parts.push(`dmarc=none`);
  if (analysis.arc.result !== 'none') parts.push(`arc=${analysis.arc.result}`);
  return `Authentication-Results: ${authservId};\r\n\t${parts.join(';\r\n\t')}\r\n`;
}

/** Authentication-Results fields that claim to be ours. */
export function forgedResults(header: HeaderBlock, authservId: string): HeaderField[] {
  const ours = authservId.toLowerCase();
  return header.fields.filter((field) => field.name === 'authentication-results' && authservIdOf(fieldText(header, field)) === ours);
}

/** The authserv-id of a field's value, lower case; comments before it are skipped (RFC 8601 §2.2 CFWS). */
export function authservIdOf(value: string): string {
  let at = 0;
  for (;;) {
    while (value[at] === ' ' || value[at] === '\t') at++;
    if (value[at] !== '(') break;
    at = endOfComment(value, at);
  }
  if (value[at] === '"') {
    const close = value.indexOf('"', at + 1);
    return value.slice(at + 1, close < 0 ? undefined : close).replace(/\\(.)/g, '$1').toLowerCase();
  }
  let end = at;
  while (end < value.length && !' \t;('.includes(value[end]!)) end++;
  return value.slice(at, end).toLowerCase();
}

function endOfComment(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at++) {
    if (value[at] === '\\') at++;
    else if (value[at] === '(') depth++;
    else if (value[at] === ')' && --depth === 0) return at + 1;
  }
  return value.length;
}

function property(name: string, value: string): string {
  return value === '' ? '' : ` ${name}=${pvalue(value)}`;
}

function pvalue(value: string): string {
  return /^[A-Za-z0-9._@-]+$/.test(value) ? value : quoted(value);
}

function quoted(value: string): string {
  const safe = value.slice(0, 200).replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  return `"${safe}"`;
}
