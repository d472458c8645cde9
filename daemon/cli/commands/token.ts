/** `mailstead token`: bearer tokens for programs that use the API. */
import type { CreateTokenArguments } from '../../admin/api-tokens.ts';
import { usageFailure } from '../failure.ts';
import { flat } from '../flat.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { table, timeText } from '../terminal.ts';

export async function createToken({ options, server, terminal }: Invocation): Promise<Outcome> {
  const role = options.value('role');
  if (role === undefined) throw usageFailure('--role is missing', 'A token acts as host, reseller or customer', 'role');
  const customer = options.value('customer');
  const expiresAt = options.value('expires');
  const { token, secret } = await (await server()).call('createToken', {
    label: options.value('label') ?? 'made on the command line',
    role: role as NonNullable<CreateTokenArguments['role']>,
    ...(customer === undefined ? {} : { customer }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  const text = [terminal.bold(secret), terminal.faint('Shown this once. Programs send it as: Authorization: Bearer TOKEN')].join('\n');
  return { document: { ...flat(token), secret }, text };
}

export async function listTokens({ server, terminal }: Invocation): Promise<Outcome> {
  const { items } = await (await server()).call('listTokens', {});
  const text =
    items.length === 0
      ? 'No token yet.'
      : table(
          items,
          [
            { title: 'Id', cell: (row) => row.id, align: 'right' },
            { title: 'For', cell: (row) => row.label },
            { title: 'Role', cell: (row) => row.role },
            { title: 'Created', cell: (row) => timeText(row.createdAt) },
            { title: 'Expires', cell: (row) => timeText(row.expiresAt) },
            { title: 'Last used', cell: (row) => timeText(row.lastUsedAt) },
          ],
          terminal,
        );
  return { document: items.map(flat), text };
}

export async function revokeToken({ operands, server }: Invocation): Promise<Outcome> {
  const id = operands[0] ?? '';
  await (await server()).call('revokeToken', { id });
  return { document: { id }, text: `Token ${id} opens nothing any more.` };
}
