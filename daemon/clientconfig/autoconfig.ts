/**
 * The configuration file that Thunderbird, K-9, Delta Chat, Nextcloud Mail and FairEmail read:
 * GET /mail/config-v1.1.xml on autoconfig.DOMAIN, and /.well-known/autoconfig/mail/config-v1.1.xml on DOMAIN.
 *
 * Invariant: the file is the same for every address of a domain, so it tells nothing about any.
 *
 * Specifications: draft-ietf-mailmaint-autoconfig.
 */
import { type ClientConfigInput, type ConfigResponse, type Endpoint, endpointsOf } from './endpoints.ts';
import { escapeXml } from './xml.ts';

/** The file for a domain; user names are whole addresses, filled in by the mail program. */
export function autoconfig(input: ClientConfigInput): ConfigResponse {
  const endpoints = endpointsOf(input);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<clientConfig version="1.1">',
    `  <emailProvider id="${escapeXml(input.domain)}">`,
    `    <domain>${escapeXml(input.domain)}</domain>`,
    `    <displayName>${escapeXml(input.brand)}</displayName>`,
    `    <displayShortName>${escapeXml(input.brand)}</displayShortName>`,
    ...endpoints.filter((endpoint) => endpoint.protocol !== 'smtp').flatMap((endpoint) => server('incomingServer', endpoint)),
    ...endpoints.filter((endpoint) => endpoint.protocol === 'smtp').flatMap((endpoint) => server('outgoingServer', endpoint)),
    '  </emailProvider>',
    '</clientConfig>',
  ];
  return { status: 200, contentType: 'application/xml; charset=utf-8', body: `${lines.join('\n')}\n` };
}

function server(element: string, { protocol, hostname, port, security }: Endpoint): string[] {
  return [
    `    <${element} type="${protocol}">`,
    `      <hostname>${escapeXml(hostname)}</hostname>`,
    `      <port>${port}</port>`,
    `      <socketType>${security}</socketType>`,
    '      <username>%EMAILADDRESS%</username>',
    '      <authentication>password-cleartext</authentication>',
    `    </${element}>`,
  ];
}
