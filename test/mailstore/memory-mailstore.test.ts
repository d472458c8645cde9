import { mailstoreContract } from '../support/mailstore-contract.ts';
import { MemoryMailstore } from '../support/memory-mailstore.ts';

mailstoreContract('mailstore in memory', async () => ({ store: new MemoryMailstore(), close: async () => undefined }));
