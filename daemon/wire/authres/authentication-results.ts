/**
 * The Authentication-Results field: ours written, forged ones found.
 *
 * 1. Values are tokens where they can be, else quoted strings; nothing a sender chose can end the field.
 * 2. A field is ours to remove when its authserv-id is our name in any case, with or without a version, quotes,
 *    comments or folds around it (RFC 8601 §5); also when its id cannot be read at all.
 * Specifications: RFC 8601 §2.2 (grammar), §2.7 (methods and properties), §5 (removal), RFC 8616 §4 (U-labels).
 */
import { parseDomain } from '../address/domain.ts';
import { foldClauses } from '../smtp/received.ts';

export interface MethodResult {
  /** `spf`, `dkim`, `dmarc`, `arc`, `iprev`, `auth`. */
  readonly method: string;
  /** `pass`, `fail`, `none`, ... */
  readonly result: string;
  readonly reason?: string | undefined;
  /** Shown in parentheses behind the result. */
  readonly comment?: string | undefined;
  /** Such as `smtp.mailfrom` to `example.com`; undefined values are left out. */
  readonly properties?: Readonly<Record<string, string | undefined>>;
}

const VALUE_CHARS_MAX = 320;

/** A complete folded field with CRLF; without results it says `none` (RFC 8601 §2.2). */
export function authenticationResultsHeader(authservId: string, results: readonly MethodResult[]): string {
  if (results.length === 0) return foldClauses('Authentication-Results:', [`${authservId};`, 'none']);
  const clauses = [`${authservId};`];
  results.forEach((result, at) => {
    const words = describe(result);
    if (at < results.length - 1) words[words.length - 1] += ';';
    clauses.push(...words);
  });
  return foldClauses('Authentication-Results:', clauses);
}

/** Whether a field's value names our authserv-id, or none that can be read. */
export function claimsToBe(value: string, authservId: string): boolean {
  const id = readAuthservId(value);
  return id === '' || sameName(id, authservId);
}

function describe({ method, result, reason, comment, properties }: MethodResult): string[] {
  const words = [`${token(method)}=${token(result)}`];
  if (comment) words.push(`(${comment.slice(0, VALUE_CHARS_MAX).replace(/[^ -~]|[()\\]/g, ' ')})`);
  if (reason) words.push(`reason=${quoted(reason)}`);
  for (const [property, value] of Object.entries(properties ?? {})) {
    if (value !== undefined && value !== '') words.push(`${property}=${propertyValue(value)}`);
  }
  return words;
}

function token(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '');
}

/** RFC 8601 §2.2 pvalue: a value or `[local]@domain`; anything else is quoted. */
function propertyValue(value: string): string {
  return value.length <= VALUE_CHARS_MAX && /^[A-Za-z0-9!#$%&'*+._{|}~^`-]*@?[A-Za-z0-9._-]+$/.test(value) ? value : quoted(value);
}

/** A quoted-string; UTF-8 stays (RFC 6532), control characters go. */
function quoted(text: string): string {
  return `"${text
    .slice(0, VALUE_CHARS_MAX)
    .replace(/\p{Cc}/gu, ' ')
    .replace(/["\\]/g, '\\$&')}"`;
}

/** The first token or quoted string, comments and white space skipped; '' when there is none. */
function readAuthservId(value: string): string {
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (depth > 0 && code === 0x5c) at++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && depth > 0) depth--;
    else if (depth === 0 && code === 0x22) return readQuoted(value, at + 1);
    else if (depth === 0 && code > 0x20) return /^[^\s;()"]*/.exec(value.slice(at))?.[0] ?? '';
  }
  return '';
}

function readQuoted(value: string, from: number): string {
  let text = '';
  for (let at = from; at < value.length && value[at] !== '"'; at++) {
    if (value[at] === '\\') at++;
    text += value[at] ?? '';
  }
  return text.replace(/[\r\n]/g, '').trim();
}

function sameName(id: string, authservId: string): boolean {
  // Header values are latin1 here; a U-label spelling of our name is UTF-8.
  const text = Buffer.from(id, 'latin1').toString('utf8');
  return text.toLowerCase() === authservId.toLowerCase() || (parseDomain(text) ?? text) === (parseDomain(authservId) ?? authservId);
}
