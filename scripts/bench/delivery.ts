/**
 * Deliveries a second and CPU a delivery, beside Debian's Postfix and Dovecot in the same run:
 * `npm run bench [-- --quick] [--only own|peer] [--accounts 10,1000] [--connections kept,each]`. Needs root, postfix, dovecot, nsd.
 *
 * 1. A message counts when it is durably in its mailbox; mailboxes are counted after each load, one is read over IMAP.
 * 2. Each size has its own warm-up, on both sides; both sides begin with empty mailboxes. Ours is longer: compiled code comes
 *    with use, and a mail server runs for months.
 * 3. Load and servers share the machine: the figures are a comparison, not a capacity.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseNetwork, type LoopbackNetwork } from '../../test/support/loopback-network.ts';
import { NameServer } from '../../test/support/name-server.ts';
import { SyncCounter, treeCpuMs, treeResidentMb } from './cpu.ts';
import { accountNames, DOMAIN, type Load, SENDER_DOMAIN, send } from './load.ts';
import { OwnServer, PASSWORD } from './own.ts';
import { PeerServer } from './peer.ts';
import { type MailboxContent, readMailbox } from './read-back.ts';
import type { Server } from './server.ts';
import { type Row, table } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    accounts: { type: 'string', default: '10,1000,50000' },
    connections: { type: 'string', default: 'kept,each' },
    keep: { type: 'boolean', default: false },
  },
});
const SIZES = options.accounts.split(',').map(Number);
const CONNECTIONS = options.connections.split(',');
const SCALE = options.quick ? 0.25 : 1;

/** The side that is slower gets fewer messages, so that each load takes some ten seconds; at 50,000 accounts both get the same. */
function messagesFor(server: Server, accounts: number): number {
  if (accounts === 50_000) return 20_000 * SCALE;
  return (server instanceof OwnServer ? 24_000 : 4_000) * SCALE;
}

async function measure(server: Server, load: Load, label: string): Promise<Row> {
  const syncs = new SyncCounter(server.roots);
  const cpuBefore = treeCpuMs(server.roots);
  const startedMs = performance.now();
  await send(server.smtp, load);
  await server.settled();
  const seconds = (performance.now() - startedMs) / 1000;
  const cpuMs = treeCpuMs(server.roots) - cpuBefore;
  const syncCount = await syncs.end();
  await server.count(load.messages);
  await server.drained();
  const row = {
    label,
    server: server.name,
    load,
    perSecond: load.messages / seconds,
    cpuMs: cpuMs / load.messages,
    laterCpuMs: (treeCpuMs(server.roots) - cpuBefore - cpuMs) / load.messages,
    syncs: syncCount === undefined ? undefined : syncCount / load.messages,
    residentMb: treeResidentMb(server.roots),
  };
  console.error(
    `${server.name}, ${label}, ${load.accounts} accounts: ${Math.round(row.perSecond)}/s, ${row.cpuMs.toFixed(2)} ms CPU, load average ${loadavg()[0]?.toFixed(1)}`,
  );
  return row;
}

async function warmUp(server: Server, accounts: number): Promise<void> {
  const messages = server instanceof OwnServer ? 12_000 : 1_000;
  // At 50,000 accounts the first message of a mailbox is what is measured.
  await send(server.smtp, { accounts: accounts === 50_000 ? 10 : accounts, messages, isConnectionEach: false });
  await server.settled();
  await server.count(messages);
  await server.drained();
}

/** All loads of one size on a fresh server. */
async function runSize(server: OwnServer | PeerServer, accounts: number): Promise<{ rows: Row[]; content: MailboxContent }> {
  try {
    await server.make(accounts);
    await warmUp(server, accounts);
    const rows: Row[] = [];
    const messages = messagesFor(server, accounts);
    for (const connections of CONNECTIONS) {
      interruption.signal.throwIfAborted();
      const isConnectionEach = connections === 'each';
      if (isConnectionEach && accounts === 50_000) continue;
      const load = { accounts, messages, isConnectionEach };
      rows.push(await measure(server, load, 'default'));
      if (!(server instanceof OwnServer)) continue;
      await server.set('mailIn.authentication', false);
      rows.push(await measure(server, load, 'without authentication checks'));
      await server.set('mailIn.authentication', true);
    }
    const user = `${accountNames(accounts)[0]}@${DOMAIN}`;
    return { rows, content: await readMailbox(server.imap, user, PASSWORD) };
  } finally {
    await server.stop();
  }
}

/** Between two loads: a run that is interrupted ends the servers that it started. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'mailstead-bench-'));
  chmodSync(directory, 0o755);
  const network = await chooseNetwork();
  const rows: Row[] = [];
  console.error(
    `${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}, commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}`,
  );
  try {
    await using _names = await NameServer.open(network, zones(network));
    for (const accounts of SIZES) {
      const place = join(directory, String(accounts));
      execFileSync('mkdir', [place]);
      const sides = [new PeerServer(network, place), new OwnServer(network, place)];
      for (const server of sides.filter(
        (side) => options.only === undefined || side instanceof (options.only === 'own' ? OwnServer : PeerServer),
      )) {
        const { rows: measured, content } = await runSize(server, accounts);
        rows.push(...measured);
        console.error(`${server.name}: a mailbox of ${content.messages} messages read over IMAP`);
      }
      if (!options.keep) rmSync(place, { recursive: true, force: true });
    }
  } finally {
    if (options.keep) console.error(directory);
    else rmSync(directory, { recursive: true, force: true });
  }
  console.log(table(rows));
}

/** The sender's domain asks for SPF and DMARC; the client's address has a name that leads back to it. */
function zones(network: LoopbackNetwork): Record<string, string[]> {
  return {
    [SENDER_DOMAIN]: [
      '@ IN MX 10 mx',
      `mx IN A ${network.own}`,
      '@ IN TXT "v=spf1 ip4:127.0.0.0/8 -all"',
      '_dmarc IN TXT "v=DMARC1; p=reject"',
      'client IN A 127.0.0.1',
      'client IN TXT "v=spf1 a -all"',
    ],
    [network.reverseZone]: [],
    '0.0.127.in-addr.arpa': [`1 IN PTR client.${SENDER_DOMAIN}.`],
  };
}

await main();
