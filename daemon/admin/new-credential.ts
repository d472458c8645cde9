/** A password as it is stored: checked by the policy, then hashed for PLAIN and for SCRAM. */
import { makePassword, passwordRefusal } from '../directory/password-policy.ts';
import type { NewCredential } from '../directory/records/accounts.ts';
import { makeScramVerifiers } from '../directory/scram-verifier.ts';
import { Invalid } from '../lib/errors.ts';
import type { AdminContext } from './admin-context.ts';
import { readSecret } from './read-arguments.ts';

export interface PasswordArguments {
  /** Without one a password is made and answered once. */
  readonly password?: string | undefined;
}

/** The password to use, and whether we made it. Throws Invalid{password}. */
export function choosePassword({ password }: PasswordArguments, login: string): { readonly password: string; readonly made: boolean } {
  if (password === undefined || password === null) return { password: makePassword(), made: true };
  const given = readSecret('password', password);
  const refusal = passwordRefusal(given, login);
  if (refusal !== undefined) throw new Invalid('password', refusal);
  return { password: given, made: false };
}

export async function makeCredential(context: AdminContext, password: string): Promise<NewCredential> {
  const [passwordPhc, scram] = await Promise.all([context.passwords.hash(password), makeScramVerifiers(password)]);
  return { passwordPhc, ...scram, changedAt: context.now() };
}
