/** `mailstead queue`: what waits to be sent, and what a person can do about it. */
import type { QueueEntry, QueueEntryRecipient } from '../../queue/queue.ts';
import { confirm } from '../confirm.ts';
import { CommandFailure } from '../failure.ts';
import { type Flat, flat } from '../flat.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import type { ServerConnection } from '../server-connection.ts';
import { countText, facts, sizeText, type Terminal, table, timeText } from '../terminal.ts';

const PAGE = 200;
const SHOWN_MAX = 10_000;

interface Line {
  readonly entry: QueueEntry;
  readonly recipient: QueueEntryRecipient;
}

export async function listQueue({ options, server, terminal }: Invocation): Promise<Outcome> {
  const entries = await allEntries(await server(), { text: options.value('search'), reason: options.value('reason') });
  const lines = entries.flatMap((entry) => entry.recipients.map((recipient) => ({ entry, recipient })));
  const text =
    lines.length === 0
      ? 'Nothing waits.'
      : `${listText(lines, terminal)}\n\n${countText(entries.length, 'message')} for ${countText(lines.length, 'recipient')}.`;
  return { document: lines.map(documentOf), text };
}

export async function showQueued({ operands, server, terminal }: Invocation): Promise<Outcome> {
  const entry = await (await server()).call('queue.show', { id: operands[0] ?? '' });
  const { header, recipients } = entry;
  const rows: [string, string][] = [
    ['From', senderText(entry.sender)],
    ['Subject', entry.subject],
    ['Size', sizeText(entry.sizeBytes)],
    ['Here since', timeText(entry.receivedAtMs)],
  ];
  if (entry.held !== null) rows.push(['Held', terminal.warn(entry.held === '' ? 'by hand' : entry.held)]);
  const lines = recipients.map((recipient) => ({ entry, recipient }));
  const text = [
    terminal.bold(entry.id),
    facts(rows, terminal),
    '',
    recipientsText(lines, terminal),
    '',
    terminal.faint(header.replace(/\r\n/g, '\n').trimEnd()),
  ].join('\n');
  return { document: { ...messageDocument(entry), recipients: recipients.map((recipient) => flat(recipient)), header }, text };
}

export function retryQueued({ operands, server }: Invocation): Promise<Outcome> {
  return touch(
    server,
    operands,
    (connection, ids) => connection.call('queue.retry', { ids }),
    (count) => `${count} will be tried now.`,
  );
}

export function holdQueued({ operands, options, server }: Invocation): Promise<Outcome> {
  const reason = options.value('reason');
  const hold = (connection: ServerConnection, ids: readonly string[]) =>
    connection.call('queue.hold', { ids, ...(reason === undefined ? {} : { reason }) });
  return touch(server, operands, hold, (count) => `${count} will wait until released.`);
}

export function releaseQueued({ operands, server }: Invocation): Promise<Outcome> {
  return touch(
    server,
    operands,
    (connection, ids) => connection.call('queue.release', { ids }),
    (count) => `${count} may go.`,
  );
}

export async function dropQueued(invocation: Invocation): Promise<Outcome> {
  const { operands, options, server } = invocation;
  const bounce = options.has('bounce');
  await confirm(invocation, `${countText(operands.length, 'message')} will be gone for good.`, 'drop');
  const tell = (count: string): string => (bounce ? `${count} will go back to the sender.` : `${count} dropped.`);
  return touch(server, operands, (connection, ids) => connection.call('queue.drop', { ids, bounce }), tell);
}

type Touch = (connection: ServerConnection, ids: readonly string[]) => Promise<{ readonly recipients: number }>;

/** Ids that are not in the queue are left out by the server; none at all is a failure. */
async function touch(server: Invocation['server'], ids: readonly string[], act: Touch, tell: (count: string) => string): Promise<Outcome> {
  const { recipients } = await act(await server(), ids);
  if (recipients === 0)
    throw new CommandFailure(
      {
        code: 'not_found',
        message: ids.length === 1 ? `There is no ${ids[0]} in the queue that this applies to` : 'None of these is in the queue',
      },
      'mailstead queue list shows what is',
    );
  return { document: { recipients }, text: tell(countText(recipients, 'recipient')) };
}

async function allEntries(
  connection: ServerConnection,
  filter: { readonly text: string | undefined; readonly reason: string | undefined },
): Promise<QueueEntry[]> {
  const entries: QueueEntry[] = [];
  const wanted = {
    limit: PAGE,
    ...(filter.text === undefined ? {} : { text: filter.text }),
    ...(filter.reason === undefined ? {} : { reason: filter.reason }),
  };
  for (;;) {
    const last = entries.at(-1);
    const page = await connection.call('queue.list', last === undefined ? wanted : { ...wanted, before: last.id });
    entries.push(...page.entries);
    if (page.entries.length < PAGE || entries.length >= SHOWN_MAX) return entries;
  }
}

function documentOf({ entry, recipient }: Line): Flat {
  const { number, address, ...state } = recipient;
  return { ...messageDocument(entry), recipient: address, recipient_number: number, ...flat(state) };
}

/** The message without its recipients and header; the queue names account and customer by bare numbers, which are ids. */
function messageDocument({ id, sender, origin, account, customer, subject, sizeBytes, receivedAtMs, held }: QueueEntry): Flat {
  const ids = { account: account === null ? null : String(account), customer: customer === null ? null : String(customer) };
  return flat({ id, sender, origin, ...ids, subject, sizeBytes, receivedAtMs, held });
}

function listText(lines: readonly Line[], terminal: Terminal): string {
  return table(
    lines,
    [
      { title: 'Message', cell: ({ entry }) => entry.id },
      { title: 'From', cell: ({ entry }) => senderText(entry.sender) },
      { title: 'To', cell: ({ recipient }) => recipient.address },
      { title: 'Size', cell: ({ entry }) => sizeText(entry.sizeBytes), align: 'right' },
      { title: 'Since', cell: ({ entry }) => timeText(entry.receivedAtMs) },
      { title: 'Next try', cell: ({ recipient }) => nextText(recipient) },
      { title: 'Why it waits', cell: ({ recipient }) => recipient.lastReply },
    ],
    terminal,
  );
}

function recipientsText(lines: readonly Line[], terminal: Terminal): string {
  return table(
    lines,
    [
      { title: 'To', cell: ({ recipient }) => recipient.address },
      { title: 'Tries', cell: ({ recipient }) => String(recipient.attempts), align: 'right' },
      { title: 'Next try', cell: ({ recipient }) => nextText(recipient) },
      { title: 'Why it waits', cell: ({ recipient }) => recipient.lastReply },
    ],
    terminal,
  );
}

function nextText({ state, nextAttemptMs }: QueueEntryRecipient): string {
  if (state === 'held') return 'held';
  return state === 'sending' || nextAttemptMs <= Date.now() ? 'now' : timeText(nextAttemptMs);
}

function senderText(sender: string): string {
  return sender === '' ? '(a report)' : sender;
}
