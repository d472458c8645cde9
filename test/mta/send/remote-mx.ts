/**
 * A foreign mail server on loopback that does as it is told: real sockets, line by line, scripted by verb.
 *
 * `script` answers a line (`RCPT TO:<x@y>`, `.` for the end of the message, `` for the greeting); undefined = the usual
 * answer, 'drop' = the connection is cut, 'silent' = no answer. Everything accepted is in `messages`, every line in `lines`.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { makeSelfSigned } from '../../../daemon/certificates/self-signed.ts';

export interface RemoteMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
  readonly isSecure: boolean;
  readonly connection: number;
}

export type Script = (
  line: string,
  state: { readonly connection: number; readonly isSecure: boolean; readonly rcpts: number },
) => string | undefined;

export interface RemoteMxOptions {
  readonly script?: Script;
  readonly extensions?: readonly string[];
  readonly address?: string;
  readonly port?: number;
}

export interface RemoteMx extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly messages: RemoteMessage[];
  readonly lines: string[];
  connections: number;
  open: number;
  mostOpen: number;
  script: Script;
}

const USUAL = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 50000000', 'ENHANCEDSTATUSCODES', 'STARTTLS'];

export async function startRemoteMx(options: RemoteMxOptions = {}): Promise<RemoteMx> {
  const address = options.address ?? '127.0.0.1';
  const sockets = new Set<Socket>();
  const { keyPem, chainPem } = await makeSelfSigned('remote.test', Date.now());
  const context = createSecureContext({ key: keyPem, cert: chainPem });
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    mx.connections += 1;
    mx.open += 1;
    mx.mostOpen = Math.max(mx.mostOpen, mx.open);
    socket.on('close', () => {
      sockets.delete(socket);
      mx.open -= 1;
    });
    new Dialogue(mx, { extensions: options.extensions ?? USUAL, connection: mx.connections, context }).greet(socket);
  });
  server.listen(options.port ?? 0, address);
  await once(server, 'listening');
  const mx: RemoteMx = {
    address,
    port: (server.address() as AddressInfo).port,
    messages: [],
    lines: [],
    connections: 0,
    open: 0,
    mostOpen: 0,
    script: options.script ?? (() => undefined),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return mx;
}

class Dialogue {
  readonly #mx: RemoteMx;
  readonly #extensions: readonly string[];
  readonly #connection: number;
  readonly #context: SecureContext;
  #socket!: Socket;
  #received = '';
  #inData = false;
  #isSecure = false;
  #from: string | undefined;
  #to: string[] = [];
  #rcpts = 0;

  constructor(mx: RemoteMx, options: { extensions: readonly string[]; connection: number; context: SecureContext }) {
    this.#mx = mx;
    this.#extensions = options.extensions;
    this.#connection = options.connection;
    this.#context = options.context;
  }

  greet(socket: Socket): void {
    this.#listen(socket);
    this.#answer('', '220 remote.test ESMTP');
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      if (socket !== this.#socket) return;
      this.#received += chunk.toString('latin1');
      this.#read();
    });
  }

  #read(): void {
    for (;;) {
      if (this.#inData) {
        const end = this.#received.startsWith('.\r\n') ? 0 : this.#received.indexOf('\r\n.\r\n') + 2;
        if (end === 1) return;
        const data = this.#received.slice(0, end).replace(/^\.\./gm, '.');
        this.#received = this.#received.slice(end + 3);
        this.#inData = false;
        this.#endData(data);
        continue;
      }
      const end = this.#received.indexOf('\r\n');
      if (end === -1) return;
      const line = this.#received.slice(0, end);
      this.#received = this.#received.slice(end + 2);
      this.#mx.lines.push(line);
      this.#command(line);
    }
  }

  #command(line: string): void {
    const verb = line.split(/[ :]/)[0]?.toUpperCase();
    if (verb === 'EHLO')
      return void this.#answer(line, ['250-remote.test', ...this.#offered().map((name) => `250-${name}`), '250 HELP'].join('\r\n'));
    if (verb === 'STARTTLS') return this.#startTls(line);
    if (verb === 'MAIL' && this.#answer(line, '250 2.1.0 ok').startsWith('2')) this.#begin(line);
    else if (verb === 'RCPT') this.#recipient(line);
    else if (verb === 'DATA') this.#data(line);
    else if (verb === 'RSET') {
      this.#begin('');
      this.#answer(line, '250 2.0.0 ok');
    } else if (verb === 'QUIT') {
      this.#answer(line, '221 2.0.0 bye');
      this.#socket.end();
    } else if (verb !== 'MAIL') this.#answer(line, '250 2.0.0 ok');
  }

  #offered(): readonly string[] {
    return this.#isSecure ? this.#extensions.filter((name) => name !== 'STARTTLS') : this.#extensions;
  }

  #begin(line: string): void {
    this.#from = /<(.*)>/.exec(line)?.[1];
    this.#to = [];
    this.#rcpts = 0;
  }

  #recipient(line: string): void {
    if (this.#from === undefined) return this.#reply('503 5.5.1 MAIL first');
    this.#rcpts += 1;
    if (this.#answer(line, '250 2.1.5 ok').startsWith('2')) this.#to.push(/<(.*)>/.exec(line)?.[1] ?? '');
  }

  #data(line: string): void {
    if (this.#to.length === 0) return void this.#answer(line, '503 5.5.1 no valid recipients');
    if (this.#answer(line, '354 go on').startsWith('3')) this.#inData = true;
  }

  #endData(data: string): void {
    const message = { from: this.#from ?? '', to: this.#to, data, isSecure: this.#isSecure, connection: this.#connection };
    this.#begin('');
    const wanted = this.#mx.script('.', this.#state());
    // A server that took the message and then lost the connection has it all the same.
    if (wanted === undefined || wanted.startsWith('2') || wanted === 'drop') this.#mx.messages.push(message);
    this.#reply(wanted ?? '250 2.0.0 queued as 42');
  }

  #startTls(line: string): void {
    const answer = this.#mx.script(line, this.#state());
    if (answer === 'garbage') {
      this.#socket.write('220 ready\r\n');
      this.#socket.removeAllListeners('data');
      this.#socket.once('data', () => this.#socket.write('this is not TLS\r\n'));
      return;
    }
    if (answer !== undefined) return this.#reply(answer);
    this.#socket.removeAllListeners('data');
    this.#socket.write('220 ready\r\n');
    const secure = new TLSSocket(this.#socket, { isServer: true, secureContext: this.#context });
    this.#isSecure = true;
    this.#received = '';
    this.#listen(secure as unknown as Socket);
  }

  #answer(line: string, usual: string): string {
    const answer = this.#mx.script(line, this.#state()) ?? usual;
    this.#reply(answer);
    return answer;
  }

  #state(): { connection: number; isSecure: boolean; rcpts: number } {
    return { connection: this.#connection, isSecure: this.#isSecure, rcpts: this.#rcpts };
  }

  #reply(answer: string): void {
    if (answer === 'drop') this.#socket.destroy();
    else if (answer !== 'silent') this.#socket.write(`${answer}\r\n`);
  }
}
