/**
 * Where a mail program of a hosted domain connects to: one table that all formats are written from.
 *
 * Invariants: 1. every way is encrypted, implicit TLS before STARTTLS (RFC 8314 §3); a way without encryption is never
 * named, and some programs refuse a whole file that names one; 2. nothing here depends on whether an address exists.
 */

export interface ClientConfigInput {
  /** The hosted domain, A-labels. */
  readonly domain: string;
  /** The name under which mail programs reach this machine, and for which it has a certificate. */
  readonly hostname: string;
  /** Who offers the service: shown as the account's provider. */
  readonly brand: string;
  /** Added to every port: the trial listens 10000 higher. */
  readonly portOffset?: number;
}

/** What an HTTP route sends. */
export interface ConfigResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Endpoint {
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly hostname: string;
  readonly port: number;
  readonly security: 'SSL' | 'STARTTLS';
}

const IMPLICIT_TLS = { imap: 993, pop3: 995, smtp: 465 } as const;
const PORTS: readonly (readonly [Endpoint['protocol'], number, Endpoint['security']])[] = [
  ['imap', IMPLICIT_TLS.imap, 'SSL'],
  ['imap', 143, 'STARTTLS'],
  ['pop3', IMPLICIT_TLS.pop3, 'SSL'],
  ['pop3', 110, 'STARTTLS'],
  ['smtp', IMPLICIT_TLS.smtp, 'SSL'],
  ['smtp', 587, 'STARTTLS'],
];

/** All ways in order of preference within each protocol. */
export function endpointsOf(input: ClientConfigInput): Endpoint[] {
  const offset = input.portOffset ?? 0;
  return PORTS.map(([protocol, port, security]) => ({ protocol, hostname: input.hostname, port: port + offset, security }));
}

/** The best way of a protocol: implicit TLS. */
export function preferredEndpoint(input: ClientConfigInput, protocol: Endpoint['protocol']): Endpoint {
  return { protocol, hostname: input.hostname, port: IMPLICIT_TLS[protocol] + (input.portOffset ?? 0), security: 'SSL' };
}
