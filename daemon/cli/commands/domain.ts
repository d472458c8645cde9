/** `mailstead domain`: the domains hosted here. Their DNS check is in domain-check.ts. */
import type { AnswerOf } from '../../admin/use-cases.ts';
import { allPages } from '../all-pages.ts';
import { confirm } from '../confirm.ts';
import { CommandFailure } from '../failure.ts';
import { flat } from '../flat.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { countText, facts, sizeText, type Terminal, table, timeText } from '../terminal.ts';

type DomainItem = AnswerOf<'addDomain'>;

const STATE_WORDS = { proven: 'hosted', unproven: 'waits for proof', suspended: 'suspended' } as const;

export async function addDomain({ operands, options, server, terminal }: Invocation): Promise<Outcome> {
  const customer = options.value('customer');
  const domain = await (await server()).call('addDomain', { domain: operands[0] ?? '', ...(customer === undefined ? {} : { customer }) });
  const text = [
    `${terminal.good(domain.display)} is hosted here now.`,
    '',
    `  ${terminal.live(`mailstead domain check ${domain.name}`)}  ${terminal.faint('which DNS records it still needs')}`,
    `  ${terminal.live(`mailstead account add you@${domain.name} --generate`)}  ${terminal.faint('its first mailbox')}`,
  ].join('\n');
  return { document: documentOf(domain), text };
}

export async function listDomains({ options, server, terminal }: Invocation): Promise<Outcome> {
  const found = await allPages(await server(), 'listDomains', { q: options.value('search') ?? '' });
  const text =
    found.length === 0
      ? `No domain yet. Add the first: ${terminal.live('mailstead domain add example.com')}`
      : table(
          found,
          [
            { title: 'Domain', cell: (row) => row.display },
            { title: 'State', cell: (row) => stateText(row, terminal) },
            { title: 'Customer', cell: (row) => row.customer.name },
            { title: 'Mailboxes', cell: (row) => row.mailboxes.toLocaleString('en'), align: 'right' },
            { title: 'Forwarders', cell: (row) => row.addresses.toLocaleString('en'), align: 'right' },
            { title: 'Used', cell: (row) => sizeText(row.usageBytes), align: 'right' },
            { title: 'DNS', cell: (row) => row.headline ?? terminal.faint('not looked at yet') },
          ],
          terminal,
        );
  return { document: found.map(documentOf), text };
}

export async function showDomain({ operands, server, terminal }: Invocation): Promise<Outcome> {
  const { domain, proof, keys } = await (await server()).call('showDomain', { domain: operands[0] ?? '' });
  const rows: [string, string][] = [
    ['State', stateText(domain, terminal)],
    ['Customer', domain.customer.name],
    ['Mailboxes', domain.mailboxes.toLocaleString('en')],
    ['Forwarders', domain.addresses.toLocaleString('en')],
    ['Used', sizeText(domain.usageBytes)],
    ['Created', timeText(domain.createdAt)],
    ['DNS', domain.headline ?? `not looked at yet: mailstead domain check ${domain.name}`],
  ];
  for (const key of keys.filter(({ active }) => active)) rows.push(['DKIM key', `${key.selector} (${key.algorithm})`]);
  if (proof !== null) rows.push(['Proof', `TXT ${proof.name} "${proof.value}"`]);
  const document = {
    ...documentOf(domain),
    dkim_selectors: keys
      .filter(({ active }) => active)
      .map(({ selector }) => selector)
      .join(','),
    proof_name: proof?.name ?? null,
    proof_value: proof?.value ?? null,
  };
  return { document, text: `${terminal.bold(domain.display)}\n${facts(rows, terminal)}` };
}

export async function removeDomain(invocation: Invocation): Promise<Outcome> {
  const { operands, options, server } = invocation;
  const connection = await server();
  const { domain } = await connection.call('showDomain', { domain: operands[0] ?? '' });
  const force = options.has('force');
  const mailboxes = countText(domain.mailboxes, 'mailbox', 'mailboxes');
  if (!force && domain.mailboxes > 0) {
    const message = `${domain.display} still has ${mailboxes}. Remove them first, or add --force to remove the domain with all that is in it`;
    throw new CommandFailure({ code: 'refused', message });
  }
  if (force && domain.mailboxes > 0) {
    await confirm(invocation, `${domain.display} and its ${mailboxes} will be gone for good.`, domain.name);
  }
  await connection.call('removeDomain', { domain: domain.name, force });
  return { document: { id: domain.id, name: domain.name }, text: `${domain.display} is not hosted here any more.` };
}

/** Without the drawing of the health line, which is the panel's. */
function documentOf(domain: DomainItem) {
  const { line: _, ...rest } = domain;
  return flat(rest);
}

function stateText(domain: DomainItem, terminal: Terminal): string {
  const word = STATE_WORDS[domain.state];
  if (domain.state === 'proven') return word;
  return terminal.warn(domain.suspendedReason === null ? word : `${word}: ${domain.suspendedReason}`);
}
