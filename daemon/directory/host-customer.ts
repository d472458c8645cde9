/**
 * The host's own customer, there from the first start: what the host adds without naming a customer belongs to it, before the
 * first set-up as well as after it. The set-up gives it the server's name.
 */
import type { Connection } from '../database/connection.ts';

export const UNNAMED_HOST = 'Host';

/** Makes it when it is missing. */
export function ensureHostCustomer(connection: Connection, nowMs: number): void {
  const insert = connection.sql.prepare(
    "INSERT INTO customer(kind, name, created_at) SELECT 'host', ?, ? WHERE NOT EXISTS (SELECT 1 FROM customer WHERE kind = 'host')",
  );
  insert.run(UNNAMED_HOST, nowMs);
}
