/** A forwarder as the panel, the API and the command line show it, how one is named, and what a request for one must be. */
import type { ControlDatabase } from '../directory/control.ts';
import { type AddressRow, addressById, addressOf, targetsOf } from '../directory/records/addresses.ts';
import { domainByName } from '../directory/records/domains.ts';
import { Invalid, NotFound } from '../lib/errors.ts';
import { domainOf, localPartOf } from '../wire/address/mailbox.ts';
import { type Address, brand, type Domain } from '../wire/ids.ts';
import { type Actor, mayManage } from './actor.ts';
import { isoTime, readAddress, readDomain, readFlag, readText } from './read-arguments.ts';

const TARGETS_MAX = 100;

export type ForwarderKind = 'forward' | 'discard' | 'reject';

export interface ForwarderItem {
  readonly id: string;
  /** `@domain` for the catch-all. */
  readonly address: string;
  readonly domain: string;
  readonly kind: ForwarderKind;
  readonly targets: readonly string[];
  readonly keepCopy: boolean;
  readonly rejectText: string | null;
  readonly createdAt: string;
}

export function forwarderItem(row: AddressRow & { readonly targets: readonly string[] }): ForwarderItem {
  return {
    id: String(row.id),
    address: row.address,
    domain: row.address.slice(row.address.lastIndexOf('@') + 1),
    kind: row.kind,
    targets: [...row.targets],
    keepCopy: row.keepCopy,
    rejectText: row.rejectText,
    createdAt: isoTime(row.createdAt),
  };
}

/** What a forwarder does, as a request gives it. */
export interface ForwarderArguments {
  /** `forward` when absent. */
  readonly kind?: ForwarderKind;
  readonly targets?: readonly string[];
  readonly keepCopy?: boolean;
  readonly rejectText?: string | null;
}

export interface CheckedForwarder {
  readonly kind: ForwarderKind;
  readonly targets: readonly Address[];
  readonly keepCopy: boolean;
  readonly rejectText: string | null;
}

export function readForwarder(args: ForwarderArguments): CheckedForwarder {
  const kind = args.kind ?? 'forward';
  if (kind !== 'forward' && kind !== 'discard' && kind !== 'reject') throw new Invalid('kind', 'A forwarder forwards, discards or rejects');
  if (kind === 'discard') return { kind, targets: [], keepCopy: false, rejectText: null };
  if (kind === 'reject') {
    const text = readText('rejectText', args.rejectText, { max: 200, optional: true });
    // RFC 5321 §4.2: reply texts are ASCII unless the client knows SMTPUTF8, which is not known at RCPT for all.
    if (!/^[\x20-\x7e]*$/.test(text)) throw new Invalid('rejectText', 'The text goes to other servers and may hold plain ASCII only');
    return { kind, targets: [], keepCopy: false, rejectText: text === '' ? 'This address takes no mail' : text };
  }
  const given = args.targets;
  if (!Array.isArray(given) || given.length === 0) throw new Invalid('targets', 'Name at least one address to forward to');
  if (given.length > TARGETS_MAX) throw new Invalid('targets', `A forwarder leads to ${TARGETS_MAX} addresses at most`);
  return {
    kind,
    targets: [...new Set(given.map((target) => readAddress('targets', target)))],
    keepCopy: readFlag('keepCopy', args.keepCopy),
    rejectText: null,
  };
}

/** `local@domain` or `@domain`, in look-up form. */
export function readForwarderAddress(given: unknown): { readonly domain: Domain; readonly localPart: string; readonly address: string } {
  if (typeof given === 'string' && given.trim().startsWith('@')) {
    const domain = readDomain('address', given.trim().slice(1));
    return { domain, localPart: '', address: `@${domain}` };
  }
  const address = readAddress('address', given);
  const domain = domainOf(address);
  if (domain === undefined) throw new Invalid('address', 'An address at an IP address cannot be hosted');
  return { domain, localPart: localPartOf(address), address };
}

/** The forwarder that `given` names by id or address, if the actor manages it; NotFound otherwise. */
export function ownedForwarder(db: ControlDatabase, actor: Actor, given: unknown): AddressRow {
  const isId = typeof given === 'string' && /^\d{1,15}$/.test(given);
  const row = isId ? addressById(db, Number(given)) : byAddress(db, given);
  if (row === undefined || !mayManage(db, actor, row.customerId))
    throw new NotFound(isId ? 'There is no such forwarder' : `There is no forwarder ${String(given)}`);
  return row;
}

export function shownForwarder(db: ControlDatabase, id: number): ForwarderItem {
  const row = addressById(db, id);
  if (row === undefined) throw new NotFound('There is no such forwarder');
  return forwarderItem({ ...row, targets: targetsOf(db, id) });
}

function byAddress(db: ControlDatabase, given: unknown): AddressRow | undefined {
  const { domain, localPart } = readForwarderAddress(given);
  const hosted = domainByName(db, brand<Domain>(domain));
  return hosted === undefined ? undefined : addressOf(db, hosted.id, localPart);
}
