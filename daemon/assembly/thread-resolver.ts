/** The resolver of a thread: the configured servers, or those of the system. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { createResolver, type Resolver } from '../dns/resolver.ts';
import { chooseServers } from '../dns/servers.ts';

export function threadResolver(config: Config): Resolver {
  return createResolver({ servers: chooseServers(config.resolver, () => readFileSync('/etc/resolv.conf', 'utf8')) });
}
