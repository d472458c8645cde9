/**
 * The parameters of MAIL and RCPT: known ones with their syntax, everything else 555.
 *
 * Specifications: RFC 5321 §4.1.1.11 (555), RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 §3.4 (SMTPUTF8), RFC 3461 §4
 * (RET, ENVID, NOTIFY, ORCPT), RFC 4954 §5 (AUTH=, accepted and not used).
 */
import { type SmtpReply, smtpReply } from '../reply.ts';
import type { RecipientNotice } from './profile.ts';

export interface MailParameters {
  readonly sizeBytes: number;
  readonly smtpUtf8: boolean;
  readonly ret: 'FULL' | 'HDRS' | undefined;
  readonly envid: string | undefined;
}

export interface ParameterLimits {
  readonly sizeLimit: number;
  readonly offersDsn: boolean;
  readonly offersAuth: boolean;
}

const NO_PARAMETERS: MailParameters = { sizeBytes: 0, smtpUtf8: false, ret: undefined, envid: undefined };
const NO_NOTICE: RecipientNotice = {};
const unknown = (key: string): SmtpReply => smtpReply(555, '5.5.4', `Parameter ${key.slice(0, 40)} is not supported`);
const wrong = (key: string): SmtpReply => smtpReply(501, '5.5.4', `Value of ${key} is not valid`);

/** `text` is what follows the path of MAIL FROM. */
export function parseMailParameters(text: string, limits: ParameterLimits): MailParameters | SmtpReply {
  if (text === '') return NO_PARAMETERS;
  let { sizeBytes, smtpUtf8, ret, envid } = NO_PARAMETERS;
  const pairs = split(text);
  if (!Array.isArray(pairs)) return pairs;
  for (const [key, value] of pairs) {
    if (key === 'SIZE') {
      // RFC 1870 §4: 1*20DIGIT.
      if (value === undefined || !/^\d{1,20}$/.test(value)) return wrong(key);
      sizeBytes = Number(value);
      if (sizeBytes > limits.sizeLimit) return tooLarge(limits.sizeLimit);
    } else if (key === 'BODY') {
      if (value === undefined || !/^(?:7BIT|8BITMIME)$/i.test(value)) return wrong(key);
    } else if (key === 'SMTPUTF8') {
      if (value !== undefined) return wrong(key);
      smtpUtf8 = true;
    } else if (key === 'RET' && limits.offersDsn) {
      const upper = value?.toUpperCase();
      if (upper !== 'FULL' && upper !== 'HDRS') return wrong(key);
      ret = upper;
    } else if (key === 'ENVID' && limits.offersDsn) {
      // RFC 3461 §4.4: at most 100 characters of xtext.
      if (value === undefined || value.length > 100 || !isXtext(value)) return wrong(key);
      envid = value;
    } else if (key === 'AUTH' && limits.offersAuth) {
      if (value === undefined || !isXtext(value)) return wrong(key);
    } else return unknown(key);
  }
  return { sizeBytes, smtpUtf8, ret, envid };
}

/** `text` is what follows the path of RCPT TO. */
export function parseRecipientParameters(text: string, limits: ParameterLimits): RecipientNotice | SmtpReply {
  if (text === '') return NO_NOTICE;
  const notice: { notify?: NonNullable<RecipientNotice['notify']>; orcpt?: string } = {};
  const pairs = split(text);
  if (!Array.isArray(pairs)) return pairs;
  for (const [key, value] of pairs) {
    if (key === 'NOTIFY' && limits.offersDsn) {
      const notify = parseNotify(value);
      if (notify === undefined) return wrong(key);
      notice.notify = notify;
    } else if (key === 'ORCPT' && limits.offersDsn) {
      // RFC 3461 §4.2: addr-type ";" xtext, at most 500 characters.
      if (value === undefined || value.length > 500 || !/^[A-Za-z0-9-]+;[\x21-\x7e]+$/.test(value)) return wrong(key);
      notice.orcpt = value;
    } else return unknown(key);
  }
  return notice;
}

export function tooLarge(sizeLimit: number): SmtpReply {
  return smtpReply(552, '5.3.4', `The message is larger than ${sizeLimit} octets`);
}

export function isReply(value: object): value is SmtpReply {
  return 'code' in value;
}

function split(text: string): [key: string, value: string | undefined][] | SmtpReply {
  const pairs: [string, string | undefined][] = [];
  const seen = new Set<string>();
  for (const part of text.split(' ')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = (equals < 0 ? part : part.slice(0, equals)).toUpperCase();
    // RFC 5321 §4.1.2 esmtp-keyword; a parameter is given once.
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(key) || seen.has(key)) return smtpReply(501, '5.5.4', 'Parameters are not well-formed');
    seen.add(key);
    pairs.push([key, equals < 0 ? undefined : part.slice(equals + 1)]);
  }
  return pairs;
}

function parseNotify(value: string | undefined): RecipientNotice['notify'] | undefined {
  const words = value?.toUpperCase().split(',') ?? [];
  const known = words.filter((word) => word === 'NEVER' || word === 'SUCCESS' || word === 'FAILURE' || word === 'DELAY');
  if (known.length === 0 || known.length !== words.length) return undefined;
  return known.includes('NEVER') && known.length > 1 ? undefined : known;
}

function isXtext(value: string): boolean {
  return /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+$/.test(value);
}
