/**
 * A real name server on loopback, UDP and TCP on one port: authoritative for its zones, or a stand-in for a resolver that
 * knows everything it is given. Scripted per question: it can fail, refuse, stay silent, truncate, lie or send any bytes.
 *
 * Invariants: 1. what is not in `zones` is REFUSED; 2. every question is noted in `asked` as `TYPE name over udp|tcp`.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import dnsPacket, { type Answer, type DecodedPacket } from 'dns-packet';
import type { MxRecord, RecordType, SoaRecord, SrvRecord, TlsaRecord } from '../../daemon/dns/answer.ts';
import type { ServerAddress } from '../../daemon/dns/servers.ts';
import { nameExists, parseRecord, type ZoneData } from './dns-records.ts';

export type Behaviour =
  | 'servfail'
  | 'refused'
  | 'nxdomain'
  | 'nodata'
  /** Never answers. */
  | 'silent'
  /** TC over UDP, the whole answer over TCP. */
  | 'truncate'
  /** NS records of someone else instead of an answer. */
  | 'refer'
  /** SERVFAIL with the extended error "DNSSEC Bogus". */
  | 'bogus'
  /** FORMERR while the question carries EDNS. */
  | 'no-edns'
  /** These records instead of the zone's. */
  | { readonly lie: readonly string[] }
  /** Any octets; gets the question's. */
  | { readonly raw: (question: Buffer) => Buffer };

export interface DnsServerSettings {
  /** Zone apexes it is authoritative for; '' is the root. */
  readonly zones: readonly string[];
  readonly data: ZoneData;
  /** By `TYPE name`, `* name` or `*`. */
  readonly behave?: Readonly<Record<string, Behaviour>>;
  /** Sets RA, clears AA, like a recursive server. */
  readonly recursive?: boolean;
  /** Sets AD when the question asks for it. */
  readonly authenticated?: boolean;
  readonly ttl?: number;
  /** 127.0.0.1 unless told; several servers of one zone can share a port on 127.0.0.1, 127.0.0.2 and so on. */
  readonly address?: string;
  readonly port?: number;
  /** Leave CNAME targets to the asker. */
  readonly leaveAliases?: boolean;
}

export interface DnsServer extends ServerAddress, AsyncDisposable {
  readonly text: string;
  readonly asked: string[];
  data: ZoneData;
  behave: Readonly<Record<string, Behaviour>>;
}

const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;

/** Starts one; ends with `await using` or `[Symbol.asyncDispose]`. */
export async function startDnsServer(settings: DnsServerSettings): Promise<DnsServer> {
  const address = settings.address ?? '127.0.0.1';
  const { udp, tcp, port } = await bindBoth(address, settings.port ?? 0);
  const connections = new Set<Socket>();
  const server: DnsServer = {
    address,
    port,
    text: `${address}:${port}`,
    asked: [],
    data: settings.data,
    behave: settings.behave ?? {},
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
  udp.on('message', (wire, from) => {
    const reply = answer(server, settings, wire, 'udp');
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  tcp.on('connection', (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('error', () => connection.destroy());
    serveTcp(connection, (wire) => answer(server, settings, wire, 'tcp'));
  });
  return server;
}

async function bindBoth(address: string, wanted: number): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (;;) {
    const tcp = createServer();
    tcp.listen(wanted, address);
    await once(tcp, 'listening');
    const port = (tcp.address() as { port: number }).port;
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    udp.bind(port, address);
    const bound = await once(udp, 'listening').then(
      () => true,
      () => false,
    );
    if (bound) return { udp, tcp, port };
    tcp.close();
    if (wanted !== 0) throw new Error(`udp port ${port} is taken`);
  }
}

function serveTcp(connection: Socket, reply: (wire: Buffer) => Buffer | undefined): void {
  let received: Buffer = Buffer.alloc(0);
  connection.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const size = received.readUInt16BE(0);
      const wire = reply(received.subarray(2, 2 + size));
      received = received.subarray(2 + size);
      if (wire === undefined) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(wire.length);
      connection.write(Buffer.concat([length, wire]));
    }
  });
}

function answer(server: DnsServer, settings: DnsServerSettings, wire: Buffer, over: 'udp' | 'tcp'): Buffer | undefined {
  const query = dnsPacket.decode(wire);
  const question = query.questions?.[0];
  if (question === undefined) return undefined;
  const name = question.name.toLowerCase();
  const type = question.type as RecordType;
  server.asked.push(`${type} ${name} over ${over}`);
  const behaviour = server.behave[`${type} ${name}`] ?? server.behave[`* ${name}`] ?? server.behave['*'];
  if (behaviour === 'silent') return undefined;
  if (typeof behaviour === 'object' && 'raw' in behaviour) return behaviour.raw(wire);
  const reply = new ReplyDraft(query, settings);
  if (behaviour === 'servfail') return reply.fail(SERVFAIL);
  if (behaviour === 'bogus') return reply.fail(SERVFAIL, 6);
  if (behaviour === 'refused') return reply.fail(REFUSED);
  if (behaviour === 'truncate' && over === 'udp') return reply.truncated();
  if (behaviour === 'no-edns' && (query.additionals ?? []).length > 0) return reply.fail(1);
  if (behaviour === 'refer') return reply.refer(name);
  if (behaviour === 'nxdomain') return reply.none(name, NXDOMAIN);
  if (behaviour === 'nodata') return reply.none(name, 0);
  if (typeof behaviour === 'object') return reply.records(name, type, behaviour.lie).encode();
  if (!settings.zones.some((zone) => zone === '' || name === zone || name.endsWith(`.${zone}`))) return reply.fail(REFUSED);
  return fromZone(reply, server.data, { name, type, chase: settings.leaveAliases !== true });
}

function fromZone(reply: ReplyDraft, data: ZoneData, ask: { name: string; type: RecordType; chase: boolean }): Buffer {
  let current = ask.name;
  for (let hop = 0; hop < 16; hop++) {
    const values = data[current]?.[ask.type];
    if (values !== undefined) return reply.records(current, ask.type, values).encode();
    const alias = ask.type === 'CNAME' ? undefined : data[current]?.CNAME?.[0];
    if (alias === undefined) return reply.none(current, nameExists(data, current) ? 0 : NXDOMAIN);
    reply.records(current, 'CNAME', [alias]);
    current = parseRecord('CNAME', alias) as string;
    if (!ask.chase) return reply.encode();
  }
  return reply.encode();
}

class ReplyDraft {
  readonly #query: DecodedPacket;
  readonly #settings: DnsServerSettings;
  readonly #answers: Answer[] = [];

  constructor(query: DecodedPacket, settings: DnsServerSettings) {
    this.#query = query;
    this.#settings = settings;
  }

  records(name: string, type: RecordType, values: readonly string[]): this {
    for (const value of values) {
      this.#answers.push({ name, type, ttl: this.#settings.ttl ?? 300, class: 'IN', data: toPacketData(type, value) } as Answer);
    }
    return this;
  }

  encode(rcode = 0, rest: { authorities?: Answer[]; additionals?: Answer[]; flags?: number } = {}): Buffer {
    const query = this.#query;
    let flags =
      (rest.flags ?? 0) | rcode | (this.#settings.recursive === true ? dnsPacket.RECURSION_AVAILABLE : dnsPacket.AUTHORITATIVE_ANSWER);
    if (query.flag_rd) flags |= dnsPacket.RECURSION_DESIRED;
    if (this.#settings.authenticated === true && query.flag_ad) flags |= dnsPacket.AUTHENTIC_DATA;
    const { authorities = [], additionals = [] } = rest;
    return dnsPacket.encode({
      type: 'response',
      id: query.id,
      flags,
      questions: query.questions,
      answers: this.#answers,
      authorities,
      additionals,
    });
  }

  /** An error without any section but the question, and with an extended error if given (RFC 8914). */
  fail(rcode: number, extended?: number): Buffer {
    if (extended === undefined) return this.encode(rcode);
    const data = Buffer.from([extended >> 8, extended & 0xff]);
    return this.encode(rcode, {
      additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, options: [{ code: 15, data }] } as unknown as Answer],
    });
  }

  truncated(): Buffer {
    return this.encode(0, { flags: dnsPacket.TRUNCATED_RESPONSE });
  }

  refer(name: string): Buffer {
    const wire = this.encode(0, { authorities: [{ name, type: 'NS', ttl: 60, class: 'IN', data: 'ns.elsewhere.test' }] });
    wire.writeUInt16BE(wire.readUInt16BE(2) & ~dnsPacket.AUTHORITATIVE_ANSWER, 2);
    return wire;
  }

  none(name: string, rcode: number): Buffer {
    const zone = this.#settings.zones.find((apex) => apex === '' || name === apex || name.endsWith(`.${apex}`)) ?? '';
    const data = {
      mname: `ns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 60,
      retry: 60,
      expire: 60,
      minimum: this.#settings.ttl ?? 300,
    };
    return this.encode(rcode, {
      authorities: [{ name: zone === '' ? '.' : zone, type: 'SOA', ttl: this.#settings.ttl ?? 300, class: 'IN', data } as Answer],
    });
  }
}

function toPacketData(type: RecordType, value: string): unknown {
  const parsed = parseRecord(type, value);
  switch (type) {
    case 'MX':
      return parsed as MxRecord;
    case 'SRV':
      return parsed as SrvRecord;
    case 'TLSA': {
      const { data, ...rest } = parsed as TlsaRecord;
      return { ...rest, certificate: data };
    }
    case 'TXT':
      return (value.match(/.{1,255}/gs) ?? ['']).map((part) => Buffer.from(part));
    case 'SOA':
      return {
        mname: (parsed as SoaRecord).primary,
        rname: 'hostmaster.test',
        serial: (parsed as SoaRecord).serial,
        minimum: (parsed as SoaRecord).minimum,
      };
    case 'CAA': {
      const { critical, tag, value: text } = parsed as { critical: boolean; tag: string; value: string };
      return { flags: critical ? 128 : 0, tag, value: text };
    }
    default:
      return parsed;
  }
}
