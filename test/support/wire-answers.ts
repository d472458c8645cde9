/** What the server answers on the wire to one question: may this address get mail, may this log-in, how large may a message be. */
import type { TestDaemon } from './daemon.ts';
import { LineClient } from './line-client.ts';

/** From the address that far.test names as its own, so that its policy lets the message through. */
async function openSmtp(daemon: TestDaemon): Promise<LineClient> {
  const { network } = daemon;
  const client = await LineClient.open({ host: network.own, port: daemon.port('smtp'), from: network.foreign });
  await client.reply();
  return client;
}

/** The reply to RCPT for this address, as any other mail server hears it. */
export async function recipientAnswer(daemon: TestDaemon, address: string): Promise<string> {
  using mx = await openSmtp(daemon);
  await mx.say('EHLO mx.far.test');
  await mx.say('MAIL FROM:<zoe@far.test>');
  return await mx.say(`RCPT TO:<${address}>`);
}

/** All lines of the reply to EHLO. */
export async function ehloLines(daemon: TestDaemon): Promise<string[]> {
  using mx = await openSmtp(daemon);
  mx.write('EHLO mx.far.test\r\n');
  return await mx.until(/^\d{3} /);
}

/** Takes a small message in, as from any other mail server; answers the reply to its content. */
export async function deliver(daemon: TestDaemon, { to, subject }: { to: string; subject: string }): Promise<string> {
  using mx = await openSmtp(daemon);
  await mx.say('EHLO mx.far.test');
  await mx.say('MAIL FROM:<zoe@far.test>');
  const taken = await mx.say(`RCPT TO:<${to}>`);
  if (!taken.startsWith('250')) return taken;
  await mx.say('DATA');
  return await mx.say(
    `From: Zoe <zoe@far.test>\r\nTo: <${to}>\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(/\W/g, '-')}@far.test>\r\n\r\nHello.\r\n.`,
  );
}

/** The tagged answer to LOGIN over IMAPS, then what each of `commands` answers. */
export async function imapAnswers(
  daemon: TestDaemon,
  { user, password }: { user: string; password: string },
  ...commands: readonly string[]
): Promise<string[]> {
  using imap = await LineClient.open({ host: daemon.network.own, port: daemon.port('imaps'), tls: true });
  await imap.line();
  const answers = [(await imap.imap(`LOGIN ${user} ${password}`)).at(-1) ?? ''];
  for (const command of commands) answers.push((await imap.imap(command)).join('\n'));
  return answers.map((answer) => answer.replaceAll(/^t\d+ /gm, ''));
}
