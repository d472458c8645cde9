/**
 * The cookie that carries a panel session's token.
 * Specifications: RFC 6265 §4.1 (Set-Cookie), and the `__Host-` prefix of its successor: Secure, Path=/, no Domain.
 */
const NAME = '__Host-mailstead';
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const COOKIES_MAX = 8_192;

export function sessionCookie(token: string, maxAgeS: number): string {
  return `${NAME}=${token}; ${ATTRIBUTES}; Max-Age=${maxAgeS}`;
}

export function endedSessionCookie(): string {
  return `${NAME}=; ${ATTRIBUTES}; Max-Age=0`;
}

/** The token in a Cookie header. */
export function sessionToken(header: string | undefined): string | undefined {
  if (header === undefined || header.length > COOKIES_MAX) return undefined;
  for (const pair of header.split(';')) {
    const cut = pair.indexOf('=');
    if (cut > 0 && pair.slice(0, cut).trim() === NAME) return pair.slice(cut + 1).trim() || undefined;
  }
  return undefined;
}
