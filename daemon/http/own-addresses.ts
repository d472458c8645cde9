/** This machine's public addresses with their names: does the reverse name exist, and does it point back? */
import { isUnroutedAddress } from '../dns/address-kind.ts';
import { isTemporary } from '../dns/answer.ts';
import { normalAddress } from '../dns/names.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Overview } from './contract/api.ts';

type OwnAddress = Overview['addresses'][number];

const ADDRESSES_MAX = 16;
const PATIENCE = { timeoutMs: 2_000 };

export function ownAddressStates(addresses: readonly string[], resolver: Resolver): Promise<OwnAddress[]> {
  return Promise.all(addresses.slice(0, ADDRESSES_MAX).map((address) => stateOf(address, resolver)));
}

async function stateOf(address: string, resolver: Resolver): Promise<OwnAddress> {
  if (isUnroutedAddress(address)) return { address, ptr: null, confirmed: false, state: 'off', word: 'Private address' };
  const names = await resolver.ptr(address, PATIENCE);
  const [ptr] = names.records;
  if (ptr === undefined) {
    const isUnknown = isTemporary(names);
    return { address, ptr: null, confirmed: false, state: isUnknown ? 'off' : 'fail', word: isUnknown ? 'Not known' : 'No name' };
  }
  const [a, aaaa] = await Promise.all([resolver.a(ptr, PATIENCE), resolver.aaaa(ptr, PATIENCE)]);
  const wanted = normalAddress(address) ?? address;
  const confirmed = [...a.records, ...aaaa.records].some((found) => (normalAddress(found) ?? found) === wanted);
  return { address, ptr, confirmed, state: confirmed ? 'ok' : 'warn', word: confirmed ? 'Name points back' : 'Name points elsewhere' };
}
