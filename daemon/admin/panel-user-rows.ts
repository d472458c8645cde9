/** The table `panel_user`: who logs in to the panel without a mailbox. */
import type { ControlDatabase } from '../directory/control.ts';
import { eq } from '../directory/operators.ts';
import { Conflict } from '../lib/errors.ts';
import type { AdminContext } from './admin-context.ts';
import type { ChangeTx } from './commit-change.ts';
import { panelUser } from './schema/panel-user.ts';

export type PanelUserRow = typeof panelUser.$inferSelect;

export function panelUserByEmail(db: ControlDatabase, email: string): PanelUserRow | undefined {
  return db.select().from(panelUser).where(eq(panelUser.email, email)).get();
}

export function panelUserById(db: ControlDatabase, id: number): PanelUserRow | undefined {
  return db.select().from(panelUser).where(eq(panelUser.id, id)).get();
}

/** A mailbox may have the same address: the password tells which of the two is meant (sign-in.ts). */
export function refuseTakenLogin(db: ControlDatabase, email: string): void {
  if (panelUserByEmail(db, email) !== undefined) throw new Conflict(`${email} logs in here already`);
}

/** The first set-up made one. */
export function hasHostUser(db: ControlDatabase): boolean {
  return db.select({ id: panelUser.id }).from(panelUser).where(eq(panelUser.role, 'host')).get() !== undefined;
}

export function insertPanelUser(tx: ChangeTx, row: Pick<PanelUserRow, 'email' | 'passwordPhc' | 'role' | 'customerId'>): PanelUserRow {
  return tx.db
    .insert(panelUser)
    .values({ ...row, createdAt: tx.nowMs })
    .returning()
    .get();
}

export function notePanelLogin(context: AdminContext, id: number): void {
  context.control.record(({ db }) => {
    db.update(panelUser).set({ lastLoginAt: context.now() }).where(eq(panelUser.id, id)).run();
  });
}
