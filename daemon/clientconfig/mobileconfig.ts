/**
 * The configuration profile that iPhone, iPad and Mac install: mail and sending for one address, without its password.
 *
 * Invariants: 1. the same address on the same host gives the same identifiers, so a second installation replaces the first;
 * 2. both directions use implicit TLS.
 *
 * Specifications: Apple's Configuration Profile Reference, payload com.apple.mail.managed; RFC 9562 §5.8 (UUIDv8).
 */
import { createHash } from 'node:crypto';
import { type ClientConfigInput, type ConfigResponse, preferredEndpoint } from './endpoints.ts';
import { escapeXml } from './xml.ts';

export interface MobileconfigInput extends ClientConfigInput {
  readonly address: string;
  /** The person's name as it stands in From. */
  readonly name?: string;
}

type Plist = string | number | boolean | readonly Plist[] | { readonly [key: string]: Plist };

/** The profile for one address. Serve it as a download named `ADDRESS.mobileconfig`. */
export function mobileconfig(input: MobileconfigInput): ConfigResponse {
  const { address, brand, hostname } = input;
  const imap = preferredEndpoint(input, 'imap');
  const smtp = preferredEndpoint(input, 'smtp');
  const identifier = `${hostname.split('.').reverse().join('.')}.${createHash('sha256').update(address.toLowerCase()).digest('hex').slice(0, 16)}`;
  const account: Plist = {
    PayloadType: 'com.apple.mail.managed',
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.mail`,
    PayloadUUID: stableUuid(`mail ${hostname} ${address.toLowerCase()}`),
    PayloadDisplayName: `${brand}: ${address}`,
    EmailAccountType: 'EmailTypeIMAP',
    EmailAccountName: input.name === undefined || input.name === '' ? address : input.name,
    EmailAccountDescription: address,
    EmailAddress: address,
    IncomingMailServerAuthentication: 'EmailAuthPassword',
    IncomingMailServerHostName: imap.hostname,
    IncomingMailServerPortNumber: imap.port,
    IncomingMailServerUseSSL: true,
    IncomingMailServerUsername: address,
    OutgoingMailServerAuthentication: 'EmailAuthPassword',
    OutgoingMailServerHostName: smtp.hostname,
    OutgoingMailServerPortNumber: smtp.port,
    OutgoingMailServerUseSSL: true,
    OutgoingMailServerUsername: address,
    OutgoingPasswordSameAsIncomingPassword: true,
    PreventMove: false,
    PreventAppSheet: false,
  };
  const profile: Plist = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: stableUuid(`profile ${hostname} ${address.toLowerCase()}`),
    PayloadDisplayName: `${brand}: ${address}`,
    PayloadDescription: `Sets up ${address} in Mail.`,
    PayloadOrganization: brand,
    PayloadRemovalDisallowed: false,
    PayloadContent: [account],
  };
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${plist(profile, '')}
</plist>
`;
  return { status: 200, contentType: 'application/x-apple-aspen-config; charset=utf-8', body };
}

function plist(value: Plist, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${escapeXml(value)}</string>`;
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>`;
  if (typeof value === 'boolean') return `${indent}<${value}/>`;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `${indent}<array>\n${value.map((each: Plist) => plist(each, inner)).join('\n')}\n${indent}</array>`;
  const entries = Object.entries(value).map(([key, each]) => `${inner}<key>${escapeXml(key)}</key>\n${plist(each, inner)}`);
  return `${indent}<dict>\n${entries.join('\n')}\n${indent}</dict>`;
}

/** A UUID that follows from its text (RFC 9562 §5.8: version 8, variant 10). */
function stableUuid(text: string): string {
  const octets = createHash('sha256').update(`mailstead ${text}`).digest().subarray(0, 16);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x80, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = octets.toString('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
