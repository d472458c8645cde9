/** `mailstead address`: forwarders, addresses that discard or refuse, catch-alls; and where mail would go. */
import type { AnswerOf } from '../../admin/use-cases.ts';
import { allPages } from '../all-pages.ts';
import { EXIT, usageFailure } from '../failure.ts';
import { flat } from '../flat.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { sentence, type Terminal, table } from '../terminal.ts';

type Forwarder = AnswerOf<'addAddress'>;

export async function addAddress({ operands, options, server, terminal }: Invocation): Promise<Outcome> {
  const wanted = [options.has('to'), options.has('discard'), options.has('reject')].filter(Boolean).length;
  if (wanted !== 1) throw usageFailure('Say what happens to its mail', 'One of --to ADDR[,ADDR...], --discard, --reject TEXT is needed');
  if (options.has('keep-copy') && !options.has('to')) throw usageFailure('--keep-copy goes with --to', undefined, 'keep-copy');
  const address = operands[0] ?? '';
  const targets = options
    .values('to')
    .flatMap((text) => text.split(',').map((part) => part.trim()))
    .filter((part) => part !== '');
  const connection = await server();
  const rejectText = options.value('reject');
  const made = await connection.call('addAddress', {
    address,
    ...(rejectText !== undefined
      ? { kind: 'reject', rejectText }
      : options.has('discard')
        ? { kind: 'discard' }
        : { kind: 'forward', targets, keepCopy: options.has('keep-copy') }),
  });
  return { document: flat(made), text: `${terminal.good(nameOf(made))} ${effectOf(made)}.` };
}

export async function listAddresses({ options, server, terminal }: Invocation): Promise<Outcome> {
  const domain = options.value('domain');
  const found = await allPages(await server(), 'listAddresses', {
    q: options.value('search') ?? '',
    ...(domain === undefined ? {} : { domain }),
  });
  const text =
    found.length === 0
      ? `No forwarder yet. Add one: ${terminal.live('mailstead address add info@example.com --to you@example.com')}`
      : table(
          found,
          [
            { title: 'Address', cell: (row) => row.address },
            { title: 'Its mail', cell: (row) => effectText(row, terminal) },
          ],
          terminal,
        );
  return { document: found.map(flat), text };
}

export async function removeAddress({ operands, server }: Invocation): Promise<Outcome> {
  const address = operands[0] ?? '';
  const { removedForwarders } = await (await server()).call('removeAddress', { forwarder: address });
  const others = removedForwarders.length === 0 ? '' : ` With it went what led only there: ${removedForwarders.join(', ')}.`;
  return { document: { address, removed_forwarders: removedForwarders.join(',') }, text: `${address} forwards no more.${others}` };
}

export async function testAddress({ operands, server, terminal }: Invocation): Promise<Outcome> {
  const address = operands[0] ?? '';
  const { outcome, steps } = await (await server()).call('testAddress', { address });
  const isTaken = outcome === 'deliverable';
  const lines = steps.map(
    (step, at) => `${at === steps.length - 1 ? (isTaken ? terminal.good('●') : terminal.bad('●')) : terminal.faint('│')} ${sentence(step)}`,
  );
  return { document: { address, outcome, steps }, text: lines.join('\n'), exit: isTaken ? EXIT.ok : EXIT.finding };
}

function nameOf({ address, domain }: Forwarder): string {
  return address.startsWith('@') ? `Whatever is written to ${domain} and has no other place` : address;
}

function effectOf(forwarder: Forwarder): string {
  if (forwarder.kind === 'discard') return 'accepts mail and throws it away now';
  if (forwarder.kind === 'reject') return `refuses mail now: "${forwarder.rejectText ?? ''}"`;
  return `goes to ${forwarder.targets.join(', ')} now${forwarder.keepCopy ? ', a copy stays' : ''}`;
}

function effectText(forwarder: Forwarder, terminal: Terminal): string {
  if (forwarder.kind === 'discard') return terminal.faint('is thrown away');
  if (forwarder.kind === 'reject') return terminal.faint(`is refused: "${forwarder.rejectText ?? ''}"`);
  return `${forwarder.targets.join(', ')}${forwarder.keepCopy ? terminal.faint(' and a copy stays') : ''}`;
}
