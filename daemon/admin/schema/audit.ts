/** Who changed what, from where; written in the transaction of the change, only ever appended. `detail` is JSON without secrets. */
import { index, integer, sqliteTable, text } from '../../directory/schema/drizzle.ts';

export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    actorKind: text('actor_kind', { enum: ['host', 'reseller', 'customer', 'account', 'system', 'cli', 'visitor'] }).notNull(),
    actorId: integer('actor_id'),
    actorName: text('actor_name').notNull(),
    /** Whose object it was; null for the server's own. */
    customerId: integer('customer_id'),
    remoteAddress: text('remote_address').notNull().default(''),
    action: text('action').notNull(),
    object: text('object').notNull(),
    detail: text('detail').notNull().default('{}'),
  },
  (table) => [index('audit_customer').on(table.customerId, table.id), index('audit_object').on(table.object, table.id)],
);
