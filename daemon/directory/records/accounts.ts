/** The tables `account`, `credential`, `app_password`, `sender_grant` and `removal`: reads and writes for use cases. */
import type { AccountId } from '../../wire/ids.ts';
import type { ControlDatabase } from '../control.ts';
import { and, asc, desc, eq, sql } from '../operators.ts';
import { account, appPassword, credential, removal, senderGrant } from '../schema/account.ts';
import { domain } from '../schema/domain.ts';
import type { ScramVerifiers } from '../scram-verifier.ts';
import { type Scope, withinScope } from './customers.ts';
import { contains, countRows, type ListRequest } from './list-request.ts';

export type AccountRow = typeof account.$inferSelect;
export type AppPasswordRow = typeof appPassword.$inferSelect;

export interface NewCredential extends ScramVerifiers {
  readonly passwordPhc: string;
  readonly changedAt: number;
}

export function accountById(db: ControlDatabase, id: number): AccountRow | undefined {
  return db.select().from(account).where(eq(account.id, id)).get();
}

export function accountByAddress(db: ControlDatabase, address: string): AccountRow | undefined {
  return db.select().from(account).where(eq(account.address, address)).get();
}

export function insertAccount(db: ControlDatabase, row: typeof account.$inferInsert, secret: NewCredential): AccountRow {
  const inserted = db.insert(account).values(row).returning().get();
  db.insert(credential)
    .values({ accountId: inserted.id, ...secret })
    .run();
  return inserted;
}

export function updateAccount(db: ControlDatabase, id: number, change: Partial<Omit<AccountRow, 'id'>>): AccountRow {
  return db.update(account).set(change).where(eq(account.id, id)).returning().get();
}

/** A new password voids everything that was verified before (`credential_version`). */
export function replaceCredential(db: ControlDatabase, id: number, secret: NewCredential): void {
  db.update(credential).set(secret).where(eq(credential.accountId, id)).run();
  voidVerified(db, id);
}

/** Raises the credential version: threads forget what they verified, sessions end. */
export function voidVerified(db: ControlDatabase, id: number): void {
  db.update(account)
    .set({ credentialVersion: sql`${account.credentialVersion} + 1` })
    .where(eq(account.id, id))
    .run();
}

export function passwordPhcOf(db: ControlDatabase, id: number): string | undefined {
  return db.select({ phc: credential.passwordPhc }).from(credential).where(eq(credential.accountId, id)).get()?.phc;
}

/** Removes the row and notes that the mailbox itself is still to be erased. */
export function deleteAccount(db: ControlDatabase, id: number, at: number): void {
  db.delete(account).where(eq(account.id, id)).run();
  db.insert(removal).values({ accountId: id, removedAt: at }).onConflictDoNothing().run();
}

export function pendingRemovals(db: ControlDatabase): AccountId[] {
  return db
    .select({ id: removal.accountId })
    .from(removal)
    .all()
    .map((row) => row.id as AccountId);
}

export function settleRemoval(db: ControlDatabase, id: number): void {
  db.delete(removal).where(eq(removal.accountId, id)).run();
}

export type AccountSort = 'address' | 'usage' | 'created';

export interface AccountListRow extends AccountRow {
  readonly domainName: string;
}

const SORTS = {
  address: { column: account.address, order: asc, past: sql`>` },
  usage: { column: account.usageBytes, order: desc, past: sql`<` },
  created: { column: account.createdAt, order: desc, past: sql`<` },
} as const;

export interface AccountFilter {
  readonly scope: Scope;
  readonly domain: number | null;
  readonly sort: AccountSort;
}

/** One page, and one row more when there is another page. */
export function listAccounts(db: ControlDatabase, filter: AccountFilter, request: ListRequest): { rows: AccountListRow[]; total: number } {
  const { column, order, past } = SORTS[filter.sort];
  const matching = and(
    withinScope(account.customerId, filter.scope),
    filter.domain === null ? undefined : eq(account.domainId, filter.domain),
    contains(request.q, account.address, account.name),
  );
  const { after } = request;
  const rest = after === null ? undefined : sql`(${column}, ${account.id}) ${past} (${after.value}, ${after.id})`;
  const rows = db
    .select({ account, domainName: domain.name })
    .from(account)
    .innerJoin(domain, eq(domain.id, account.domainId))
    .where(and(matching, rest))
    .orderBy(order(column), order(account.id))
    .limit(request.limit + 1)
    .all();
  return { rows: rows.map((row) => ({ ...row.account, domainName: row.domainName })), total: countRows(db, account, matching) };
}

export function insertAppPassword(db: ControlDatabase, row: typeof appPassword.$inferInsert): AppPasswordRow {
  return db.insert(appPassword).values(row).returning().get();
}

export function appPasswordsOf(db: ControlDatabase, id: number): AppPasswordRow[] {
  return db.select().from(appPassword).where(eq(appPassword.accountId, id)).orderBy(asc(appPassword.id)).all();
}

/** False when the account has no such app password. */
export function deleteAppPassword(db: ControlDatabase, owner: number, id: number): boolean {
  const { changes } = db
    .delete(appPassword)
    .where(and(eq(appPassword.id, id), eq(appPassword.accountId, owner)))
    .run();
  return changes > 0;
}

export function grantSender(db: ControlDatabase, owner: number, address: string, at: number): void {
  db.insert(senderGrant).values({ accountId: owner, address, createdAt: at }).onConflictDoNothing().run();
}

export function revokeSender(db: ControlDatabase, owner: number, address: string): boolean {
  return (
    db
      .delete(senderGrant)
      .where(and(eq(senderGrant.accountId, owner), eq(senderGrant.address, address)))
      .run().changes > 0
  );
}

/** A domain has a new owner: what was lent of it to accounts of others ends. */
export function endForeignGrants(db: ControlDatabase, domainName: string, owner: number): void {
  const suffix = `@${domainName}`;
  const others = sql`${senderGrant.accountId} NOT IN (SELECT id FROM account WHERE customer_id = ${owner})`;
  db.delete(senderGrant)
    .where(and(sql`substr(${senderGrant.address}, -length(${suffix})) = ${suffix}`, others))
    .run();
}

export function senderGrantsOf(db: ControlDatabase, owner: number): string[] {
  return db
    .select({ address: senderGrant.address })
    .from(senderGrant)
    .where(eq(senderGrant.accountId, owner))
    .orderBy(senderGrant.address)
    .all()
    .map((row) => row.address);
}
