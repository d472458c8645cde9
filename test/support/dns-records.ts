/**
 * Zone data as tests write it: `{'example.test': {MX: ['10 mx.example.test'], TXT: ['v=spf1 -all']}}`, names absolute,
 * without the final dot, values in presentation form. Shared by the name server and the fake resolver.
 */
import type { RecordData, RecordType } from '../../daemon/dns/answer.ts';

export type ZoneData = Readonly<Record<string, Partial<Record<RecordType, readonly string[]>>>>;

/** One value in the shape that the resolver gives. */
export function parseRecord(type: RecordType, value: string): RecordData[RecordType] {
  const words = value.split(/\s+/);
  const name = (index: number): string => (words[index] ?? '').toLowerCase().replace(/(.)\.$/, '$1');
  const number = (index: number): number => Number(words[index]);
  switch (type) {
    case 'MX':
      return { preference: number(0), exchange: name(1) };
    case 'SRV':
      return { priority: number(0), weight: number(1), port: number(2), target: name(3) };
    case 'TLSA':
      return { usage: number(0), selector: number(1), matchingType: number(2), data: Buffer.from(words[3] ?? '', 'hex') };
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return name(0);
    case 'SOA':
      return { primary: name(0), serial: number(2), minimum: number(6) };
    case 'CAA':
      return { critical: number(0) >= 128, tag: words[1] ?? '', value: words.slice(2).join(' ') };
    default:
      return value;
  }
}

/** True when the data hold this name or one below it, so that "no such record" is NODATA and not NXDOMAIN. */
export function nameExists(data: ZoneData, name: string): boolean {
  return Object.keys(data).some((key) => key === name || key.endsWith(`.${name}`));
}
