/**
 * Which parameters of MAIL and RCPT are offered here: known ones with their values, everything else 555.
 *
 * Specifications: RFC 5321 §4.1.1.11 (555), RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 §3.4 (SMTPUTF8), RFC 3461 §4
 * (RET, ENVID, NOTIFY, ORCPT), RFC 4954 §5 (AUTH=, accepted and not used).
 */
import {
  decodeXtext,
  parseEnvelopeId,
  parseNotify,
  parseOriginalRecipient,
  parseParameters,
  parseReturn,
} from '../../wire/smtp/parameters.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
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
const NOT_WELL_FORMED = reply(501, '5.4', 'The parameters are not well-formed');
const NOTIFY_WORDS = { success: 'SUCCESS', failure: 'FAILURE', delay: 'DELAY' } as const;
const unknown = (key: string): Reply => reply(555, '5.4', `Parameter ${key.slice(0, 40)} is not supported`);
const wrong = (key: string): Reply => reply(501, '5.4', `The value of ${key} is not valid`);

/** `text` is what follows the path of MAIL FROM. */
export function parseMailParameters(text: string, limits: ParameterLimits): MailParameters | Reply {
  if (text === '') return NO_PARAMETERS;
  const parameters = parseParameters(text);
  if (parameters === undefined) return NOT_WELL_FORMED;
  let { sizeBytes, smtpUtf8, ret, envid } = NO_PARAMETERS;
  for (const [key, given] of parameters) {
    const value = given === true ? '' : given;
    if (key === 'SIZE') {
      // RFC 1870 §4: 1*20DIGIT.
      if (!/^\d{1,20}$/.test(value)) return wrong(key);
      sizeBytes = Number(value);
      if (sizeBytes > limits.sizeLimit) return tooLarge(limits.sizeLimit);
    } else if (key === 'BODY') {
      if (!/^(?:7BIT|8BITMIME)$/i.test(value)) return wrong(key);
    } else if (key === 'SMTPUTF8') {
      if (given !== true) return wrong(key);
      smtpUtf8 = true;
    } else if (key === 'RET' && limits.offersDsn) {
      const wanted = parseReturn(value);
      if (wanted === undefined) return wrong(key);
      ret = wanted === 'full' ? 'FULL' : 'HDRS';
    } else if (key === 'ENVID' && limits.offersDsn) {
      envid = parseEnvelopeId(value);
      if (envid === undefined) return wrong(key);
    } else if (key === 'AUTH' && limits.offersAuth) {
      if (decodeXtext(value) === undefined) return wrong(key);
    } else return unknown(key);
  }
  return { sizeBytes, smtpUtf8, ret, envid };
}

/** `text` is what follows the path of RCPT TO. */
export function parseRecipientParameters(text: string, offersDsn: boolean): RecipientNotice | Reply {
  if (text === '') return NO_NOTICE;
  const parameters = parseParameters(text);
  if (parameters === undefined) return NOT_WELL_FORMED;
  const notice: { notify?: NonNullable<RecipientNotice['notify']>; orcpt?: string } = {};
  for (const [key, given] of parameters) {
    const value = given === true ? '' : given;
    if (key === 'NOTIFY' && offersDsn) {
      const words = parseNotify(value);
      if (words === undefined) return wrong(key);
      notice.notify = words.length === 0 ? ['NEVER'] : words.map((word) => NOTIFY_WORDS[word]);
    } else if (key === 'ORCPT' && offersDsn) {
      const orcpt = parseOriginalRecipient(value);
      if (orcpt === undefined) return wrong(key);
      notice.orcpt = orcpt;
    } else return unknown(key);
  }
  return notice;
}

export function tooLarge(sizeLimit: number): Reply {
  return reply(552, '3.4', `The message is larger than ${sizeLimit} octets`);
}

export function isReply(value: object): value is Reply {
  return 'code' in value;
}
