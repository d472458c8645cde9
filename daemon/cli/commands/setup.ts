/** `mailstead setup`: the first set-up without a browser, or the link with which the panel does it. */
import { hostname as machineName, networkInterfaces } from 'node:os';
import { LISTENERS } from '../../config/listeners.ts';
import { readBootNote } from '../boot-config.ts';
import { CommandFailure, usageFailure } from '../failure.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { readPassword } from '../password-input.ts';
import { timeText } from '../terminal.ts';

export async function setUp(invocation: Invocation): Promise<Outcome> {
  const { options, dataDir, server, terminal } = invocation;
  if (options.has('link')) return makeLink(invocation);
  const hostname = options.value('hostname');
  const email = options.value('admin');
  if (hostname === undefined) throw usageFailure('--hostname is missing', 'The name of this server, such as mail.example.com', 'hostname');
  if (email === undefined) throw usageFailure('--admin is missing', 'The address with which the host signs in to the panel', 'admin');
  const password = readPassword(invocation, { optional: true });
  const made = await explainSecond((await server()).call('setup', { hostname, email, ...password }));
  const panel = panelAddress(dataDir, made.hostname);
  const text = [
    `${terminal.good(made.hostname)} is set up.`,
    '',
    `  ${terminal.faint('Panel   ')}  ${terminal.live(panel)}`,
    `  ${terminal.faint('Sign in ')}  ${made.email}`,
    ...(made.password === null
      ? []
      : [`  ${terminal.faint('Password')}  ${terminal.bold(made.password)}  ${terminal.faint('shown this once')}`]),
    '',
    `Next: ${terminal.live('mailstead domain add example.com')}`,
  ].join('\n');
  return { document: { hostname: made.hostname, email: made.email, password: made.password, panel }, text };
}

async function makeLink({ options, dataDir, server, terminal }: Invocation): Promise<Outcome> {
  const hostname = options.value('hostname');
  const email = options.value('admin');
  const suggestions = { ...(hostname === undefined ? {} : { hostname }), ...(email === undefined ? {} : { email }) };
  const { secret, expiresAt } = await explainSecond((await server()).call('createSetupLink', suggestions));
  const link = `${panelAddress(dataDir, hostname)}setup#${secret}`;
  return {
    document: { link, expires_at: expiresAt },
    text: `${terminal.live(link)}\n${terminal.faint(`Good once, until ${timeText(expiresAt)}.`)}`,
  };
}

/** Where the panel is reached: by name when one is known, in the trial on this machine, else by the first address of it. */
export function panelAddress(dataDir: string, hostname: string | undefined): string {
  const { portOffset, trial } = readBootNote(dataDir);
  const port = LISTENERS.https.port + portOffset;
  const host = trial ? 'localhost' : (hostname ?? ownAddress() ?? machineName());
  return `https://${host}${port === 443 ? '' : `:${port}`}/`;
}

function ownAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

async function explainSecond<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.code !== 'exists') throw error;
    throw new CommandFailure({ code: 'exists', message: error.message }, 'Nothing was changed. The settings are in the panel');
  }
}
