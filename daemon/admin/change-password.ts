/** A new password for a mailbox: by who manages it, or by its user with the present one. Ends every session opened with the old one. */
import { passwordPhcOf, replaceCredential } from '../directory/records/accounts.ts';
import { Invalid, Rejected } from '../lib/errors.ts';
import { type AccountId, brand } from '../wire/ids.ts';
import { ownedOrOwnAccount } from './account-view.ts';
import { type Actor, isSelf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { choosePassword, makeCredential } from './new-credential.ts';
import { readSecret } from './read-arguments.ts';
import { endSessionsOf } from './web-sessions.ts';

export interface ChangePasswordArguments {
  readonly account: string;
  /** Made and answered once when absent. */
  readonly password?: string;
  /** The present password; mailbox users must give it. */
  readonly current?: string;
  /** The panel session that stays. */
  readonly keepSession?: string;
}

/** Answers the password that we made, null when it was given. */
export async function changePassword(
  context: AdminContext,
  actor: Actor,
  args: ChangePasswordArguments,
): Promise<{ readonly password: string | null }> {
  const account = ownedOrOwnAccount(context.control.db, actor, args.account);
  if (isSelf(actor, account.id))
    await context.throttle.inTurn(actor.remoteAddress, () =>
      requirePresentPassword(context, { id: account.id, address: account.address, given: args.current, source: actor.remoteAddress }),
    );
  const chosen = choosePassword(args, account.address);
  const secret = await makeCredential(context, chosen.password);
  commitChange(context, actor, (tx) => {
    const row = ownedOrOwnAccount(tx.db, actor, args.account);
    replaceCredential(tx.db, row.id, secret);
    endSessionsOf(tx, { kind: 'account', id: row.id }, args.keepSession);
    tx.note({ action: 'account.password', object: row.address, customer: row.customerId });
    tx.tell('mailboxes', 'changed', { id: row.id, name: row.address, customer: row.customerId });
    tx.publish({ kind: 'revoked', account: brand<AccountId>(row.id) });
  });
  return { password: chosen.made ? chosen.password : null };
}

async function requirePresentPassword(
  context: AdminContext,
  asked: { id: number; address: string; given: unknown; source: string },
): Promise<void> {
  const waitS = await context.throttle.ask(asked.source, asked.address);
  if (waitS > 0) throw new Rejected(`Too many tries. Come back in ${waitS} seconds`);
  const phc = passwordPhcOf(context.control.db, asked.id);
  if (phc !== undefined && (await context.passwords.verify(readSecret('current', asked.given), phc))) return;
  context.throttle.failed(asked.source, asked.address);
  throw new Invalid('current', 'This is not the present password');
}
