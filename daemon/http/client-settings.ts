/** What mail programs of one address are told, as the API answers it. */

import type { ClientConfigInput } from '../clientconfig/endpoints.ts';
import { settingsFor, settingsText } from '../clientconfig/settings.ts';
import type { HttpContext } from './context.ts';
import type { ClientSettings } from './contract/api.ts';

const HTTPS_PORT = 443;

/** The input of clientconfig/ for a hosted domain. */
export function clientConfigInput(context: HttpContext, domain: string): ClientConfigInput {
  const { facts, admin } = context;
  return { domain, hostname: facts.hostname(), brand: admin.directory.setting<string>('server.brand'), portOffset: facts.portOffset };
}

/** `https://host[:port]` of the panel. */
export function panelOrigin(context: HttpContext, host: string = context.facts.hostname()): string {
  const port = HTTPS_PORT + context.facts.portOffset;
  return `https://${host}${port === HTTPS_PORT ? '' : `:${port}`}`;
}

export function clientSettings(context: HttpContext, address: string): ClientSettings {
  const input = clientConfigInput(context, address.slice(address.lastIndexOf('@') + 1));
  return {
    address,
    servers: settingsFor(address, input).map((row) => ({
      protocol: row.protocol,
      host: row.hostname,
      port: row.port,
      security: row.security === 'STARTTLS' ? 'STARTTLS' : 'TLS',
      user: row.username,
    })),
    mobileconfigUrl: `${panelOrigin(context)}/mobileconfig?address=${encodeURIComponent(address)}`,
    text: settingsText(address, input),
  };
}
