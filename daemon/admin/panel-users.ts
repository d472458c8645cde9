/** Passwords of people who manage things here and need not have a mailbox: the host, resellers, customers. */
import { eq, sql } from '../directory/operators.ts';
import { passwordRefusal } from '../directory/password-policy.ts';
import { Invalid, NotFound, Rejected } from '../lib/errors.ts';
import { type Actor, isHost, mayManage } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { choosePassword } from './new-credential.ts';
import { type PanelUserRow, panelUserByEmail, panelUserById } from './panel-user-rows.ts';
import { readAddress, readSecret } from './read-arguments.ts';
import { panelUser } from './schema/panel-user.ts';
import { endSessionsOf } from './web-sessions.ts';

export interface ChangeOwnPasswordArguments {
  readonly current: string;
  readonly next: string;
  /** The panel session that stays open. */
  readonly keepSession?: string;
}

/** A panel user's own password, with the present one. Mailbox users change theirs by `changePassword`. */
export async function changeOwnPassword(
  context: AdminContext,
  actor: Actor,
  args: ChangeOwnPasswordArguments,
): Promise<Record<string, never>> {
  const user = actor.id === null || actor.kind === 'account' ? undefined : panelUserById(context.control.db, actor.id);
  if (user === undefined) throw new Rejected('Only someone who logs in with a password can change it');
  await context.throttle.inTurn(actor.remoteAddress, () => requirePresentPassword(context, user, { actor, given: args.current }));
  const next = readSecret('next', args.next);
  const refusal = passwordRefusal(next, user.email);
  if (refusal !== undefined) throw new Invalid('next', refusal);
  await storePassword(context, actor, { user, password: next, keepSession: args.keepSession });
  return {};
}

async function requirePresentPassword(
  { throttle, passwords }: AdminContext,
  user: PanelUserRow,
  { actor, given }: { readonly actor: Actor; readonly given: unknown },
): Promise<void> {
  const waitS = await throttle.ask(actor.remoteAddress, user.email);
  if (waitS > 0) throw new Rejected(`Too many tries. Come back in ${waitS} seconds`);
  if (await passwords.verify(readSecret('current', given), user.passwordPhc)) return;
  throttle.failed(actor.remoteAddress, user.email);
  throw new Invalid('current', 'This is not the present password');
}

export interface ResetPanelPasswordArguments {
  readonly email: string;
  /** Made and answered once when absent. */
  readonly password?: string;
}

/** For the host (a forgotten password) and for resellers about their customers. */
export async function resetPanelPassword(
  context: AdminContext,
  actor: Actor,
  args: ResetPanelPasswordArguments,
): Promise<{ readonly password: string | null }> {
  const email = readAddress('email', args.email);
  const { db } = context.control;
  const user = panelUserByEmail(db, email);
  if (
    user === undefined ||
    !(isHost(actor) || (actor.kind === 'reseller' && user.role === 'customer' && mayManage(db, actor, user.customerId)))
  ) {
    throw new NotFound(`Nobody logs in to the panel as ${email}`);
  }
  const chosen = choosePassword(args, email);
  await storePassword(context, actor, { user, password: chosen.password, keepSession: undefined });
  return { password: chosen.made ? chosen.password : null };
}

async function storePassword(
  context: AdminContext,
  actor: Actor,
  change: { user: PanelUserRow; password: string; keepSession: string | undefined },
): Promise<void> {
  const { user } = change;
  const passwordPhc = await context.passwords.hash(change.password);
  commitChange(context, actor, (tx) => {
    tx.db
      .update(panelUser)
      .set({ passwordPhc, credentialVersion: sql`${panelUser.credentialVersion} + 1` })
      .where(eq(panelUser.id, user.id))
      .run();
    endSessionsOf(tx, { kind: 'panel-user', id: user.id }, change.keepSession);
    tx.note({ action: 'panel-user.password', object: user.email, customer: user.customerId });
    tx.tell('panel-users', 'changed', { id: user.id, name: user.email, customer: user.customerId });
  });
}
