/**
 * Next hops as this server is set up now: domains of ours stay here, IPv6 and private addresses as the settings say.
 */
import { brand, type Domain } from '../../wire/ids.ts';
import { type FindNextHops, nextHopFinder } from '../route.ts';
import type { RunnerContext } from './runner-context.ts';

/** Settings are read with each look-up, so a change applies at once. */
export function outboundRoutes(context: RunnerContext, random: () => number): FindNextHops {
  const { directory, resolver, own, port } = context;
  return async (domain) => {
    if (directory.isLocalDomain(brand<Domain>(domain))) return { kind: 'local' };
    const allowPrivate = context.allowPrivate || directory.setting<boolean>('mailOut.allowPrivateMx');
    const found = await nextHopFinder(resolver, own, { port, allowPrivate, random })(domain);
    if (found.kind !== 'hops' || directory.setting<boolean>('mailOut.ipv6')) return found;
    const hops = found.hops.filter(({ address }) => !address.includes(':'));
    return hops.length > 0
      ? { ...found, hops }
      : { kind: 'temporary', reply: `451 4.4.1 ${domain} is reached over IPv6 only, which is switched off here` };
  };
}
