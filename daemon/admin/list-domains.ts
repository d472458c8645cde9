/** Domains by name, a page at a time, with counts and the state of the last check. */
import { listDomains as listRows } from '../directory/records/domains.ts';
import { type Actor, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type DomainItem, domainItem } from './domain-view.ts';
import { type Page, pageOf, readListRequest } from './read-arguments.ts';

export interface ListArguments {
  readonly q?: string;
  /** 1 to 200; 50 when absent. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string | null;
}

export function listDomains(context: AdminContext, actor: Actor, args: ListArguments): Page<DomainItem> {
  const request = readListRequest(args);
  const found = listRows(context.control.db, scopeOf(actor), request);
  return pageOf(found, request.limit, domainItem, (row) => ({ value: row.name, id: row.id }));
}
