/**
 * A reader thread's look into the intakes of the store threads: does something wait for an account?
 */
import { existsSync } from 'node:fs';
import type { Connection } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import type { AccountId } from '../wire/ids.ts';
import { intakePath } from './intake.ts';

export class IntakeReader {
  readonly #directory: string;
  readonly #threads: number;
  readonly #connections = new Map<number, Connection>();

  constructor(directory: string, threads: number) {
    this.#directory = directory;
    this.#threads = threads;
  }

  /** True when a message is in the intake that was not filed, or was filed a moment ago. */
  has(account: AccountId): boolean {
    const connection = this.#connection(account % this.#threads);
    return connection?.statement('SELECT 1 FROM waiting WHERE account=? LIMIT 1').get(account) !== undefined;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #connection(index: number): Connection | undefined {
    let connection = this.#connections.get(index);
    if (connection === undefined) {
      const path = intakePath(this.#directory, index);
      if (!existsSync(path)) return undefined;
      connection = openConnection(path, { queryOnly: true, cacheKiB: 512 });
      if (connection.sql.prepare("SELECT 1 FROM sqlite_schema WHERE name='waiting'").get() === undefined) {
        // Its store thread is only just starting: nothing waits.
        connection.close();
        return undefined;
      }
      this.#connections.set(index, connection);
    }
    return connection;
  }
}
