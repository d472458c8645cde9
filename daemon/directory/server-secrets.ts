/**
 * Random keys of this installation, made when control.db is made and kept for good.
 *
 * - `credentials`: HMAC of app passwords and API tokens. Losing it voids them all.
 * - `srs`: signs rewritten envelope senders.
 * - `unknown-user`: gives logins that do not exist a SCRAM salt that stays the same.
 */
import { randomBytes } from 'node:crypto';
import type { Connection } from '../database/connection.ts';

const NAMES = ['credentials', 'srs', 'unknown-user'] as const;
export type ServerSecret = (typeof NAMES)[number];

/** Makes those that are missing. */
export function ensureServerSecrets(connection: Connection): void {
  const present = connection.sql.prepare('SELECT count(*) FROM secret').pluck().get() as number;
  if (present >= NAMES.length) return;
  const insert = connection.sql.prepare('INSERT OR IGNORE INTO secret(name, value) VALUES(?, ?)');
  for (const name of NAMES) insert.run(name, randomBytes(32));
}

/** Reads one from control.db, writable or read-only. */
export function serverSecret(connection: Connection, name: ServerSecret): Buffer {
  const value = connection.sql.prepare<[string], Buffer>('SELECT value FROM secret WHERE name = ?').pluck().get(name);
  if (value === undefined) throw new Error(`control.db holds no secret ${name}`);
  return value;
}
