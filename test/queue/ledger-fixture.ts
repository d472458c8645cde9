/** A ledger over real files in a temporary folder, reached through a MessagePort as the threads reach it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createLedgerServer, type LedgerServer } from '../../daemon/assembly/ledger-server.ts';
import { PortSlot, servePort } from '../../daemon/lib/port-call.ts';
import type { RunnerQueue } from '../../daemon/queue/claim.ts';
import type { NewQueueMessage, Queue, QueueRecipient } from '../../daemon/queue/queue.ts';
import { createQueueClient, createRunnerQueue } from '../../daemon/queue/queue-client.ts';
import { createTrackingClient, type TrackingClient } from '../../daemon/tracking/tracking-client.ts';
import { type AccountId, type Address, brand, type CustomerId } from '../../daemon/wire/ids.ts';

export interface Ledger extends Disposable {
  readonly folder: string;
  readonly slot: PortSlot;
  readonly queue: Queue;
  readonly runner: RunnerQueue;
  readonly tracking: TrackingClient;
  readonly defects: unknown[];
  server: LedgerServer;
  nowMs: number;
  /** Closes the files and the port, then opens them again, as a new thread would. */
  restart(): void;
}

export function openLedger(startMs = 1_800_000_000_000): Ledger {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const slot = new PortSlot();
  const ports: MessagePort[] = [];
  const defects: unknown[] = [];
  const open = (): LedgerServer => {
    const server = createLedgerServer({
      queuePath: join(folder, 'queue.db'),
      trackingPath: join(folder, 'tracking.db'),
      now: () => ledger.nowMs,
    });
    const { port1, port2 } = new MessageChannel();
    servePort(port1, server.handlers, (error) => defects.push(error));
    slot.attach(port2);
    ports.push(port1, port2);
    return server;
  };
  const ledger: Ledger = {
    folder,
    slot,
    queue: createQueueClient(slot),
    runner: createRunnerQueue(slot),
    tracking: createTrackingClient(slot),
    defects,
    nowMs: startMs,
    server: undefined as unknown as LedgerServer,
    restart() {
      ledger.server.close();
      ledger.server = open();
    },
    [Symbol.dispose]() {
      ledger.server.close();
      for (const port of ports) port.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  ledger.server = open();
  return ledger;
}

export const ALICE = brand<AccountId>(7);
export const SHOP = brand<CustomerId>(3);

export function remote(address: string, more: Partial<QueueRecipient> = {}): QueueRecipient {
  return { address: brand<Address>(address), original: brand<Address>(address), destination: { kind: 'remote' }, ...more };
}

export function local(address: string, account: number): QueueRecipient {
  const destination = { kind: 'account', account: brand<AccountId>(account), subaddress: null, junk: false } as const;
  return { address: brand<Address>(address), original: brand<Address>(address), destination };
}

export function message(recipients: readonly QueueRecipient[], more: Partial<NewQueueMessage> = {}): NewQueueMessage {
  return {
    sender: brand<Address>('alice@shop.test'),
    account: ALICE,
    customer: SHOP,
    origin: 'submission',
    vouched: true,
    smtpUtf8: false,
    eightBit: false,
    receivedAtMs: 1_800_000_000_000,
    subject: 'The spring catalogue',
    messageId: '<1@shop.test>',
    body: new TextEncoder().encode('From: alice@shop.test\r\nSubject: The spring catalogue\r\n\r\nHello\r\n'),
    recipients,
    ...more,
  };
}
