/**
 * Stops a mailbox's log-in, incoming or outgoing mail, each apart, with a reason that its user sees; and gives them back.
 * Stopping log-in ends open sessions at once.
 */
import { voidVerified } from '../directory/records/accounts.ts';
import { Invalid } from '../lib/errors.ts';
import { type AccountId, brand } from '../wire/ids.ts';
import { type MailboxItem, ownedAccount } from './account-view.ts';
import { type Actor, requireManager } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { applied } from './change-account.ts';
import { commitChange } from './commit-change.ts';
import { readFlag, readText } from './read-arguments.ts';

export interface SuspendAccountArguments {
  readonly account: string;
  /** Which to stop; none named = all three. */
  readonly login?: boolean;
  readonly in?: boolean;
  readonly out?: boolean;
  readonly reason?: string;
}

export function suspendAccount(context: AdminContext, actor: Actor, args: SuspendAccountArguments): MailboxItem {
  const named = { login: readFlag('login', args.login), in: readFlag('in', args.in), out: readFlag('out', args.out) };
  const isAll = !named.login && !named.in && !named.out;
  return setSuspension(context, actor, {
    account: args.account,
    login: isAll || named.login ? true : undefined,
    in: isAll || named.in ? true : undefined,
    out: isAll || named.out ? true : undefined,
    reason: readText('reason', args.reason, { max: 500, optional: true }),
  });
}

/** Gives back all three. */
export function unsuspendAccount(context: AdminContext, actor: Actor, args: { readonly account: string }): MailboxItem {
  return setSuspension(context, actor, { account: args.account, login: false, in: false, out: false, reason: '' });
}

export interface SetSuspensionArguments {
  readonly account: string;
  /** True stops, false gives back, absent leaves as it is. */
  readonly login?: boolean | undefined;
  readonly in?: boolean | undefined;
  readonly out?: boolean | undefined;
  readonly reason?: string | null | undefined;
}

/** Each of the three set apart, as the panel's switches do. */
export function setSuspension(context: AdminContext, actor: Actor, args: SetSuspensionArguments): MailboxItem {
  requireManager(actor);
  for (const field of ['login', 'in', 'out'] as const) {
    if (args[field] !== undefined && typeof args[field] !== 'boolean') throw new Invalid(field, `${field} is true or false`);
  }
  return commitChange(context, actor, (tx) => {
    const before = ownedAccount(tx.db, actor, args.account);
    const change = {
      suspendedLogin: args.login ?? before.suspendedLogin,
      suspendedIn: args.in ?? before.suspendedIn,
      suspendedOut: args.out ?? before.suspendedOut,
    };
    const isAny = change.suspendedLogin || change.suspendedIn || change.suspendedOut;
    const reason =
      args.reason === undefined ? (before.suspendedReason ?? '') : readText('reason', args.reason, { max: 500, optional: true });
    if (change.suspendedLogin && !before.suspendedLogin) {
      voidVerified(tx.db, before.id);
      tx.publish({ kind: 'revoked', account: brand<AccountId>(before.id) });
    }
    const suspendedReason = isAny && reason !== '' ? reason : null;
    return applied(tx, before, {
      change: { ...change, suspendedReason },
      action: isAny ? 'account.suspend' : 'account.unsuspend',
      detail: { ...change, reason: suspendedReason },
    });
  });
}
