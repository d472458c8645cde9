/**
 * Questions and replies on the wire, by dns-packet, reduced to what the resolver needs.
 *
 * Invariants:
 * 1. A question carries one name, class IN, an EDNS record of 1232 octets (RFC 6891 §6.2.5) unless told otherwise.
 * 2. `readReply` accepts nothing whose id, question name, type or class differ from what was asked
 *    (RFC 5452 §9.1), and nothing that isCleanReply refuses.
 */
import dnsPacket, { type Answer, type DecodedPacket } from 'dns-packet';
import type { RecordData, RecordType } from './answer.ts';
import { isCleanReply } from './wire-scan.ts';

export interface Question {
  readonly name: string;
  readonly type: RecordType;
}

export interface QuestionOptions {
  readonly id: number;
  /** The RD bit: the server is to find the answer wherever it is. */
  readonly recursive: boolean;
  /** The AD bit in the question asks for the AD bit in the answer (RFC 6840 §5.7). */
  readonly wantAuthenticated: boolean;
  readonly edns: boolean;
}

/** One record as the resolver uses it; `data` has the shape of `RecordData[type]`. */
export interface ReplyRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: unknown;
}

export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticated: boolean;
  readonly answers: readonly ReplyRecord[];
  /** From the authority section: its SOA says how long "no" may be kept (RFC 2308 §5). */
  readonly soa: ReplyRecord | undefined;
  readonly delegates: boolean;
  /** RFC 8914 §2: the extended error, or undefined. */
  readonly extendedError: number | undefined;
}

export type ReadResult = { readonly kind: 'reply'; readonly reply: Reply } | { readonly kind: 'truncated' | 'foreign' | 'malformed' };

const UDP_PAYLOAD = 1232;
/** RFC 1035 §4.1.1: this is a reply; it was cut. */
const QR = 0x8000;
const TC = 0x0200;

/** The octets of a question. */
export function encodeQuestion(question: Question, options: QuestionOptions): Buffer {
  let flags = options.recursive ? dnsPacket.RECURSION_DESIRED : 0;
  if (options.wantAuthenticated) flags |= dnsPacket.AUTHENTIC_DATA;
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_PAYLOAD,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return dnsPacket.encode({
    type: 'query',
    id: options.id,
    flags,
    questions: [{ type: question.type as 'A', name: question.name, class: 'IN' }],
    additionals: options.edns ? [opt as unknown as Answer] : [],
  });
}

/**
 * Reads a datagram or TCP message as the reply to one question.
 * 'foreign' means that it answers something else, so the right one may still come.
 */
export function readReply(wire: Buffer, id: number, question: Question): ReadResult {
  if (wire.length < 12 || wire.readUInt16BE(0) !== id) return { kind: 'foreign' };
  const flags = wire.readUInt16BE(2);
  if ((flags & QR) === 0) return { kind: 'foreign' };
  const truncated = (flags & TC) !== 0;
  const rcode = flags & 0x0f;
  let packet: DecodedPacket;
  try {
    // A truncated reply may end in the middle of a record; only its question is looked at.
    packet = dnsPacket.decode(truncated ? questionOnly(wire) : wire);
  } catch {
    return { kind: 'malformed' };
  }
  const asked = packet.questions?.[0];
  // A server that cannot read the question may answer FORMERR without repeating it (RFC 1035 §4.1.1).
  if (asked === undefined && rcode !== 1) return { kind: 'foreign' };
  if (asked !== undefined && !isSameQuestion(asked, question)) return { kind: 'foreign' };
  if (truncated) return { kind: 'truncated' };
  if (!isCleanReply(wire)) return { kind: 'malformed' };
  return { kind: 'reply', reply: reduce(packet, rcode) };
}

function questionOnly(wire: Buffer): Buffer {
  const copy = Buffer.from(wire);
  copy.fill(0, 6, 12);
  return copy;
}

function isSameQuestion(asked: { name: string; type: string; class?: string | undefined }, question: Question): boolean {
  return asked.type === question.type && asked.class === 'IN' && asked.name.toLowerCase() === question.name;
}

function reduce(packet: DecodedPacket, headerRcode: number): Reply {
  let rcode = headerRcode;
  let extendedError: number | undefined;
  for (const extra of packet.additionals ?? []) {
    if (extra.type !== 'OPT') continue;
    rcode |= extra.extendedRcode << 4;
    for (const option of extra.options as unknown as { code: number; data?: Buffer }[]) {
      if (option.code === 15 && option.data !== undefined && option.data.length >= 2) extendedError = option.data.readUInt16BE(0);
    }
  }
  const authorities = packet.authorities ?? [];
  const soa = authorities.find((record) => record.type === 'SOA');
  return {
    rcode,
    authoritative: packet.flag_aa,
    recursionAvailable: packet.flag_ra,
    authenticated: packet.flag_ad,
    answers: (packet.answers ?? []).flatMap(toRecord),
    soa: soa === undefined ? undefined : toRecord(soa)[0],
    delegates: authorities.some((record) => record.type === 'NS'),
    extendedError,
  };
}

function toRecord(answer: Answer): ReplyRecord[] {
  if (answer.type === 'OPT' || answer.class !== 'IN') return [];
  const data = readData(answer);
  if (data === undefined) return [];
  return [{ name: lower(answer.name), type: answer.type, ttl: answer.ttl ?? 0, data }];
}

function lower(name: string): string {
  return name.toLowerCase();
}

function readData(answer: Answer): RecordData[RecordType] | undefined {
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return answer.data;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return lower(answer.data);
    case 'MX':
      return { preference: answer.data.preference ?? 0, exchange: lower(answer.data.exchange) };
    case 'TXT':
      return joinStrings(answer.data);
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = answer.data;
      return { priority, weight, port, target: lower(target) };
    }
    case 'TLSA':
      return {
        usage: answer.data.usage,
        selector: answer.data.selector,
        matchingType: answer.data.matchingType,
        data: Buffer.from(answer.data.certificate),
      };
    case 'SOA':
      return { primary: lower(answer.data.mname), serial: answer.data.serial ?? 0, minimum: answer.data.minimum ?? 0 };
    case 'CAA':
      return { critical: ((answer.data.flags ?? 0) & 0x80) !== 0, tag: lower(answer.data.tag), value: answer.data.value };
    default:
      return undefined;
  }
}

function joinStrings(data: string | Buffer | (string | Buffer)[]): string {
  const parts = Array.isArray(data) ? data : [data];
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))).toString('utf8');
}
