/** Mailboxes, a page at a time. Usage is the copy in control.db: no mailbox is opened for a list. */
import { type AccountSort, listAccounts as listRows } from '../directory/records/accounts.ts';
import { Invalid } from '../lib/errors.ts';
import { type MailboxItem, mailboxItem } from './account-view.ts';
import { type Actor, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { ownedDomain } from './domain-view.ts';
import type { ListArguments } from './list-domains.ts';
import { type Page, pageOf, readListRequest } from './read-arguments.ts';

export interface ListAccountsArguments extends ListArguments {
  readonly domain?: string;
  /** `address` (default), `usage` or `created`, the largest and newest first. */
  readonly sort?: AccountSort;
}

const SORT_VALUES = { address: 'address', usage: 'usageBytes', created: 'createdAt' } as const;

export function listAccounts(context: AdminContext, actor: Actor, args: ListAccountsArguments): Page<MailboxItem> {
  const { db } = context.control;
  const request = readListRequest(args);
  const sort = args.sort ?? 'address';
  if (!Object.hasOwn(SORT_VALUES, sort)) throw new Invalid('sort', 'Sort by address, usage or created');
  const scope = scopeOf(actor);
  const domain = args.domain === undefined ? null : ownedDomain(db, actor, args.domain).id;
  const found = listRows(db, { scope, domain, sort }, request);
  return pageOf(found, request.limit, mailboxItem, (row) => ({ value: row[SORT_VALUES[sort]], id: row.id }));
}
