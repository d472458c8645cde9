/**
 * Hosted domains and their DKIM keys.
 *
 * 1. `state` rules what the domain may do; `proven_at` stays when a proven domain is suspended, so that unsuspending restores it exactly.
 * 2. `public_key` is the base64 of the record's `p=`: SPKI for RSA, the bare 32 octets for Ed25519 (RFC 8463 §4).
 */

import { customer } from './customer.ts';
import { index, integer, sqliteTable, text, uniqueIndex } from './drizzle.ts';

export const domain = sqliteTable(
  'domain',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    customerId: integer('customer_id')
      .notNull()
      .references(() => customer.id),
    name: text('name').notNull().unique(),
    state: text('state', { enum: ['unproven', 'proven', 'suspended'] }).notNull(),
    proofToken: text('proof_token').notNull(),
    provenAt: integer('proven_at'),
    suspendedReason: text('suspended_reason'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('domain_customer').on(table.customerId, table.name)],
);

export const dkimKey = sqliteTable(
  'dkim_key',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    domainId: integer('domain_id')
      .notNull()
      .references(() => domain.id, { onDelete: 'cascade' }),
    selector: text('selector').notNull(),
    algorithm: text('algorithm', { enum: ['rsa-sha256', 'ed25519-sha256'] }).notNull(),
    privateKeyPem: text('private_key_pem').notNull(),
    publicKey: text('public_key').notNull(),
    active: integer('active', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [uniqueIndex('dkim_key_selector').on(table.domainId, table.selector)],
);
