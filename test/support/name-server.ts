/**
 * nsd as the authoritative name server of a test's network: the zones given, and a root zone so that all other names provably
 * do not exist. Asked directly by our daemon and, through resolv.conf, by foreign programs.
 */

import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background } from './child-process.ts';
import { eventually } from './eventually.ts';
import type { LoopbackNetwork } from './loopback-network.ts';

/** Records of a zone, one a line, as in a zone file; `@` is its apex. */
export type Zones = Readonly<Record<string, readonly string[]>>;

export class NameServer implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Background;
  readonly #address: string;
  readonly #zones: Record<string, readonly string[]>;
  #serial = 1;

  private constructor(directory: string, process: Background, { address, zones }: { address: string; zones: Zones }) {
    this.#directory = directory;
    this.#process = process;
    this.#address = address;
    this.#zones = { ...zones };
  }

  static async open(network: LoopbackNetwork, zones: Zones): Promise<NameServer> {
    const directory = mkdtempSync(join(tmpdir(), 'nsd-'));
    const all: Zones = { ...zones, '': [] };
    for (const [name, records] of Object.entries(all))
      writeFileSync(join(directory, fileOf(name)), zoneText(name, records, { address: network.nameServer, serial: 1 }));
    writeFileSync(join(directory, 'nsd.conf'), configuration(directory, network.nameServer, Object.keys(all)));
    const server = new NameServer(directory, new Background('/usr/sbin/nsd', ['-d', '-c', join(directory, 'nsd.conf')]), {
      address: network.nameServer,
      zones: all,
    });
    await eventually('nsd answers', () => server.#process.hasEnded || canConnect(network.nameServer, 53));
    if (server.#process.hasEnded) throw new Error(`nsd ended: ${server.#process.output}`);
    return server;
  }

  /** Adds records to one of its zones; answers once they are served. */
  async publish(zone: string, records: readonly string[]): Promise<void> {
    await this.replace(zone, [...(this.#zones[zone] ?? []), ...records]);
  }

  /** Gives one of its zones these records instead; answers once they are served. */
  async replace(zone: string, records: readonly string[]): Promise<void> {
    this.#zones[zone] = records;
    const serial = ++this.#serial;
    writeFileSync(join(this.#directory, fileOf(zone)), zoneText(zone, records, { address: this.#address, serial }));
    this.#process.child.kill('SIGHUP');
    const resolver = new Resolver();
    resolver.setServers([this.#address]);
    await eventually(`${zone} with serial ${serial}`, async () => (await resolver.resolveSoa(zone)).serial === serial);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const fileOf = (zone: string): string => `${zone === '' ? 'root' : zone}.zone`;

function zoneText(name: string, records: readonly string[], { address, serial }: { address: string; serial: number }): string {
  const origin = name === '' ? '.' : `${name}.`;
  return `$ORIGIN ${origin}\n$TTL 60\n@ IN SOA ns.name-server.test. hostmaster.name-server.test. ${serial} 3600 600 86400 1\n@ IN NS ns\nns IN A ${address}\n${records.join('\n')}\n`;
}

function configuration(directory: string, address: string, zones: readonly string[]): string {
  const server = `server:
  ip-address: ${address}@53
  username: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${directory}/nsd.pid"
  xfrdfile: "${directory}/xfrd.state"
  zonelistfile: "${directory}/zone.list"
  server-count: 1
remote-control:
  control-enable: no
`;
  return server + zones.map((zone) => `zone:\n  name: ${zone === '' ? '.' : zone}\n  zonefile: ${fileOf(zone)}\n`).join('');
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
