/**
 * What main hands to every thread that speaks TLS: PEMs with the names they serve, ticket keys, and a version.
 * Plain data, so that it crosses thread borders as it is.
 */
export interface CertificateEntry {
  /** Lower-case A-labels; `*.example.com` serves one label below. */
  readonly names: readonly string[];
  readonly keyPem: string;
  /** Leaf first, then intermediates. */
  readonly chainPem: string;
}

export interface CertificateSet {
  readonly version: number;
  /** The first entry answers names that no entry serves, and clients without SNI. */
  readonly entries: readonly CertificateEntry[];
  /** 48 octets, shared by all threads so that sessions resume on any of them; renewed daily. */
  readonly ticketKeys: Uint8Array;
}
