/**
 * A resolver that answers from a table, for tests of what is built on DNS.
 *
 * What a question gets: `failures['MX example.test']` if given, else the records of the table, CNAMEs followed, else NODATA
 * or NXDOMAIN. `ask` answers from `servers['address:port']` when given, else from the same table.
 */
import type { DnsAnswer, DnsStatus, RecordData, RecordType } from '../../daemon/dns/answer.ts';
import { emptyAnswer } from '../../daemon/dns/answer.ts';
import { reverseName } from '../../daemon/dns/names.ts';
import type { Resolver } from '../../daemon/dns/resolver.ts';
import { serverText } from '../../daemon/dns/servers.ts';
import { nameExists, parseRecord, type ZoneData } from './dns-records.ts';

export interface FakeResolverSettings {
  /** `TYPE name` to the status that the question gets. */
  readonly failures?: Readonly<Record<string, Exclude<DnsStatus, 'ok'>>>;
  /** What a directly asked server knows, by `address:port`; 'silent' never answers. */
  readonly servers?: Readonly<Record<string, ZoneData | 'silent'>>;
  /** Names whose answers are DNSSEC-validated. */
  readonly authenticated?: readonly string[];
}

export interface FakeResolver extends Resolver {
  /** `TYPE name` of each question, in order. */
  readonly asked: readonly string[];
  /** Takes the place of the table for the questions to come. */
  change(data: ZoneData): void;
}

/** A resolver over `data`; nothing is cached, nothing waits. */
export function fakeResolver(data: ZoneData, settings: FakeResolverSettings = {}): FakeResolver {
  let table = data;
  const asked: string[] = [];

  const lookUp = (from: ZoneData, name: string, type: RecordType, server: string): DnsAnswer<unknown> => {
    const plain = name.toLowerCase().replace(/\.$/, '');
    asked.push(`${type} ${plain}`);
    const failure = settings.failures?.[`${type} ${plain}`];
    if (failure !== undefined) return emptyAnswer(failure, plain, server);
    const aliases: string[] = [];
    let current = plain;
    for (;;) {
      const values = from[current]?.[type];
      const authenticated = settings.authenticated?.includes(plain) ?? false;
      const told = { name: current, aliases, authenticated, authoritative: server !== 'fake:53', server, ttl: 300 };
      if (values !== undefined) return { ...told, status: 'ok', records: values.map((value) => parseRecord(type, value)) };
      const alias = type === 'CNAME' ? undefined : from[current]?.CNAME?.[0];
      if (alias === undefined) return { ...told, status: nameExists(from, current) ? 'nodata' : 'nxdomain', records: [] };
      aliases.push(current);
      current = parseRecord('CNAME', alias) as string;
      if (aliases.includes(current)) return emptyAnswer('servfail', current, server);
    }
  };
  const query = <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<RecordData[T]>> =>
    Promise.resolve(lookUp(table, name, type, 'fake:53') as DnsAnswer<RecordData[T]>);

  return {
    asked,
    change: (next) => {
      table = next;
    },
    query,
    peek: () => undefined,
    ask: (server, name, type) => {
      const address = serverText(server);
      const own = settings.servers?.[address] ?? table;
      const answer = own === 'silent' ? emptyAnswer('timeout', name, address) : lookUp(own, name, type, address);
      return Promise.resolve(answer as DnsAnswer<RecordData[typeof type]>);
    },
    a: (name) => query(name, 'A'),
    aaaa: (name) => query(name, 'AAAA'),
    mx: (name) => query(name, 'MX'),
    txt: (name) => query(name, 'TXT'),
    ns: (name) => query(name, 'NS'),
    srv: (name) => query(name, 'SRV'),
    tlsa: (name) => query(name, 'TLSA'),
    ptr: (address) => {
      const name = reverseName(address);
      return name === undefined ? Promise.resolve(emptyAnswer('nxdomain', address)) : query(name, 'PTR');
    },
    close: () => undefined,
  };
}
