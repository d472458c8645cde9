/** The process that kill-test kills: it delivers in a loop and says on stdout which deliveries were acknowledged. */
import { writeSync } from 'node:fs';
import { type AccountId, brand } from '../../daemon/wire/ids.ts';
import { messageBytes } from '../support/mailstore-contract.ts';
import { openThreadedMailstore } from '../support/mailstore-threads.ts';

const [directory = '', run = ''] = process.argv.slice(2);
// Few files stay open, so that many deliveries find theirs closed and go through the intake.
const { store } = await openThreadedMailstore({ directory, stores: 2, readers: 1, intake: true, maxOpenFiles: 2 });

const deliverForever = async (lane: number): Promise<never> => {
  for (let i = 0; ; i++) {
    const id = `${run}-${lane}-${i}`;
    // Now and then a body that is written ahead in slices.
    const body = i % 7 === 3 ? 'large\r\n'.repeat(300_000) : 'small\r\n';
    await store.deliver({
      account: brand<AccountId>(1 + ((lane * 5 + i * 7) % 30)),
      folder: { role: 'inbox' },
      deliveryId: id,
      receivedAtMs: Date.now(),
      raw: messageBytes(id, body),
      quotaBytes: null,
      vouched: false,
    });
    writeSync(1, `${id}\n`);
  }
};
await Promise.all([0, 1, 2, 3].map(deliverForever));
