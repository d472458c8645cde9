/**
 * The checker of hosted domains as this server needs it: what the machine is to the world comes from its settings at the time
 * of each check. For the daemon and for a command on a stopped one.
 */
import type { AdminContext } from '../admin/admin-context.ts';
import { DomainChecker } from '../admin/domain-checker.ts';
import type { Config } from '../config/config.ts';
import { LISTENERS } from '../config/listeners.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { OwnMachine } from '../domaincheck/inquiry.ts';
import type { ServerFacts } from './server-facts.ts';

export interface CheckerParts {
  readonly admin: AdminContext;
  readonly resolver: Resolver;
  readonly facts: ServerFacts;
  readonly config: Config;
}

export function createDomainChecker({ admin, resolver, facts, config }: CheckerParts): DomainChecker {
  return new DomainChecker({
    admin,
    resolver,
    own: () => ownMachine(config, facts),
    allowPrivate: () => config.trial || config.allowPrivateNextHops || admin.directory.setting<boolean>('mailOut.allowPrivateMx'),
    ...loopbackNameserverPort(config),
  });
}

function ownMachine({ portOffset }: Config, facts: ServerFacts): OwnMachine {
  return {
    hostname: facts.hostname(),
    addresses: facts.publicAddresses(),
    smtpPort: LISTENERS.smtp.port + portOffset,
    ports: {
      imaps: LISTENERS.imaps.port + portOffset,
      pop3s: LISTENERS.pop3s.port + portOffset,
      submissions: LISTENERS.submissions.port + portOffset,
      https: LISTENERS.https.port + portOffset,
    },
  };
}

/** With a resolver on loopback at another port, name servers on loopback are asked there too (trials and laboratories). */
function loopbackNameserverPort(config: Config): { readonly loopbackNameserverPort?: number } {
  const port = /^(?:127\.[\d.]+|\[::1\]):(\d+)$/.exec(config.resolver[0] ?? '')?.[1];
  return port === undefined ? {} : { loopbackNameserverPort: Number(port) };
}
