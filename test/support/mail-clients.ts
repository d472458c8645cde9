/** Short ways into a test server as a mail program goes: log in, read everything, hand a message in. */
import { ImapFlow } from 'imapflow';
import nodemailer, { type Transporter } from 'nodemailer';
import { PASSWORD, type TestDaemon } from './daemon.ts';
import { LineClient } from './line-client.ts';

/** An imapflow session over TLS, logged in; the caller logs out. */
export async function openImap(daemon: TestDaemon, user: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: daemon.network.own,
    port: daemon.port('imaps'),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: PASSWORD },
    logger: false,
  });
  // Told by the failing call as well.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Every message of a folder, as stored. */
export async function readFolder(daemon: TestDaemon, user: string, folder = 'INBOX'): Promise<Buffer[]> {
  const client = await openImap(daemon, user);
  try {
    const lock = await client.getMailboxLock(folder);
    try {
      const sources: Buffer[] = [];
      for await (const { source } of client.fetch('1:*', { source: true })) if (source !== undefined) sources.push(source);
      return sources;
    } finally {
      lock.release();
    }
  } finally {
    await client.logout();
  }
}

/** A bare IMAP session over TLS, logged in. */
export async function openImapLines(daemon: TestDaemon, user: string): Promise<LineClient> {
  const client = await LineClient.open({ host: daemon.network.own, port: daemon.port('imaps'), tls: true });
  await client.line();
  const answer = await client.imap(`LOGIN ${user} ${PASSWORD}`);
  if (!/^t1 OK/.test(answer.at(-1) ?? '')) throw new Error(`log-in: ${answer.join('\n')}`);
  return client;
}

/** The transport of a mail program that submits over TLS. */
export function submission(daemon: TestDaemon, user: string): Transporter {
  return nodemailer.createTransport({
    host: daemon.network.own,
    port: daemon.port('submissions'),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: PASSWORD },
  });
}
