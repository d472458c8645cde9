/**
 * Who logs in to the panel without having a mailbox here, and every log-in that is open.
 *
 * 1. Secrets of sessions, set-up links and tokens are stored as hashes only.
 * 2. A session belongs to a panel user or to an account, never to both.
 */

import { account } from '../../directory/schema/account.ts';
import { customer } from '../../directory/schema/customer.ts';
import { blob, index, integer, sqliteTable, text, uniqueIndex } from '../../directory/schema/drizzle.ts';

export const panelUser = sqliteTable('panel_user', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  email: text('email').notNull().unique(),
  name: text('name').notNull().default(''),
  passwordPhc: text('password_phc').notNull(),
  role: text('role', { enum: ['host', 'reseller', 'customer'] }).notNull(),
  customerId: integer('customer_id')
    .notNull()
    .references(() => customer.id),
  credentialVersion: integer('credential_version').notNull().default(1),
  suspended: integer('suspended', { mode: 'boolean' }).notNull().default(false),
  lastLoginAt: integer('last_login_at'),
  createdAt: integer('created_at').notNull(),
});

export const webSession = sqliteTable(
  'web_session',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    tokenHash: blob('token_hash', { mode: 'buffer' }).notNull(),
    csrf: text('csrf').notNull(),
    panelUserId: integer('panel_user_id').references(() => panelUser.id, { onDelete: 'cascade' }),
    accountId: integer('account_id').references(() => account.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    remoteAddress: text('remote_address').notNull(),
    agent: text('agent').notNull(),
  },
  (table) => [
    uniqueIndex('web_session_token').on(table.tokenHash),
    index('web_session_user').on(table.panelUserId),
    index('web_session_account').on(table.accountId),
    index('web_session_expiry').on(table.expiresAt),
  ],
);

/** One-time links; `purpose` is `setup` for the first one. */
export const setupToken = sqliteTable('setup_token', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  purpose: text('purpose', { enum: ['setup'] }).notNull(),
  hash: blob('hash', { mode: 'buffer' }).notNull().unique(),
  hostname: text('hostname').notNull().default(''),
  email: text('email').notNull().default(''),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
  usedAt: integer('used_at'),
});

export const apiToken = sqliteTable(
  'api_token',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    prefix: text('prefix').notNull().unique(),
    hmac: blob('hmac', { mode: 'buffer' }).notNull(),
    role: text('role', { enum: ['host', 'reseller', 'customer'] }).notNull(),
    customerId: integer('customer_id')
      .notNull()
      .references(() => customer.id),
    label: text('label').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    lastUsedAt: integer('last_used_at'),
  },
  (table) => [index('api_token_customer').on(table.customerId)],
);
