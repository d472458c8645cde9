/** What use cases work with; built once by main (or by the command line on a stopped daemon). */
import type { Control } from '../directory/control.ts';
import type { Directory } from '../directory/directory.ts';
import type { Authenticator } from '../directory/login.ts';
import type { PasswordHasher } from '../directory/password.ts';
import type { LoginThrottle } from '../limits/login-throttle.ts';
import type { Mailstore } from '../mailstore/mailstore.ts';
import type { Actor } from './actor.ts';
import type { AdminEvents } from './admin-events.ts';

export interface AdminContext {
  readonly control: Control;
  /** Over a read-only connection of its own, `freshMs: 0`: it sees each commit at once. */
  readonly directory: Directory;
  readonly events: AdminEvents;
  readonly passwords: PasswordHasher;
  /** Log-ins of mailbox users to the panel. */
  readonly authenticator: Authenticator;
  readonly throttle: LoginThrottle;
  readonly mailstore: Pick<Mailstore, 'remove' | 'usageByFolder'>;
  /** Unix ms. */
  readonly now: () => number;
}

/** A use case: checks, one transaction with its audit row, events after the commit. Arguments and answer are plain JSON. */
export type UseCase<Args, Answer> = (context: AdminContext, actor: Actor, args: Args) => Answer | Promise<Answer>;
