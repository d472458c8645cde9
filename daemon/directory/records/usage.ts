/**
 * What main writes down for the store and protocol threads: usage, which mailboxes may be behind after a crash, last log-ins.
 * All of it goes through `record`: protocol threads keep what they remember.
 */
import type { AccountId } from '../../wire/ids.ts';
import type { Control } from '../control.ts';

/** Totals as columns: account i uses bytes[i] in messages[i]. */
export interface UsageColumns {
  readonly accounts: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
  readonly messages: ArrayLike<number>;
}

/** Saves totals that the store reported; `full_since` begins and ends with the quota. */
export function saveUsage(control: Control, usage: UsageColumns, nowMs: number): void {
  const save = control.connection.statement(`UPDATE account SET usage_bytes = @bytes, usage_messages = @messages,
    full_since = CASE WHEN quota_bytes IS NULL OR @bytes < quota_bytes THEN NULL ELSE coalesce(full_since, @nowMs) END WHERE id = @account`);
  control.record(() => {
    for (let at = 0; at < usage.accounts.length; at++) {
      save.run({ account: usage.accounts[at], bytes: usage.bytes[at], messages: usage.messages[at], nowMs });
    }
  });
}

/** Rule 3 of the design: noted before the first write after a clean stop. */
export function markDirty(control: Control, accounts: ArrayLike<number>): void {
  const mark = control.connection.statement('UPDATE account SET dirty = 1 WHERE id = ? AND dirty = 0');
  control.record(() => {
    for (let at = 0; at < accounts.length; at++) mark.run(accounts[at]);
  });
}

/** After a clean stop nothing is dirty but `except`: accounts that could not be read again since the last crash. */
export function markAllClean(control: Control, except: readonly number[]): void {
  const mark = control.connection.statement('UPDATE account SET dirty = 1 WHERE id = ?');
  control.record(() => {
    control.connection.statement('UPDATE account SET dirty = 0 WHERE dirty = 1').run();
    for (const account of except) mark.run(account);
  });
}

/** Accounts whose usage has to be read again after a crash. */
export function dirtyAccounts(control: Control): AccountId[] {
  return control.connection
    .statement<{ id: AccountId }>('SELECT id FROM account WHERE dirty = 1')
    .all()
    .map((row) => row.id);
}

/** Log-ins since the last call; app passwords by their id. */
export function saveLogins(control: Control, logins: readonly { account: number; appPassword: number | null; atMs: number }[]): void {
  if (logins.length === 0) return;
  const save = control.connection.statement('UPDATE account SET last_login_at = max(coalesce(last_login_at, 0), ?) WHERE id = ?');
  const saveUse = control.connection.statement('UPDATE app_password SET last_used_at = ? WHERE id = ?');
  control.record(() => {
    for (const login of logins) {
      save.run(login.atMs, login.account);
      if (login.appPassword !== null) saveUse.run(login.atMs, login.appPassword);
    }
  });
}
