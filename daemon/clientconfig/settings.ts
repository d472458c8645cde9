/**
 * The settings for people who type them: a table for the panel, and the same as text for a letter or a mail.
 */
import { type ClientConfigInput, type Endpoint, endpointsOf } from './endpoints.ts';

export interface SettingsRow {
  readonly protocol: Endpoint['protocol'];
  /** "Incoming mail (IMAP)" */
  readonly purpose: string;
  readonly hostname: string;
  readonly port: number;
  readonly security: 'SSL/TLS' | 'STARTTLS';
  readonly username: string;
  readonly authentication: string;
  /** The way to take; the others are for programs that cannot. */
  readonly preferred: boolean;
}

const PURPOSE = { imap: 'Incoming mail (IMAP)', pop3: 'Incoming mail (POP3)', smtp: 'Outgoing mail (SMTP)' } as const;

/** Every way to connect for one address, the preferred one of each protocol first. */
export function settingsFor(address: string, input: ClientConfigInput): SettingsRow[] {
  return endpointsOf(input).map(({ protocol, hostname, port, security }) => ({
    protocol,
    purpose: PURPOSE[protocol],
    hostname,
    port,
    security: security === 'SSL' ? 'SSL/TLS' : 'STARTTLS',
    username: address,
    authentication: 'Normal password',
    preferred: security === 'SSL',
  }));
}

/** The preferred settings as plain text, without the password. */
export function settingsText(address: string, input: ClientConfigInput): string {
  const rows = settingsFor(address, input).filter((row) => row.preferred);
  const parts = rows.map(
    (row) => `${row.purpose}\n  Server: ${row.hostname}\n  Port: ${row.port}, ${row.security}\n  User name: ${row.username}`,
  );
  return `Settings for ${address}\n\n${parts.join('\n\n')}\n\nThe password is the one of the mailbox. Choose IMAP unless you want to keep mail on one device only.\n`;
}

/** A link that opens a new mail with the settings in it, to no one yet. */
export function settingsMailto(address: string, input: ClientConfigInput): string {
  const subject = encodeURIComponent(`Mail settings for ${address}`);
  // RFC 6068 §5: line breaks are %0D%0A.
  const body = encodeURIComponent(settingsText(address, input).replace(/\n/g, '\r\n'));
  return `mailto:?subject=${subject}&body=${body}`;
}
