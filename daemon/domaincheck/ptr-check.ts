/**
 * Do our addresses have a name that points back? One finding an address; the domain's owner cannot change it, the host can.
 *
 * Specifications: RFC 1912 §2.1 (every address has a name, and the name that address).
 */
import { isUnroutedAddress } from '../dns/address-kind.ts';
import { isTemporary } from '../dns/answer.ts';
import { normalAddress, reverseName } from '../dns/names.ts';
import { type Inquiry, serversOf } from './inquiry.ts';
import { type Finding, listText, statusText } from './report.ts';

const MAX_NAMES = 5;

/** Checks each public address of this machine; where there is none, the private ones, as hints only. */
export async function checkPtr(inquiry: Inquiry): Promise<Finding[]> {
  const routed = inquiry.own.addresses.filter((address) => !isUnroutedAddress(address));
  const addresses = routed.length > 0 ? routed : inquiry.allowPrivate ? inquiry.own.addresses : [];
  if (addresses.length === 0) {
    return [
      {
        id: 'ptr',
        subject: '',
        level: 'unknown',
        title: 'This server does not know its public address',
        found: listText(inquiry.own.addresses) || 'no address',
        expected: 'At least one public address',
        fix: null,
        why: 'Whether its address has a name that points back can be checked once the host has set the public addresses.',
        asked: [],
      },
    ];
  }
  return Promise.all([...new Set(addresses)].map((address) => checkAddress(normalAddress(address) ?? address, inquiry)));
}

async function checkAddress(address: string, inquiry: Inquiry): Promise<Finding> {
  const answer = await inquiry.ptr(address);
  const names = answer.records.slice(0, MAX_NAMES);
  const confirmed = await Promise.all(names.map(async (name) => (await inquiry.addressesOf(name)).addresses.includes(address)));
  const good = names.filter((_, i) => confirmed[i]);
  const common = {
    id: 'ptr' as const,
    subject: address,
    found: answer.status === 'ok' ? listText(names) : statusText(answer),
    expected: inquiry.hostname,
    asked: serversOf(answer),
  };
  const fix = { name: `${reverseName(address) ?? address}`, type: 'PTR', value: `${inquiry.hostname}.`, ttl: 3600 };
  // Nobody outside looks up the name of a private address.
  const serious = isUnroutedAddress(address) ? 'hint' : 'warn';
  if (isTemporary(answer))
    return { ...common, level: 'unknown', title: `The name of ${address} could not be found out`, fix: null, why: WHY };
  if (good.includes(inquiry.hostname))
    return { ...common, level: 'ok', title: `${address} is named ${inquiry.hostname}, and back`, fix: null, why: WHY };
  if (good.length > 0) {
    return {
      ...common,
      level: 'hint',
      title: `${address} has the name ${good[0]}`,
      fix,
      why: `This server calls itself ${inquiry.hostname}; most receivers are content with any name that points back, a few compare.`,
    };
  }
  if (names.length > 0)
    return {
      ...common,
      level: serious,
      title: `Let ${names[0]} point back to ${address}`,
      fix,
      why: `The address has a name, but the name does not lead to the address. ${WHY}`,
    };
  return {
    ...common,
    level: serious,
    title: `Give ${address} the name ${inquiry.hostname}`,
    fix,
    why: `${WHY} The record is set where the address was rented.`,
  };
}

const WHY = 'Many receivers refuse mail from addresses without a name of their own.';
