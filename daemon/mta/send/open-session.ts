/**
 * Opens a connection to one address of a next hop: TCP, greeting, EHLO, STARTTLS, and in clear when the handshake fails.
 *
 * 1. Every stage ends by a deadline; nothing here throws for a peer's doing.
 * 2. Only a failed handshake leads to clear text, never a reply.
 *
 * Specifications: RFC 5321 §3.1, §4.5.3.2; RFC 3207; RFC 7435 (opportunistic security).
 */
import { connect, type Socket } from 'node:net';
import type { TlsMemory } from '../tls-memory.ts';
import { oneLine, wordsOf } from './failure-words.ts';
import { type Hop, type SessionLimits, SmtpSession } from './session.ts';
import type { ClientError, SmtpClient, SmtpClientClass } from './smtp-client.ts';

export interface SessionOptions {
  readonly Client: SmtpClientClass;
  readonly hostname: string;
  readonly tls: TlsMemory;
  readonly limits: SessionLimits;
}

export type Opened =
  | { readonly kind: 'open'; readonly session: SmtpSession }
  /** No usable connection. `reply` is the server's (`554 ...`), '' when there was none. */
  | { readonly kind: 'failed'; readonly words: string; readonly reply: string };

/** Connects to one address; falls back to clear text when the TLS handshake fails. */
export async function openSession(hop: Hop, options: SessionOptions): Promise<Opened> {
  const broken = options.tls.broken(hop.address);
  const first = await openOnce(hop, options, { inClear: broken !== undefined, why: broken });
  if (first.kind !== 'tls-failed') return first;
  options.tls.noteBroken(hop.address, first.words);
  const second = await openOnce(hop, options, { inClear: true, why: first.words });
  return second.kind === 'tls-failed' ? { kind: 'failed', words: second.words, reply: '' } : second;
}

type OpenedOnce = Opened | { readonly kind: 'tls-failed'; readonly words: string };

async function openOnce(hop: Hop, options: SessionOptions, tls: { inClear: boolean; why: string | undefined }): Promise<OpenedOnce> {
  const { limits } = options;
  const socket = await connectTo(hop, limits.connectMs);
  if (typeof socket === 'string') return { kind: 'failed', words: socket, reply: '' };
  const client = new options.Client({
    host: hop.name,
    port: hop.port,
    name: options.hostname,
    connection: socket,
    connectionTimeout: limits.setupMs,
    greetingTimeout: limits.setupMs,
    socketTimeout: limits.commandMs,
    socketCloseTimeout: 2_000,
    maxResponseSize: 65_536,
    ignoreTLS: tls.inClear,
    opportunisticTLS: true,
    tls: { secureContext: options.tls.context, rejectUnauthorized: false },
  });
  const opened = await setUp(client, limits.setupMs, () => new SmtpSession(hop, client, { limits, whyClear: tls.why }));
  if (opened instanceof SmtpSession) return { kind: 'open', session: opened };
  if (!tls.inClear && isTlsFailure(opened)) return { kind: 'tls-failed', words: wordsOf(opened) };
  return { kind: 'failed', words: wordsOf(opened), reply: opened.response === undefined ? '' : oneLine(opened.response) };
}

/** Greeting, EHLO and STARTTLS, ended by the deadline. The session listens for errors before anybody else stops to. */
function setUp(client: SmtpClient, timeoutMs: number, ready: () => SmtpSession): Promise<SmtpSession | ClientError> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      clearTimeout(deadline);
      client.close();
      resolve(error);
    };
    const deadline = setTimeout(() => fail(new Error('setting up the connection took too long')), timeoutMs);
    client.on('error', fail);
    client.connect((error) => {
      if (error !== undefined) return fail(error);
      clearTimeout(deadline);
      const session = ready();
      client.off('error', fail);
      resolve(session);
    });
  });
}

/** A reply, whatever its text says, is no failed handshake: it must not lead to clear text. */
function isTlsFailure(error: ClientError): boolean {
  if (error.response !== undefined) return false;
  const codes = `${error.code ?? ''} ${error.originalCode ?? ''}`;
  return error.code === 'ETLS' || codes.includes('ERR_SSL') || codes.includes('ERR_TLS') || /SSL|TLS/.test(error.message);
}

function connectTo(hop: Hop, timeoutMs: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: hop.address, port: hop.port });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve('connection timed out');
    }, timeoutMs);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(error.code === 'ECONNREFUSED' ? 'connection refused' : (error.code ?? error.message));
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
