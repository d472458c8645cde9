/** GETQUOTA, GETQUOTAROOT, SETQUOTA: one root for the account, its storage in units of 1024 octets. RFC 9208. */
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { no, ok } from '../reply.ts';
import type { Session } from '../session.ts';

const ROOT = '';
const UNIT_BYTES = 1024;

export const getQuota: CommandSpec<'GETQUOTA'> = {
  states: LOGGED_IN,
  async run(session, { root }) {
    if (root !== ROOT) return no('NONEXISTENT', 'There is no such quota root');
    await writeQuota(session);
    return ok('Told');
  },
};

export const getQuotaRoot: CommandSpec<'GETQUOTAROOT'> = {
  states: LOGGED_IN,
  async run(session, { mailbox }) {
    await session.context.mailstore.status(session.account, mailbox);
    session.writer.ascii('* QUOTAROOT ').mailbox(mailbox, false).ascii(' ""').crlf();
    await writeQuota(session);
    return ok('Told');
  },
};

/** RFC 9208 §4.1.1: quotas are the administrator's; QUOTASET is not offered. */
export const setQuota: CommandSpec<'SETQUOTA'> = { states: LOGGED_IN, run: () => no('NOPERM', 'Quotas are set in the control panel') };

async function writeQuota(session: Session): Promise<void> {
  const limit = session.quotaBytes;
  const { bytes } = await session.context.mailstore.usage(session.account);
  // RFC 9208 §5.1: a resource without a limit is left out.
  const text = limit === null ? '' : `STORAGE ${Math.ceil(bytes / UNIT_BYTES)} ${Math.floor(limit / UNIT_BYTES)}`;
  session.writer.untagged(`QUOTA "" (${text})`);
}
