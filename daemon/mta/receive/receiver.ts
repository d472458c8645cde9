/**
 * A listener for mail: smtp-server's server with our sessions, certificates and stop.
 *
 * Owns: its sessions and the timer over them.
 * 1. Sockets come from `listen` (with reusePort, one listener a thread) or one by one through `handle`.
 * 2. Certificates are asked for at each handshake: a new one serves the next client without a restart.
 * 3. `close` takes no new work at once, lets transactions under way end, and is over by its deadline.
 */
import type { ListenOptions, Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerAuthenticationResponse, type SMTPServerSession } from 'smtp-server';
import type { AccountId } from '../../wire/ids.ts';
import { reply } from '../../wire/smtp/reply.ts';
import { logIn } from './auth-command.ts';
import type { ReceiverContext } from './context.ts';
import type { ReceiverProfile } from './profile.ts';
import { HANDSHAKE_MS, SmtpSession } from './session.ts';
import { DEFAULT_PACE, type PaceLimits, watchPace } from './watch.ts';

/** RFC 5321 §4.5.3.2.7: the server waits at least 5 minutes for a command. */
const IDLE_MS = 300_000;

export interface SmtpReceiver {
  /** Resolves to the port once it is bound. */
  listen(options: ListenOptions): Promise<number>;
  /** Takes over an accepted socket (before TLS). */
  handle(socket: Socket): void;
  /** Sessions that are open. */
  readonly sessionCount: number;
  close(deadlineMs: number): Promise<void>;
}

export interface ReceiverOptions {
  readonly pace?: Partial<PaceLimits>;
  readonly idleMs?: number;
}

export function createSmtpReceiver(context: ReceiverContext, profile: ReceiverProfile, options: ReceiverOptions = {}): SmtpReceiver {
  const listener = new SmtpListener(context, profile, options);
  return {
    listen: (where) => listener.bind(where),
    handle: (socket) => listener.server.emit('connection', socket),
    get sessionCount() {
      return listener.sessionCount;
    },
    close: (deadlineMs) => listener.stop(deadlineMs),
  };
}

export class SmtpListener extends SMTPServer {
  readonly context: ReceiverContext;
  readonly profile: ReceiverProfile;
  readonly #sessions = new Set<SmtpSession>();
  readonly #bySession = new WeakMap<object, SmtpSession>();
  readonly #endWatch: () => void;
  #onEmpty: (() => void) | undefined;
  /** From then on every command is answered 421. */
  isStopping = false;

  constructor(context: ReceiverContext, profile: ReceiverProfile, { pace = {}, idleMs = IDLE_MS }: ReceiverOptions) {
    super({
      secure: profile.implicitTls,
      // Otherwise the system is asked for its name at each connection.
      name: context.hostname(),
      // Keeps smtp-server from making a context of its own built-in key.
      SNICallback: (_name, done) => done(null, undefined),
      hideENHANCEDSTATUSCODES: false,
      authOptional: true,
      disableReverseLookup: true,
      socketTimeout: idleMs,
      allowHalfOpen: true,
      logger: false,
    } as ConstructorParameters<typeof SMTPServer>[0]);
    this.context = context;
    this.profile = profile;
    this.secureContext = new PresentCertificates(context.tls);
    this.#endWatch = watchPace(() => this.#sessions, { ...DEFAULT_PACE, ...pace });
    if (profile.needsLogin) context.authenticator.onRevoked((account) => this.#revoke(account));
    // Failed handshakes and lost sockets are daily life; nothing here may end the process.
    this.on('error', (error: Error) => context.log.debug({ err: error }, 'smtp.socket'));
  }

  #revoke(account: AccountId): void {
    for (const session of this.#sessions) if (session.account?.account === account) session.revoke();
  }

  override updateSecureContext(): void {
    // Contexts come from the provider at each handshake.
  }

  override connect(socket: Socket | TLSSocket): void {
    const session = new SmtpSession(this, socket, { id: 'session' });
    this.#sessions.add(session);
    this.#bySession.set(session.session, session);
    this.connections.add(session);
    session.on('error', (error: Error) => this.context.log.debug({ err: error }, 'smtp.socket'));
    session.init();
  }

  /** Told by the session itself: after STARTTLS the socket that it began on never says that it is closed. */
  forget(session: SmtpSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) this.#onEmpty?.();
  }

  /** A client of an implicit TLS port counts from its first packet, and has `HANDSHAKE_MS` to become a session. */
  override _acceptSocket(socket: Socket, handshake: boolean): false | (() => void) {
    const release = super._acceptSocket(socket, handshake);
    if (!handshake || release === false) return release;
    const { connections, directory } = this.context;
    const address = socket.remoteAddress ?? '';
    const isCounted = connections.enter(address, directory.setting<number>('mailIn.connectionsPerAddress'));
    // The socket on top: taking the raw one away under a handshake that runs ends the process.
    const end = (): void => void this._pendingSockets.get(socket)?.destroy();
    const timer = setTimeout(end, HANDSHAKE_MS).unref();
    // By then the TLS socket is on top; one that its client has left would wait for the rest of the handshake.
    queueMicrotask(() => {
      if (isCounted) this._pendingSockets.get(socket)?.once('end', end);
      else end();
    });
    return () => {
      clearTimeout(timer);
      if (isCounted) connections.leave(address);
      release();
    };
  }

  /** No PROXY header is ever expected: loopback is not trusted (design rule 5). */
  override _handleProxy(_socket: Socket, callback: (error: Error | null, options?: { id: string }) => void): void {
    callback(null, { id: 'session' });
  }

  override _resolveSNI(servername: string, done: (error: Error | null, context?: SecureContext) => void): void {
    done(null, this.context.tls.contextFor(servername));
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    const connection = this.#bySession.get(session);
    if (connection === undefined) return callback(new Error('no session'));
    logIn(connection, { username: auth.username ?? '', password: auth.password ?? '' })
      .catch((error: unknown) => {
        connection.fail(error, 'login');
        return reply(454, '7.0', 'Log-in does not work at the moment, try again');
      })
      .then((refusal) => {
        if (refusal === undefined) callback(null, { user: 'account' });
        else callback(Object.assign(new Error(`${refusal.enhanced} ${refusal.text}`), { responseCode: refusal.code }));
      })
      .catch((error: unknown) => connection.fail(error, 'login'));
  }

  override onSecure(_socket: TLSSocket, _session: SMTPServerSession, callback: (error?: Error | null) => void): void {
    callback(null);
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  bind(options: ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(options, () => {
        this.server.off('error', reject);
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#endWatch();
    if (this.server.listening) this.server.close();
    for (const pending of this._pendingSockets.values()) pending.destroy();
    this.isStopping = true;
    for (const session of this.#sessions) {
      if (session.isIdle) session.reply(reply(421, '3.2', 'Going down, come back in a moment'));
    }
    await this.#emptied(deadlineMs);
    for (const session of this.#sessions) session._socket.destroy();
  }

  #emptied(deadlineMs: number): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** smtp-server reads its default context from a map at each handshake; this one always has the present certificate. */
class PresentCertificates extends Map<string, SecureContext> {
  readonly #tls: ReceiverContext['tls'];

  constructor(tls: ReceiverContext['tls']) {
    super();
    this.#tls = tls;
  }

  override get(name: string): SecureContext {
    return this.#tls.contextFor(name === '*' ? undefined : name);
  }
}
