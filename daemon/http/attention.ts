/** What needs a person's attention, the worst first: each with the place in the panel where it is mended. */
import type { OverviewFacts } from '../admin/overview-facts.ts';
import type { QueueSummary } from '../queue/queue.ts';
import type { Attention, Overview, Status } from './contract/api.ts';

const OLD_MS = 4 * 3_600_000;
const ATTENTION_MAX = 30;

export interface AttentionFacts {
  readonly facts: OverviewFacts;
  readonly queue: QueueSummary;
  /** Host only. */
  readonly server?: { readonly status: Status; readonly disk: NonNullable<Overview['disk']> };
  readonly nowMs: number;
}

export function attentionOf(input: AttentionFacts): Attention[] {
  const items = [...serverTrouble(input.server), ...domainTrouble(input.facts), ...mailboxTrouble(input.facts), ...queueTrouble(input)];
  const worstFirst = [...items.filter((item) => item.level === 'fail'), ...items.filter((item) => item.level === 'warn')];
  return worstFirst.slice(0, ATTENTION_MAX);
}

function serverTrouble(server: AttentionFacts['server']): Attention[] {
  if (server === undefined) return [];
  const down = Object.entries(server.status.ports).filter(([, state]) => state !== 'ok');
  const items: Attention[] = down.map(([name, reason]) => ({
    id: `port-${name}`,
    level: 'fail',
    title: `${name} is not listening`,
    text: reason,
    action: 'See settings',
    href: '/settings',
  }));
  const { totalBytes, freeBytes } = server.disk;
  const free = totalBytes === 0 ? 100 : (freeBytes * 100) / totalBytes;
  if (free < 10) {
    items.push({
      id: 'disk',
      level: free < 3 ? 'fail' : 'warn',
      title: `The disk is ${Math.floor(100 - free)} % full`,
      text: 'Once it is full, mail is put off and mailboxes cannot be changed.',
      action: 'See mailboxes by size',
      href: '/mailboxes?sort=usage',
    });
  }
  return items;
}

function domainTrouble({ broken, unproven }: OverviewFacts): Attention[] {
  const wrong = broken.map(
    ({ name, delivers, headline }): Attention => ({
      id: `domain-${name}`,
      level: 'fail',
      title: headline === '' ? `Something about ${name} is broken` : headline,
      text:
        delivers === false
          ? 'Mail for it does not arrive here. Its page says which record to change.'
          : 'Its page says which record to change.',
      action: 'See what to change',
      href: `/domains/${encodeURIComponent(name)}`,
    }),
  );
  const waiting = unproven.map(
    (name): Attention => ({
      id: `unproven-${name}`,
      level: 'warn',
      title: `${name} is not proven yet`,
      text: 'Until its MX points here or its TXT record is seen, this server takes no mail for it.',
      action: 'See the record',
      href: `/domains/${encodeURIComponent(name)}`,
    }),
  );
  return [...wrong, ...waiting];
}

function mailboxTrouble({ nearlyFull }: OverviewFacts): Attention[] {
  return nearlyFull.map(({ id, address, usageBytes, quotaBytes }) => {
    const isFull = usageBytes >= quotaBytes;
    return {
      id: `mailbox-${id}`,
      level: isFull ? 'fail' : 'warn',
      title: isFull ? `${address} is full` : `${address} is ${Math.floor((usageBytes * 100) / quotaBytes)} % full`,
      text: isFull ? 'New mail for it is put off, later refused.' : 'Once it is full, new mail for it is put off.',
      action: 'See the mailbox',
      href: `/mailboxes/${id}`,
    };
  });
}

function queueTrouble({ queue, nowMs }: AttentionFacts): Attention[] {
  const items: Attention[] = [];
  if (queue.oldestMs !== null && nowMs - queue.oldestMs > OLD_MS) {
    const hours = Math.floor((nowMs - queue.oldestMs) / 3_600_000);
    items.push({
      id: 'queue-old',
      level: 'warn',
      title: `Mail has been waiting for ${hours} hours`,
      text: 'The queue says for whom and what the other server answered.',
      action: 'See the queue',
      href: '/queue',
    });
  }
  if (queue.held > 0) {
    items.push({
      id: 'queue-held',
      level: 'warn',
      title: `${queue.held} ${queue.held === 1 ? 'recipient is' : 'recipients are'} held back`,
      text: 'Held mail stays until someone lets it go.',
      action: 'See the queue',
      href: '/queue?reason=held',
    });
  }
  return items;
}
