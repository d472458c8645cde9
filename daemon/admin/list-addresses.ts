/** Forwarders by address, a page at a time; the search looks at their targets too. */
import { listAddresses as listRows } from '../directory/records/addresses.ts';
import { type Actor, scopeOf } from './actor.ts';
import { type ForwarderItem, forwarderItem, ownedForwarder, shownForwarder } from './address-view.ts';
import type { AdminContext } from './admin-context.ts';
import { ownedDomain } from './domain-view.ts';
import type { ListArguments } from './list-domains.ts';
import { type Page, pageOf, readListRequest } from './read-arguments.ts';

export interface ListAddressesArguments extends ListArguments {
  readonly domain?: string;
}

export function listAddresses(context: AdminContext, actor: Actor, args: ListAddressesArguments): Page<ForwarderItem> {
  const { db } = context.control;
  const request = readListRequest(args);
  const scope = scopeOf(actor);
  const domain = args.domain === undefined ? null : ownedDomain(db, actor, args.domain).id;
  const found = listRows(db, { scope, domain }, request);
  return pageOf(found, request.limit, forwarderItem, (row) => ({ value: row.address, id: row.id }));
}

export function showAddress(context: AdminContext, actor: Actor, args: { readonly forwarder: string }): ForwarderItem {
  const { db } = context.control;
  return shownForwarder(db, ownedForwarder(db, actor, args.forwarder).id);
}
