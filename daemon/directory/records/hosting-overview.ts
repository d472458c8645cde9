/** Numbers and trouble over `domain`, `account` and `address` within a scope. */
import type { ControlDatabase } from '../control.ts';
import { and, desc, eq, sql } from '../operators.ts';
import { account } from '../schema/account.ts';
import { address } from '../schema/address.ts';
import { domain } from '../schema/domain.ts';
import { type Scope, withinScope } from './customers.ts';
import { countRows } from './list-request.ts';

export interface HostingCounts {
  readonly domains: number;
  readonly mailboxes: number;
  readonly forwarders: number;
  readonly usageBytes: number;
}

export interface FullAccount {
  readonly id: string;
  readonly address: string;
  readonly usageBytes: number;
  readonly quotaBytes: number;
}

export function hostingCounts(db: ControlDatabase, scope: Scope): HostingCounts {
  const mailboxes = db
    .select({ count: sql<number>`count(*)`, usageBytes: sql<number>`coalesce(sum(${account.usageBytes}), 0)` })
    .from(account)
    .where(withinScope(account.customerId, scope))
    .get();
  return {
    domains: countRows(db, domain, withinScope(domain.customerId, scope)),
    mailboxes: mailboxes?.count ?? 0,
    forwarders: countRows(db, address, withinScope(address.customerId, scope)),
    usageBytes: mailboxes?.usageBytes ?? 0,
  };
}

/** Names of domains that nobody has proven yet, the newest first. */
export function unprovenDomains(db: ControlDatabase, scope: Scope, limit: number): string[] {
  return db
    .select({ name: domain.name })
    .from(domain)
    .where(and(eq(domain.state, 'unproven'), withinScope(domain.customerId, scope)))
    .orderBy(desc(domain.id))
    .limit(limit)
    .all()
    .map((row) => row.name);
}

/** Accounts that use at least `percent` of their quota, the fullest first. */
export function fullAccounts(db: ControlDatabase, scope: Scope, { percent, limit }: { percent: number; limit: number }): FullAccount[] {
  const isFull = sql`${account.quotaBytes} IS NOT NULL AND ${account.usageBytes} * 100 >= ${account.quotaBytes} * ${percent}`;
  return db
    .select({
      id: sql<string>`CAST(${account.id} AS TEXT)`,
      address: account.address,
      usageBytes: account.usageBytes,
      quotaBytes: sql<number>`${account.quotaBytes}`,
    })
    .from(account)
    .where(and(isFull, withinScope(account.customerId, scope)))
    .orderBy(desc(sql`CAST(${account.usageBytes} AS REAL) / ${account.quotaBytes}`))
    .limit(limit)
    .all();
}
