/** `mailstead account`: mailboxes. */
import type { AnswerOf } from '../../admin/use-cases.ts';
import { allPages } from '../all-pages.ts';
import { confirm } from '../confirm.ts';
import { flat } from '../flat.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { readPassword } from '../password-input.ts';
import { countText, facts, sizeText, type Terminal, table, timeText } from '../terminal.ts';

type Mailbox = AnswerOf<'createAccount'>['mailbox'];

export async function addAccount(invocation: Invocation): Promise<Outcome> {
  const { operands, options, server, terminal } = invocation;
  const password = readPassword(invocation);
  const quota = options.value('quota');
  const name = options.value('name');
  const made = await (await server()).call('createAccount', {
    address: operands[0] ?? '',
    ...password,
    ...(quota === undefined ? {} : { quota }),
    ...(name === undefined ? {} : { name }),
  });
  const { address } = made.mailbox;
  return {
    document: withPassword(made.mailbox, made.password),
    text: `${terminal.good(address)} is ready.${passwordLine(made.password, terminal)}`,
  };
}

export async function listAccounts({ options, server, terminal }: Invocation): Promise<Outcome> {
  const domain = options.value('domain');
  const sort = options.value('sort') as 'address' | undefined;
  const found = await allPages(await server(), 'listAccounts', {
    q: options.value('search') ?? '',
    ...(domain === undefined ? {} : { domain }),
    ...(sort === undefined ? {} : { sort }),
  });
  const text =
    found.length === 0
      ? `No mailbox yet. Create the first: ${terminal.live('mailstead account add you@example.com --generate')}`
      : table(
          found,
          [
            { title: 'Mailbox', cell: (row) => row.address },
            { title: 'Name', cell: (row) => row.name },
            { title: 'Used', cell: (row) => sizeText(row.usageBytes), align: 'right' },
            { title: 'Quota', cell: (row) => sizeText(row.quotaBytes), align: 'right' },
            { title: 'Messages', cell: (row) => row.messages.toLocaleString('en'), align: 'right' },
            { title: '', cell: (row) => terminal.warn(noteOf(row)) },
          ],
          terminal,
        );
  return { document: found.map(flat), text };
}

export async function showAccount({ operands, server, terminal }: Invocation): Promise<Outcome> {
  const { mailbox, forwarder, addresses, mayWriteAs } = await (await server()).call('showAccount', { account: operands[0] ?? '' });
  const rows: [string, string][] = [
    ['Name', mailbox.name === '' ? '-' : mailbox.name],
    ['Used', `${sizeText(mailbox.usageBytes)} in ${countText(mailbox.messages, 'message')}`],
    ['Quota', sizeText(mailbox.quotaBytes)],
    ['Created', timeText(mailbox.createdAt)],
    ['Last log-in', timeText(mailbox.lastLoginAt)],
  ];
  if (forwarder !== null) rows.push(['Forwards to', `${forwarder.targets.join(', ')}${forwarder.keepCopy ? ' and keeps a copy' : ''}`]);
  if (addresses.length > 0) rows.push(['Other addresses', addresses.join(', ')]);
  if (mayWriteAs.length > 0) rows.push(['May write as', mayWriteAs.join(', ')]);
  const note = noteOf(mailbox);
  if (note !== '') rows.push(['State', terminal.warn(note)]);
  const document = {
    ...flat(mailbox),
    forwards_to: forwarder?.targets.join(',') ?? '',
    keep_copy: forwarder?.keepCopy ?? true,
    addresses: addresses.join(','),
    may_write_as: mayWriteAs.join(','),
  };
  return { document, text: `${terminal.bold(mailbox.address)}\n${facts(rows, terminal)}` };
}

export async function changePassword(invocation: Invocation): Promise<Outcome> {
  const { operands, server, terminal } = invocation;
  const given = readPassword(invocation);
  const address = operands[0] ?? '';
  const { password } = await (await server()).call('changePassword', { account: address, ...given });
  return {
    document: { address, password },
    text: `${address} has a new password, and its open sessions end.${passwordLine(password, terminal)}`,
  };
}

export async function changeQuota({ operands, server, terminal }: Invocation): Promise<Outcome> {
  const mailbox = await (await server()).call('changeQuota', { account: operands[0] ?? '', quota: operands[1] ?? '' });
  const { address, quotaBytes, usageBytes } = mailbox;
  const size = quotaBytes === null ? 'has no limit now' : `may hold ${sizeText(quotaBytes)} now`;
  const full =
    quotaBytes !== null && usageBytes >= quotaBytes
      ? `\n${terminal.warn(`It holds ${sizeText(usageBytes)} already: new mail waits until there is room.`)}`
      : '';
  return { document: flat(mailbox), text: `${address} ${size}.${full}` };
}

export async function renameAccount({ operands, server }: Invocation): Promise<Outcome> {
  const mailbox = await (await server()).call('renameAccount', { account: operands[0] ?? '', name: operands[1] ?? '' });
  return {
    document: flat(mailbox),
    text: mailbox.name === '' ? `${mailbox.address} has no name now.` : `${mailbox.address} is called ${mailbox.name} now.`,
  };
}

export async function suspendAccount({ operands, options, server }: Invocation): Promise<Outcome> {
  const reason = options.value('reason');
  const mailbox = await (await server()).call('suspendAccount', {
    account: operands[0] ?? '',
    login: options.has('login'),
    in: options.has('in'),
    out: options.has('out'),
    ...(reason === undefined ? {} : { reason }),
  });
  return { document: flat(mailbox), text: `${mailbox.address}: ${noteOf(mailbox)}.` };
}

export async function unsuspendAccount({ operands, options, server }: Invocation): Promise<Outcome> {
  const account = operands[0] ?? '';
  const named = {
    ...(options.has('login') ? { login: false } : {}),
    ...(options.has('in') ? { in: false } : {}),
    ...(options.has('out') ? { out: false } : {}),
  };
  const connection = await server();
  const mailbox =
    Object.keys(named).length === 0
      ? await connection.call('unsuspendAccount', { account })
      : await connection.call('setSuspension', { account, ...named });
  const note = noteOf(mailbox);
  return { document: flat(mailbox), text: note === '' ? `${mailbox.address} works again.` : `${mailbox.address}: ${note}.` };
}

export async function removeAccount(invocation: Invocation): Promise<Outcome> {
  const { operands, server } = invocation;
  const connection = await server();
  const { mailbox } = await connection.call('showAccount', { account: operands[0] ?? '' });
  await confirm(invocation, `${mailbox.address} and its ${countText(mailbox.messages, 'message')} will be gone for good.`, mailbox.address);
  const { removedForwarders } = await connection.call('removeAccount', { account: mailbox.id });
  const others = removedForwarders.length === 0 ? '' : ` With it went what led only there: ${removedForwarders.join(', ')}.`;
  return {
    document: { id: mailbox.id, address: mailbox.address, removed_forwarders: removedForwarders.join(',') },
    text: `${mailbox.address} is removed.${others}`,
  };
}

/** What is stopped, in words; '' when nothing is. */
function noteOf(mailbox: Mailbox): string {
  const stopped = [
    mailbox.suspendedLogin ? 'log-in' : '',
    mailbox.suspendedIn ? 'incoming mail' : '',
    mailbox.suspendedOut ? 'outgoing mail' : '',
  ].filter((part) => part !== '');
  if (stopped.length === 0) return '';
  const reason = mailbox.suspendedReason === null ? '' : ` (${mailbox.suspendedReason})`;
  return `${stopped.length === 3 ? 'suspended' : `no ${stopped.join(', no ')}`}${reason}`;
}

function withPassword(mailbox: Mailbox, password: string | null) {
  return { ...flat(mailbox), password };
}

function passwordLine(password: string | null, terminal: Terminal): string {
  return password === null ? '' : `\n  ${terminal.faint('Password')}  ${terminal.bold(password)}  ${terminal.faint('shown this once')}`;
}
