/** Who owns domains. The host's own customer is made by the first set-up and has no parent; `status` holds for all that it owns. */
import { index, integer, sqliteTable, text } from './drizzle.ts';

export const customer = sqliteTable(
  'customer',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    kind: text('kind', { enum: ['host', 'reseller', 'customer'] }).notNull(),
    parentId: integer('parent_id'),
    name: text('name').notNull().unique(),
    status: text('status', { enum: ['active', 'suspended'] })
      .notNull()
      .default('active'),
    suspendedReason: text('suspended_reason'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('customer_parent').on(table.parentId)],
);
