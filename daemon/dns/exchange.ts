/**
 * One question to one server: a datagram, and a TCP connection when the answer does not fit into one.
 *
 * Invariants:
 * 1. Each try has a socket of its own: the kernel draws its port, we draw the id (RFC 5452 §9.2).
 * 2. A datagram socket is connected, so only that server is heard and a closed port is told at once.
 * 3. Every exchange ends within `timeoutMs`, and at once when `signal` aborts; its sockets are closed by then.
 *
 * Specifications: RFC 7766 §5 (TCP after TC), RFC 6891 §7 (FORMERR to EDNS: asked again without).
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { encodeQuestion, type Question, type ReadResult, type Reply, readReply } from './packet.ts';
import type { ServerAddress } from './servers.ts';

export interface ExchangeOptions {
  readonly recursive: boolean;
  readonly wantAuthenticated: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type ExchangeResult = { readonly kind: 'reply'; readonly reply: Reply } | { readonly kind: 'timeout' | 'unreachable' | 'malformed' };

const FORMERR = 1;
const NOTIMP = 4;
const BADVERS = 16;

/** Asks once, over UDP and then, if told so, over TCP. Never throws. */
export async function exchange(server: ServerAddress, question: Question, options: ExchangeOptions): Promise<ExchangeResult> {
  const endsAt = performance.now() + options.timeoutMs;
  const first = await attempt(server, question, { ...options, edns: true });
  if (first.kind !== 'reply') return first;
  const { rcode } = first.reply;
  if (rcode !== FORMERR && rcode !== NOTIMP && rcode !== BADVERS) return first;
  const timeoutMs = endsAt - performance.now();
  return timeoutMs <= 0 ? first : attempt(server, question, { ...options, timeoutMs, edns: false });
}

type AttemptOptions = ExchangeOptions & { readonly edns: boolean };

async function attempt(server: ServerAddress, question: Question, options: AttemptOptions): Promise<ExchangeResult> {
  const endsAt = performance.now() + options.timeoutMs;
  const id = randomInt(0x10000);
  const wire = encodeQuestion(question, { id, ...options });
  const read = (reply: Buffer): ReadResult => readReply(reply, id, question);
  const overUdp = await askUdp(server, { wire, read, timeoutMs: options.timeoutMs, signal: options.signal });
  if (overUdp.kind !== 'truncated') return overUdp;
  const timeoutMs = Math.max(1, endsAt - performance.now());
  const overTcp = await askTcp(server, { wire, read, timeoutMs, signal: options.signal });
  return overTcp.kind === 'truncated' ? { kind: 'malformed' } : overTcp;
}

interface Attempt {
  readonly wire: Buffer;
  readonly read: (reply: Buffer) => ReadResult;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
type AttemptResult = ExchangeResult | { readonly kind: 'truncated' };

function askUdp(server: ServerAddress, { wire, read, timeoutMs, signal }: Attempt): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const settle = (result: AttemptResult): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      // A refusal that the kernel reports after the answer must find a listener.
      socket.on('error', () => undefined);
      socket.close();
      resolve(result);
    };
    const onAbort = (): void => settle({ kind: 'timeout' });
    const timer = setTimeout(onAbort, timeoutMs);
    signal.addEventListener('abort', onAbort);
    socket.on('error', () => settle({ kind: 'unreachable' }));
    socket.on('message', (reply) => {
      const result = read(reply);
      if (result.kind !== 'foreign') settle(result as AttemptResult);
    });
    socket.on('connect', () => socket.send(wire));
    if (signal.aborted) onAbort();
    else socket.connect(server.port, server.address);
  });
}

function askTcp(server: ServerAddress, { wire, read, timeoutMs, signal }: Attempt): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    const settle = (result: AttemptResult): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(result);
    };
    const onAbort = (): void => settle({ kind: 'timeout' });
    const timer = setTimeout(onAbort, timeoutMs);
    signal.addEventListener('abort', onAbort);
    socket.on('error', () => settle({ kind: 'unreachable' }));
    socket.on('close', () => settle({ kind: 'malformed' }));
    socket.on('connect', () => {
      // RFC 1035 §4.2.2: two octets of length before the message.
      const length = Buffer.alloc(2);
      length.writeUInt16BE(wire.length);
      socket.write(Buffer.concat([length, wire]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const size = received.readUInt16BE(0);
      if (received.length < 2 + size) return;
      const result = read(received.subarray(2, 2 + size));
      settle(result.kind === 'foreign' ? { kind: 'malformed' } : (result as AttemptResult));
    });
    if (signal.aborted) onAbort();
  });
}
