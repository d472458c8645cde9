/** What a newcomer reads when the trial runs: where the panel is, the ports, what to do next. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBootNote } from '../../daemon/cli/boot-config.ts';
import { panelAddress } from '../../daemon/cli/commands/setup.ts';
import { CommandFailure } from '../../daemon/cli/failure.ts';
import { connectDaemon } from '../../daemon/cli/server-connection.ts';
import { facts, terminalFor, timeText } from '../../daemon/cli/terminal.ts';
import { LISTENERS, type ListenerName } from '../../daemon/config/listeners.ts';
import { programVersion } from '../../daemon/config/version.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONNECT_MS = 2_000;

/** Every listener on every address takes a connection. */
export async function allPortsAnswer(dataDir: string): Promise<boolean> {
  const { listen, portOffset } = readBootNote(dataDir);
  const tries = listen.flatMap((host) => Object.values(LISTENERS).map(({ port }) => answers(host, port + portOffset)));
  return (await Promise.all(tries)).every(Boolean);
}

export async function trialSummary(dataDir: string, shownDir: string): Promise<string> {
  const terminal = terminalFor(process.stdout, process.env);
  const command = commandFor(dataDir, shownDir);
  const link = await setupLink(dataDir);
  const panel = panelAddress(dataDir, undefined);
  const rows: [string, string][] =
    link === undefined
      ? [['Panel', terminal.live(panel)]]
      : [
          ['Panel', terminal.live(`${panel}setup#${link.secret}`)],
          ['', terminal.faint(`this link works once, until ${timeText(link.expiresAt)}`)],
        ];
  rows.push(
    ['', terminal.faint('its certificate is self-made, so the browser asks')],
    ...portRows(dataDir),
    ['Log', relative('.', join(dataDir, 'log', 'mailstead.log'))],
    ['Stop', stopCommand(shownDir)],
  );
  return [
    '',
    `  ${terminal.good('●')} ${terminal.bold(`Mailstead ${programVersion()} is running in ${shownDir}`)}`,
    '',
    facts(rows, terminal),
    '',
    '  Next, in the panel or here',
    ...nextCommands(link !== undefined).map((line) => `    ${terminal.live(`${command} ${line}`)}`),
    '',
    '',
  ].join('\n');
}

function nextCommands(isNew: boolean): string[] {
  const first = isNew ? 'setup --hostname mail.example.com --admin you@example.com --generate' : 'status';
  return [first, 'domain add example.com', 'account add marta@example.com --generate'];
}

/** A new link, or nothing when the server is set up. */
async function setupLink(dataDir: string): Promise<{ readonly secret: string; readonly expiresAt: string } | undefined> {
  const daemon = await connectDaemon(dataDir);
  try {
    return await daemon?.call('createSetupLink', {});
  } catch (error) {
    if (error instanceof CommandFailure && error.code === 'exists') return undefined;
    throw error;
  } finally {
    await daemon?.close();
  }
}

function portRows(dataDir: string): [string, string][] {
  const { portOffset, listen } = readBootNote(dataDir);
  const port = (name: ListenerName): number => LISTENERS[name].port + portOffset;
  return [
    ['Mail in', `${port('smtp')}`],
    ['Submission', `${port('submission')} STARTTLS, ${port('submissions')} TLS`],
    ['IMAP', `${port('imap')} STARTTLS, ${port('imaps')} TLS`],
    ['POP3', `${port('pop3')} STARTTLS, ${port('pop3s')} TLS`],
    ['On', listen.join(' and ')],
  ];
}

function stopCommand(shownDir: string): string {
  const near = relative('.', join(ROOT, 'install.sh'));
  const path = near.includes('/') ? near : `./${near}`;
  return `${path} --trial ${shownDir === './trial' ? '' : `${shownDir} `}--stop`;
}

/** As it can be typed where the installer was called. */
function commandFor(dataDir: string, shownDir: string): string {
  const path = relative('.', join(ROOT, 'node_modules', '.bin', 'mailstead'));
  return resolve('trial') === dataDir && existsSync(dataDir) ? path : `${path} --data ${shownDir}`;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve_) => {
    const socket = connect({ host, port });
    const end = (did: boolean) => (): void => {
      socket.destroy();
      resolve_(did);
    };
    socket.setTimeout(CONNECT_MS, end(false));
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
