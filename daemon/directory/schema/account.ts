/**
 * Accounts and what opens them.
 *
 * 1. An id is never used again: it names the account's file. `address` is in look-up form (lower case, NFC).
 * 2. `credential_version` grows with every change of a credential or of log-in suspension; what was verified under an older one is void.
 * 3. Usage is a copy of what the account's own file says, for lists; `dirty` means that it may be behind after a crash.
 * 4. `removal` holds accounts whose file is still to be erased, so that a crash between the two leaves nothing behind.
 */

import { customer } from './customer.ts';
import { domain } from './domain.ts';
import { blob, index, integer, sqliteTable, text, uniqueIndex } from './drizzle.ts';

export const account = sqliteTable(
  'account',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    customerId: integer('customer_id')
      .notNull()
      .references(() => customer.id),
    domainId: integer('domain_id')
      .notNull()
      .references(() => domain.id),
    address: text('address').notNull().unique(),
    localPart: text('local_part').notNull(),
    name: text('name').notNull().default(''),
    quotaBytes: integer('quota_bytes'),
    suspendedIn: integer('suspended_in', { mode: 'boolean' }).notNull().default(false),
    suspendedOut: integer('suspended_out', { mode: 'boolean' }).notNull().default(false),
    suspendedLogin: integer('suspended_login', { mode: 'boolean' }).notNull().default(false),
    suspendedReason: text('suspended_reason'),
    credentialVersion: integer('credential_version').notNull().default(1),
    usageBytes: integer('usage_bytes').notNull().default(0),
    usageMessages: integer('usage_messages').notNull().default(0),
    dirty: integer('dirty', { mode: 'boolean' }).notNull().default(false),
    fullSince: integer('full_since'),
    lastLoginAt: integer('last_login_at'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('account_domain').on(table.domainId, table.address),
    index('account_customer').on(table.customerId, table.address),
    index('account_usage').on(table.usageBytes, table.id),
    index('account_created').on(table.createdAt, table.id),
  ],
);

/** argon2id as a PHC string, and RFC 5802 §3 StoredKey and ServerKey; one salt and count for both hashes. */
export const credential = sqliteTable('credential', {
  accountId: integer('account_id')
    .primaryKey()
    .references(() => account.id, { onDelete: 'cascade' }),
  passwordPhc: text('password_phc').notNull(),
  scramSalt: blob('scram_salt', { mode: 'buffer' }).notNull(),
  scramIterations: integer('scram_iterations').notNull(),
  sha256StoredKey: blob('sha256_stored_key', { mode: 'buffer' }).notNull(),
  sha256ServerKey: blob('sha256_server_key', { mode: 'buffer' }).notNull(),
  sha1StoredKey: blob('sha1_stored_key', { mode: 'buffer' }).notNull(),
  sha1ServerKey: blob('sha1_server_key', { mode: 'buffer' }).notNull(),
  changedAt: integer('changed_at').notNull(),
});

/** `scopes`: protocols that it opens, separated by spaces. */
export const appPassword = sqliteTable(
  'app_password',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    accountId: integer('account_id')
      .notNull()
      .references(() => account.id, { onDelete: 'cascade' }),
    prefix: text('prefix').notNull(),
    hmac: blob('hmac', { mode: 'buffer' }).notNull(),
    label: text('label').notNull(),
    scopes: text('scopes').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at'),
  },
  (table) => [uniqueIndex('app_password_prefix').on(table.prefix), index('app_password_account').on(table.accountId)],
);

/** Addresses beyond its own that an account may write as: `local@domain`, or `@domain` for all of one. */
export const senderGrant = sqliteTable(
  'sender_grant',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    accountId: integer('account_id')
      .notNull()
      .references(() => account.id, { onDelete: 'cascade' }),
    address: text('address').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [uniqueIndex('sender_grant_address').on(table.accountId, table.address)],
);

export const removal = sqliteTable('removal', {
  accountId: integer('account_id').primaryKey(),
  removedAt: integer('removed_at').notNull(),
});
