/** All items of a list that the server gives in pages. */
import type { CallAnswer, CallArguments } from '../admin-socket/admin-calls.ts';
import type { ServerConnection } from './server-connection.ts';

const PAGE = 200;

type PagedCall = 'listDomains' | 'listAccounts' | 'listAddresses';
type Item<Name extends PagedCall> = CallAnswer<Name>['items'][number];

export async function allPages<Name extends PagedCall>(
  server: ServerConnection,
  name: Name,
  args: CallArguments<Name>,
): Promise<Item<Name>[]> {
  const items: Item<Name>[] = [];
  let after: string | null = null;
  do {
    const page: { readonly items: readonly Item<Name>[]; readonly next: string | null } = await server.call(name, {
      ...args,
      limit: PAGE,
      after,
    });
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}
