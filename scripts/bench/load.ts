/**
 * The load: Postfix's smtp-source, ten of it with four sessions each.
 *
 * 1. An address is `<number><letter>@bench.test`: smtp-source itself counts the number up, each of the ten has a letter.
 * 2. A load is over when each message got its 2xx; anything else ends the run.
 */
import { runWell } from '../../test/support/child-process.ts';

export const DOMAIN = 'bench.test';
export const SENDER_DOMAIN = 'sender.test';
export const MESSAGE_BYTES = 8192;
export const SESSIONS = 40;
const LETTERS = [...'abcdefghij'];
const SESSIONS_EACH = SESSIONS / LETTERS.length;

export interface Load {
  readonly accounts: number;
  readonly messages: number;
  /** A connection for each message instead of 40 kept ones. */
  readonly isConnectionEach: boolean;
}

/** Local parts of the accounts that a load of `accounts` speaks to. */
export function accountNames(accounts: number): string[] {
  const each = accounts / LETTERS.length;
  return LETTERS.flatMap((letter) => Array.from({ length: each }, (_, index) => `${index + 1}${letter}`));
}

export async function send(to: { host: string; port: number }, load: Load): Promise<void> {
  const each = load.accounts / LETTERS.length;
  const perSource = load.messages / LETTERS.length;
  await Promise.all(
    LETTERS.map(async (_, start) => {
      if (each === 1) return sendOne(to, load, { count: perSource, recipient: `1${LETTERS[start]}`, isCounting: false });
      // The sources go round the letters, each from its own: no two of them speak to the same account at once.
      let left = perSource;
      for (let round = start; left > 0; round++) {
        const count = Math.min(left, each);
        await sendOne(to, load, { count, recipient: LETTERS[round % LETTERS.length] as string, isCounting: true });
        left -= count;
      }
    }),
  );
}

async function sendOne(
  to: { host: string; port: number },
  load: Load,
  one: { count: number; recipient: string; isCounting: boolean },
): Promise<void> {
  await runWell(
    '/usr/sbin/smtp-source',
    [
      ...(load.isConnectionEach ? [] : ['-d']),
      ...(one.isCounting ? ['-N'] : []),
      ...['-s', String(Math.min(SESSIONS_EACH, one.count)), '-m', String(one.count), '-l', String(MESSAGE_BYTES)],
      ...['-M', `client.${SENDER_DOMAIN}`, '-f', `ann@${SENDER_DOMAIN}`, '-S', 'Minutes of the meeting'],
      ...['-t', `${one.recipient}@${DOMAIN}`, `${to.host}:${to.port}`],
    ],
    { timeoutMs: 300_000 },
  );
}
