import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { UsageRecovery } from '../../daemon/assembly/usage-recovery.ts';
import { dirtyAccounts, markDirty } from '../../daemon/directory/records/usage.ts';
import { createLog } from '../../daemon/lib/log.ts';
import type { AccountId } from '../../daemon/wire/ids.ts';
import { HOST, settledAdministration } from '../admin/administration.ts';

test('a mailbox whose usage could not be read again stays marked through a clean stop', async (t) => {
  const { context } = await settledAdministration(t);
  const { control, directory } = context;
  await addDomain(context, HOST, { domain: 'juniper.example' });
  for (const local of ['a', 'b', 'c'])
    await createAccount(context, HOST, { address: `${local}@juniper.example`, password: 'lantern-orchard' });
  markDirty(control, [1, 3]);
  const recovery = new UsageRecovery(control);
  // Written to by this run: what the stores reported is exact.
  markDirty(control, [2]);
  const usage = async (account: AccountId) => {
    if (account === 3) throw new Error('damaged');
    return { bytes: 700, messages: 2 };
  };
  await recovery.run({ usage }, createLog('silent', {}).log, new AbortController().signal);
  assert.equal(directory.account(1 as AccountId)?.usageBytes, 700);
  recovery.noteCleanStop();
  assert.deepEqual(dirtyAccounts(control), [3]);
});
