/** `mailstead track`: the story of one message, or the messages of an address. */
import type { TrackingEntry, TrackingEvent, TrackingEventKind } from '../../tracking/tracking.ts';
import { CommandFailure, usageFailure } from '../failure.ts';
import { type Flat, flat } from '../flat.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { sizeText, type Terminal, table, timeText } from '../terminal.ts';

const WORDS: Readonly<Record<TrackingEventKind, string>> = {
  received: 'came in',
  submitted: 'was handed in',
  refused: 'turned away',
  delivered: 'delivered',
  junked: 'delivered to Junk',
  forwarded: 'sent on',
  deferred: 'waits',
  bounced: 'came back',
  failed: 'failed, sender not told',
  delayed: 'sender told of the delay',
  discarded: 'thrown away',
  held: 'held',
  released: 'released',
  dropped: 'dropped',
};
const BAD: readonly TrackingEventKind[] = ['refused', 'bounced', 'failed', 'dropped'];

export async function track({ operands, options, server, terminal }: Invocation): Promise<Outcome> {
  const wanted = operands[0] ?? '';
  const limit = Number(options.value('limit') ?? '100');
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw usageFailure('--limit is a number from 1 to 500', undefined, 'limit');
  const connection = await server();
  if (!wanted.includes('@')) {
    const events = await connection.call('track.story', { message: wanted });
    if (events.length > 0) return { document: events.map(eventDocument), text: storyText(wanted, events, terminal) };
  }
  const entries = await connection.call('track.list', { text: wanted, limit });
  if (entries.length === 0 && !wanted.includes('@')) {
    throw new CommandFailure(
      { code: 'not_found', message: `Nothing is known of a message ${wanted}` },
      'Messages are remembered for 30 days unless the settings say otherwise',
    );
  }
  return {
    document: entries.map(flat),
    text: entries.length === 0 ? `No mail of ${wanted} within the time that is remembered.` : listText(entries, terminal),
  };
}

function eventDocument({ detail, ...event }: TrackingEvent): Flat {
  return { next_attempt_at: null, ...flat(event), detail: detailText(detail) };
}

function storyText(message: string, events: readonly TrackingEvent[], terminal: Terminal): string {
  const first = events.find((event) => event.subject !== '') ?? events[0];
  const lines = events.map((event) => {
    const whom = event.recipient === '' ? '' : `  ${event.recipient}`;
    const where = event.remote === '' ? '' : terminal.faint(`  ${event.remote}`);
    const next = event.nextAttemptMs === undefined ? '' : `  next try ${timeText(event.nextAttemptMs)}`;
    const said = event.reply === '' ? '' : `\n${' '.repeat(20)}${terminal.faint(`${saidBy(event)}: ${event.reply}`)}`;
    const detail = detailText(event.detail);
    const facts = detail === '' ? '' : `\n${' '.repeat(20)}${terminal.faint(detail)}`;
    return `  ${terminal.faint(timeText(event.atMs))}  ${wordOf(event.kind, terminal)}${whom}${where}${next}${said}${facts}`;
  });
  const subject = first === undefined || first.subject === '' ? '' : `  ${first.subject}`;
  const sender = first === undefined || first.sender === '' ? 'a report' : `from ${first.sender}`;
  return [`${terminal.bold(message)}${subject}  ${terminal.faint(`${sender}, ${sizeText(first?.sizeBytes ?? 0)}`)}`, ...lines].join('\n');
}

/** A reply is another server's only when one was there and gave a code; the rest is ours to say. */
function saidBy({ kind, remote, reply }: TrackingEvent): string {
  if (kind === 'refused') return 'We said';
  return remote !== '' && /^\d{3}\b/.test(reply) ? 'They said' : 'The reason';
}

function listText(entries: readonly TrackingEntry[], terminal: Terminal): string {
  return table(
    entries,
    [
      { title: 'Time', cell: (row) => timeText(row.firstMs) },
      { title: 'Message', cell: (row) => row.message },
      { title: 'From', cell: (row) => (row.sender === '' ? '(a report)' : row.sender) },
      { title: 'To', cell: (row) => recipientsText(row.recipients) },
      { title: 'What became of it', cell: (row) => wordOf(row.state, terminal) },
      { title: 'Subject', cell: (row) => row.subject },
    ],
    terminal,
  );
}

function wordOf(kind: TrackingEventKind, terminal: Terminal): string {
  const word = WORDS[kind];
  if (BAD.includes(kind)) return terminal.bad(word);
  return kind === 'delivered' || kind === 'junked' || kind === 'forwarded' ? terminal.good(word) : word;
}

function recipientsText([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

function detailText(detail: Readonly<Record<string, string>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
