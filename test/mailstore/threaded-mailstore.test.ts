import { mailstoreContract } from '../support/mailstore-contract.ts';
import { openThreadedMailstore } from '../support/mailstore-threads.ts';

mailstoreContract('mailstore in SQLite files, by threads', () => openThreadedMailstore());
