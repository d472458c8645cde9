/**
 * What an analysis says in an Authentication-Results field, and which such fields of a message are forged.
 *
 * Specifications: RFC 8601 §2.7 (methods and properties), §5 (removal); RFC 6008 (header.b); RFC 9989 §9.1
 * (policy.dmarc).
 */
import { authenticationResultsHeader, claimsToBe, type MethodResult } from '../wire/authres/authentication-results.ts';
import type { Analysis, DkimCheck } from './analysis.ts';
import { fieldsNamed, type HeaderBlock, type HeaderField } from './header-fields.ts';

/** The whole field with its CRLF. `sender` is MAIL FROM, '' for the null sender. */
export function authenticationResults(
  authservId: string,
  analysis: Analysis,
  envelope: { readonly sender: string; readonly helo: string },
): string {
  const results: MethodResult[] = [];
  const { spf, spfHelo, dmarc, arc } = analysis;
  if (envelope.sender !== '') results.push({ method: 'spf', result: spf.result, properties: { 'smtp.mailfrom': spf.domain } });
  if (envelope.sender === '' || spfHelo.result !== 'none') {
    results.push({ method: 'spf', result: spfHelo.result, properties: { 'smtp.helo': envelope.helo } });
  }
  if (analysis.dkim.length === 0) results.push({ method: 'dkim', result: 'none' });
  for (const check of analysis.dkim) results.push(signatureResult(check));
  const policy = dmarc.result === 'none' ? undefined : dmarc.policy;
  results.push({ method: 'dmarc', result: dmarc.result, properties: { 'policy.dmarc': policy, 'header.from': dmarc.domain } });
  if (arc.result !== 'none') results.push({ method: 'arc', result: arc.result });
  return authenticationResultsHeader(authservId, results);
}

function signatureResult(check: DkimCheck): MethodResult {
  return {
    method: 'dkim',
    result: check.result,
    reason: check.result === 'pass' || check.reason === '' ? undefined : check.reason,
    properties: { 'header.d': check.domain, 'header.s': check.selector, 'header.a': check.algorithm, 'header.b': check.signature },
  };
}

/** Authentication-Results fields that claim to be ours. */
export function forgedResults(header: HeaderBlock, authservId: string): HeaderField[] {
  return fieldsNamed(header, 'authentication-results').filter((field) => {
    // The reader takes latin1, as header blocks are read everywhere.
    return claimsToBe(header.bytes.toString('latin1', field.valueStart, field.end), authservId);
  });
}
