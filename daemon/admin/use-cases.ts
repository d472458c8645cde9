/**
 * Every use case by name, for the admin socket and the command line: JSON in, JSON out.
 * The panel's routes import the functions themselves.
 */
import { addAddress } from './add-address.ts';
import { addDomain } from './add-domain.ts';
import { createToken, listTokens, revokeToken } from './api-tokens.ts';
import { createAppPassword, listAppPasswords, revokeAppPassword } from './app-passwords.ts';
import { listAudit } from './audit-log.ts';
import { changeQuota, renameAccount } from './change-account.ts';
import { changePassword } from './change-password.ts';
import { createAccount } from './create-account.ts';
import { createCustomer, listCustomers } from './customers.ts';
import { listDomainChecks } from './domain-checks.ts';
import { editAddress, setOwnForwarder } from './edit-address.ts';
import { listAccounts } from './list-accounts.ts';
import { listAddresses, showAddress } from './list-addresses.ts';
import { listDomains } from './list-domains.ts';
import { changeOwnPassword, resetPanelPassword } from './panel-users.ts';
import { proveDomain } from './prove-domain.ts';
import { removeAccount } from './remove-account.ts';
import { removeAddress } from './remove-address.ts';
import { removeDomain } from './remove-domain.ts';
import { grantSender, revokeSender } from './sender-grants.ts';
import { changeSettings, listSettings } from './settings.ts';
import { setup } from './setup.ts';
import { checkSetupLink, createSetupLink } from './setup-link.ts';
import { showAccount, showAccountUsage } from './show-account.ts';
import { showDomain } from './show-domain.ts';
import { setSuspension, suspendAccount, unsuspendAccount } from './suspend-account.ts';
import { suspendDomain, unsuspendDomain } from './suspend-domain.ts';
import { testAddress } from './test-address.ts';
import { endSession, listSessions } from './web-sessions.ts';

export const useCases = {
  setup,
  createSetupLink,
  checkSetupLink,
  addDomain,
  listDomains,
  showDomain,
  listDomainChecks,
  proveDomain,
  suspendDomain,
  unsuspendDomain,
  removeDomain,
  createAccount,
  listAccounts,
  showAccount,
  showAccountUsage,
  renameAccount,
  changeQuota,
  changePassword,
  setSuspension,
  suspendAccount,
  unsuspendAccount,
  removeAccount,
  createAppPassword,
  listAppPasswords,
  revokeAppPassword,
  grantSender,
  revokeSender,
  addAddress,
  listAddresses,
  showAddress,
  editAddress,
  setOwnForwarder,
  removeAddress,
  testAddress,
  createCustomer,
  listCustomers,
  changeOwnPassword,
  resetPanelPassword,
  listSessions,
  endSession,
  createToken,
  listTokens,
  revokeToken,
  listSettings,
  changeSettings,
  listAudit,
} as const;

export type UseCases = typeof useCases;
export type UseCaseName = keyof UseCases;
export type ArgumentsOf<Name extends UseCaseName> = Parameters<UseCases[Name]>[2];
export type AnswerOf<Name extends UseCaseName> = Awaited<ReturnType<UseCases[Name]>>;

export function isUseCase(name: string): name is UseCaseName {
  return Object.hasOwn(useCases, name);
}
