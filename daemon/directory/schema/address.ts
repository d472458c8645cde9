/**
 * Addresses that are not (only) a mailbox: forwards to one or more targets here or elsewhere, discards, rejects, catch-alls.
 *
 * 1. `local_part` is in look-up form, '' is the domain's catch-all.
 * 2. `keep_copy` counts when an account has the same address: its mailbox gets the mail as well.
 * 3. A target is an address in look-up form, here or anywhere: what it leads to is decided at each delivery.
 */

import { customer } from './customer.ts';
import { domain } from './domain.ts';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from './drizzle.ts';

export const address = sqliteTable(
  'address',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    customerId: integer('customer_id')
      .notNull()
      .references(() => customer.id),
    domainId: integer('domain_id')
      .notNull()
      .references(() => domain.id),
    localPart: text('local_part').notNull(),
    /** The whole address, for lists and search. */
    address: text('address').notNull(),
    kind: text('kind', { enum: ['forward', 'discard', 'reject'] }).notNull(),
    keepCopy: integer('keep_copy', { mode: 'boolean' }).notNull().default(false),
    rejectText: text('reject_text'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('address_local').on(table.domainId, table.localPart),
    index('address_customer').on(table.customerId, table.address),
  ],
);

export const addressTarget = sqliteTable(
  'address_target',
  {
    addressId: integer('address_id')
      .notNull()
      .references(() => address.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    target: text('target').notNull(),
  },
  (table) => [primaryKey({ columns: [table.addressId, table.position] }), index('address_target_target').on(table.target)],
);
