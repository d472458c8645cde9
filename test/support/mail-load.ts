/**
 * Clients that hand in mail without a pause and write down what they were told: which messages were acknowledged, which were
 * sent in full without an answer, so that after a crash the two can be held against what is there.
 *
 * 1. Each message has an id of its own in the field X-Id and is sent once: no client tries again.
 * 2. A client whose connection breaks stops; its message under way is `unanswered`.
 */
import { PASSWORD, type TestDaemon } from './daemon.ts';
import { LineClient } from './line-client.ts';

export interface Sent {
  readonly id: string;
  readonly recipients: readonly string[];
}

/** One kind of client. */
export interface Stream {
  readonly name: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Submits as this account instead of coming from another server. */
  readonly account?: string;
  readonly bodyBytes?: number;
}

export class MailLoad {
  readonly acknowledged: Sent[] = [];
  readonly unanswered: Sent[] = [];
  /** Replies that were neither 250 nor silence. */
  readonly refusals: string[] = [];
  readonly #daemon: TestDaemon;
  #count = 0;

  constructor(daemon: TestDaemon) {
    this.#daemon = daemon;
  }

  /** One message over an open session; answers whether it was acknowledged. Throws when the connection breaks. */
  async send(client: LineClient, stream: Stream): Promise<boolean> {
    const id = `${stream.name}-${++this.#count}`;
    const { sender, recipients, bodyBytes = 500 } = stream;
    const commands = [`MAIL FROM:<${sender}>`, ...recipients.map((recipient) => `RCPT TO:<${recipient}>`), 'DATA'];
    for (const command of commands) {
      const answer = await client.say(command);
      if (answer === '') throw new Error('the connection broke');
      if (/^[45]/.test(answer)) {
        this.refusals.push(`${command}: ${answer}`);
        await client.say('RSET');
        return false;
      }
    }
    const sent: Sent = { id, recipients };
    this.unanswered.push(sent);
    const body = `${'All work and no play makes a dull boy of every one.\r\n'.repeat(Math.ceil(bodyBytes / 53))}`;
    const answer = await client.say(`From: ${sender}\r\nSubject: ${id}\r\nX-Id: ${id}\r\nMessage-ID: <${id}@load.test>\r\n\r\n${body}.`);
    if (answer === '') throw new Error('the connection broke');
    this.unanswered.splice(this.unanswered.indexOf(sent), 1);
    if (answer.startsWith('250')) this.acknowledged.push(sent);
    else this.refusals.push(answer);
    return answer.startsWith('250');
  }

  async connect({ account }: Pick<Stream, 'account'>): Promise<LineClient> {
    const { network } = this.#daemon;
    const listener = account === undefined ? 'smtp' : 'submission';
    const client = await LineClient.open({ host: network.own, port: this.#daemon.port(listener), from: network.foreign });
    await client.reply();
    await client.say('EHLO mx.far.test');
    if (account !== undefined) {
      // Both ends are loopback addresses: no TLS is asked for.
      const answer = await client.say(`AUTH PLAIN ${Buffer.from(`\0${account}\0${PASSWORD}`).toString('base64')}`);
      if (!answer.startsWith('235')) throw new Error(`log-in: ${answer}`);
    }
    return client;
  }

  /** Sends as fast as it is answered, until the connection breaks or `isOver`. */
  async pour(stream: Stream, isOver: () => boolean = () => false): Promise<void> {
    let client: LineClient | undefined;
    try {
      client = await this.connect(stream);
      while (!isOver()) await this.send(client, stream);
    } catch {
      // The server went away: what was under way stands in `unanswered`.
    } finally {
      client?.[Symbol.dispose]();
    }
  }
}

/** How often each X-Id stands in a mailbox. */
export async function countIds(daemon: TestDaemon, account: string): Promise<Map<string, number>> {
  using imap = await LineClient.open({ host: daemon.network.own, port: daemon.port('imaps'), tls: true });
  await imap.line();
  await imap.imap(`LOGIN ${account} ${PASSWORD}`);
  const counts = new Map<string, number>();
  for (const folder of ['INBOX', 'Junk']) {
    await imap.imap(`EXAMINE ${folder}`);
    for (const line of await imap.imap('UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (X-Id)])', 60_000)) {
      const id = /^X-Id: (.*)$/.exec(line)?.[1];
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}
