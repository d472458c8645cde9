/**
 * A network of one test's own: a random /24 of 127.0.0.0/8, in which each machine has its own address and real name, and all of
 * them the same ports. Nothing leaves the host, tests run side by side, and no port is shared with what the host itself runs.
 *
 * 1. Mail ports are the standard ones plus PORT_OFFSET; name servers listen on 53 (`resolv.conf` knows no other port), so a test
 *    with foreign programs needs root.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export const PORT_OFFSET = 20_000;
export const SMTP_PORT = 25 + PORT_OFFSET;

export interface LoopbackNetwork {
  /** `127.x.y`, without the last number. */
  readonly prefix: string;
  /** The machine under test. */
  readonly own: string;
  /** Other mail servers. */
  readonly foreign: string;
  readonly otherForeign: string;
  readonly nameServer: string;
  /** The zone of its reverse names. */
  readonly reverseZone: string;
}

/** A network whose mail port nobody uses. */
export async function chooseNetwork(): Promise<LoopbackNetwork> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const [x, y] = [randomInt(16, 250), randomInt(1, 250)];
    const prefix = `127.${x}.${y}`;
    if (await isFree(`${prefix}.2`, SMTP_PORT)) {
      return {
        prefix,
        own: `${prefix}.2`,
        foreign: `${prefix}.3`,
        otherForeign: `${prefix}.4`,
        nameServer: `${prefix}.53`,
        reverseZone: `${y}.${x}.127.in-addr.arpa`,
      };
    }
  }
  throw new Error(`port ${SMTP_PORT} is taken on every loopback address: a program listens on all of them`);
}

function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
