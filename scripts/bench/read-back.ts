/** Reads a whole mailbox over IMAP, as a mail program would, and says what was in it. */
import { createHash } from 'node:crypto';
import { ImapFlow } from 'imapflow';
import type { Place } from './server.ts';

export interface MailboxContent {
  readonly messages: number;
  /** Of the bodies, in any order: the same mail gives the same digest on every server. */
  readonly digest: string;
}

export async function readMailbox(at: Place, user: string, password: string): Promise<MailboxContent> {
  const client = new ImapFlow({ ...at, secure: false, auth: { user, pass: password }, logger: false, tls: { rejectUnauthorized: false } });
  await client.connect();
  try {
    await client.mailboxOpen('INBOX', { readOnly: true });
    const digests: string[] = [];
    for await (const message of client.fetch('1:*', { source: true })) {
      const source = message.source as Buffer;
      const body = source.subarray(source.indexOf('\r\n\r\n') + 4);
      digests.push(createHash('sha256').update(body).digest('hex'));
    }
    return { messages: digests.length, digest: createHash('sha256').update(digests.sort().join()).digest('hex') };
  } finally {
    await client.logout();
  }
}
