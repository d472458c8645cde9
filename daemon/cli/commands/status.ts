/** `mailstead status`: whether the server runs, what it listens on, and how much waits. */

import type { DaemonStatus } from '../../assembly/status.ts';
import { LISTENERS, type ListenerName } from '../../config/listeners.ts';
import { programVersion } from '../../config/version.ts';
import type { QueueSummary } from '../../queue/queue.ts';
import { readBootNote } from '../boot-config.ts';
import { EXIT } from '../failure.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { connectDaemon } from '../server-connection.ts';
import { countText, facts, type Terminal } from '../terminal.ts';
import { panelAddress } from './setup.ts';

type Status = DaemonStatus & { readonly queue: Pick<QueueSummary, 'messages' | 'recipients' | 'held'> & Partial<QueueSummary> };

export async function showStatus({ dataDir, terminal }: Invocation): Promise<Outcome> {
  const daemon = await connectDaemon(dataDir);
  if (daemon === undefined) {
    const document = { version: programVersion(), ready: false, ports: {}, queue: null, threads: {} };
    return { document, text: `Mailstead is stopped. Nothing runs in ${dataDir}.`, exit: EXIT.stopped };
  }
  try {
    const status = (await daemon.call('status', {})) as Status;
    const { version, ready, ports, threads } = status;
    const { messages, recipients, held } = status.queue;
    const document = { version, ready, ports, queue: { messages, recipients, held, oldest_at: oldestOf(status) }, threads };
    const { items } = await daemon.call('listSettings', {});
    const hostname = items.find(({ key }) => key === 'server.hostname')?.value;
    const panel = panelAddress(dataDir, typeof hostname === 'string' && hostname !== '' ? hostname : undefined);
    const shown = { panel, portOffset: readBootNote(dataDir).portOffset, terminal };
    return { document, text: statusText(status, shown), exit: ready ? EXIT.ok : EXIT.finding };
  } finally {
    await daemon.close();
  }
}

function statusText(status: Status, { panel, portOffset, terminal }: { panel: string; portOffset: number; terminal: Terminal }): string {
  const { messages, held } = status.queue;
  const waiting =
    messages === 0 ? 'Nothing waits in the queue.' : `${countText(messages, 'message')} in the queue${held === 0 ? '' : `, ${held} held`}.`;
  const headline = status.ready ? terminal.good('Mailstead is running.') : terminal.bad('Mailstead is running, but not all of it.');
  const ports = Object.entries(status.ports).map(([name, state]): readonly [string, string] => [
    name,
    `${String(LISTENERS[name as ListenerName].port + portOffset).padStart(5)}  ${state === 'ok' ? 'open' : terminal.bad(state)}`,
  ]);
  const broken = Object.entries(status.threads).filter(([, state]) => state !== 'ready');
  const threads = broken.length === 0 ? [] : [terminal.bad(`Threads: ${broken.map(([name, state]) => `${name} ${state}`).join(', ')}`)];
  return [
    `${headline} ${terminal.faint(`Version ${status.version}`)}`,
    waiting,
    '',
    facts([['panel', terminal.live(panel)], ...ports], terminal),
    ...threads,
  ].join('\n');
}

function oldestOf({ queue }: Status): string | null {
  return queue.oldestMs === undefined || queue.oldestMs === null ? null : new Date(queue.oldestMs).toISOString();
}
