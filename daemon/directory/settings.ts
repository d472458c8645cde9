/**
 * Settings that live in control.db and apply at once: one table of key, type, default, words and limits.
 * The panel, the API and the command line show it as it stands here; the daemon asks `directory.setting(key)`.
 *
 * 1. Only values that differ from the default are stored; a stored value that no longer fits counts as the default.
 * 2. Boot settings (ports, folders, resolver, threads) are not here but in config/.
 */
import { Invalid } from '../lib/errors.ts';
import { isHostname, parseDomain } from '../wire/address/domain.ts';
import { parseAddress } from '../wire/address/mailbox.ts';

export type SettingType = 'string' | 'integer' | 'boolean' | 'list' | 'choice' | 'bytes' | 'duration';
export type SettingValue = string | number | boolean | null | readonly string[];

export interface SettingDefinition {
  readonly key: string;
  readonly group: 'server' | 'mail-in' | 'mail-out' | 'mailboxes' | 'domains' | 'panel' | 'records';
  readonly label: string;
  readonly doc: string;
  /** `bytes` and `duration` (seconds) are integers with a unit for people. */
  readonly type: SettingType;
  readonly initial: SettingValue;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Null is a value: unlimited, or none. */
  readonly nullable?: boolean;
  /** A check beyond the type: the sentence that refuses, or undefined. */
  readonly refuses?: (value: SettingValue) => string | undefined;
}

const MIB = 1_048_576;
const DAY_S = 86_400;

const isEmptyOrAddress = (value: SettingValue): string | undefined =>
  value === '' || parseAddress(String(value)) !== undefined ? undefined : `${String(value)} is not an address`;
const isEmptyOrHostname = (value: SettingValue): string | undefined => {
  const name = value === '' ? undefined : parseDomain(String(value));
  return value === '' || (name !== undefined && isHostname(name)) ? undefined : `${String(value)} is not a host name`;
};

/** Every setting there is. */
export const SETTINGS: readonly SettingDefinition[] = [
  {
    key: 'server.hostname',
    group: 'server',
    label: 'Host name',
    doc: 'The name under which this server greets other servers and which MX records point to.',
    type: 'string',
    initial: '',
    refuses: isEmptyOrHostname,
  },
  {
    key: 'server.brand',
    group: 'server',
    label: 'Name of the service',
    doc: 'What customers read at the top of the panel.',
    type: 'string',
    initial: 'Mailstead',
    max: 80,
  },
  {
    key: 'server.adminAddress',
    group: 'server',
    label: "The host's address",
    doc: 'Mail for postmaster@ and abuse@ goes here when a domain has no mailbox that could take it.',
    type: 'string',
    initial: '',
    refuses: isEmptyOrAddress,
  },
  {
    key: 'server.postmaster',
    group: 'server',
    label: 'Postmaster of all domains',
    doc: 'Takes mail for postmaster@ and abuse@ of every domain that has no such address. Empty: the first mailbox of the domain.',
    type: 'string',
    initial: '',
    refuses: isEmptyOrAddress,
  },
  {
    key: 'server.publicAddresses',
    group: 'server',
    label: 'Public addresses',
    doc: 'IP addresses under which the world reaches this server. Empty: those of its interfaces.',
    type: 'list',
    initial: [],
  },
  {
    key: 'mailIn.maxBytes',
    group: 'mail-in',
    label: 'Largest message',
    doc: 'Larger messages are refused, both ways.',
    type: 'bytes',
    initial: 50 * MIB,
    min: MIB,
    max: 1_024 * MIB,
  },
  {
    key: 'mailIn.maxRecipients',
    group: 'mail-in',
    label: 'Recipients of one message',
    doc: 'More recipients in one transaction are told to come in another.',
    type: 'integer',
    initial: 1_000,
    min: 100,
    max: 10_000,
  },
  {
    key: 'mailIn.authentication',
    group: 'mail-in',
    label: 'Check who sent it',
    doc: 'SPF, DKIM, DMARC and ARC of mail from outside are checked and recorded.',
    type: 'boolean',
    initial: true,
  },
  {
    key: 'mailIn.honourDmarc',
    group: 'mail-in',
    label: "Do what the sender's domain asks",
    doc: 'Mail that fails DMARC is refused or filed as junk when its domain says so.',
    type: 'boolean',
    initial: true,
  },
  {
    key: 'mailIn.junk',
    group: 'mail-in',
    label: 'Suspicious mail',
    doc: 'What happens to mail that is probably junk.',
    type: 'choice',
    initial: 'folder',
    choices: ['folder', 'deliver', 'refuse'],
  },
  {
    key: 'mailIn.requireSenderDomain',
    group: 'mail-in',
    label: 'Refuse senders whose domain does not exist',
    doc: 'Otherwise such mail is accepted and counts as suspicious.',
    type: 'boolean',
    initial: false,
  },
  {
    key: 'mailIn.greeting',
    group: 'mail-in',
    label: 'Greeting',
    doc: 'Text after the host name when another server connects. Empty: the usual one.',
    type: 'string',
    initial: '',
    max: 100,
  },
  {
    key: 'mailIn.connectionsPerAddress',
    group: 'mail-in',
    label: 'Connections from one address',
    doc: 'More at the same time are turned away for now.',
    type: 'integer',
    initial: 100,
    min: 1,
    max: 10_000,
  },
  {
    key: 'mailOut.allowPrivateMx',
    group: 'mail-out',
    label: 'Send to private addresses',
    doc: 'Allow mail servers on loopback and private addresses.',
    type: 'boolean',
    initial: false,
  },
  {
    key: 'mailOut.giveUpAfter',
    group: 'mail-out',
    label: 'Give up after',
    doc: 'How long a message is tried before it comes back to its sender.',
    type: 'duration',
    initial: 5 * DAY_S,
    min: 3_600,
    max: 14 * DAY_S,
  },
  {
    key: 'mailOut.delayNoticeAfter',
    group: 'mail-out',
    label: 'Tell the sender of a delay after',
    doc: 'Empty: never.',
    type: 'duration',
    initial: 4 * 3_600,
    min: 900,
    max: 5 * DAY_S,
    nullable: true,
  },
  {
    key: 'mailOut.connectionsPerDestination',
    group: 'mail-out',
    label: 'Connections to one destination',
    doc: 'How many messages travel to the same server at the same time.',
    type: 'integer',
    initial: 5,
    min: 1,
    max: 100,
  },
  {
    key: 'mailOut.ipv6',
    group: 'mail-out',
    label: 'Send over IPv6',
    doc: 'Off: only IPv4 addresses of other servers are used.',
    type: 'boolean',
    initial: true,
  },
  {
    key: 'mailboxes.defaultQuotaBytes',
    group: 'mailboxes',
    label: 'Quota of a new mailbox',
    doc: 'Used when none is given. Empty: unlimited.',
    type: 'bytes',
    initial: null,
    min: MIB,
    nullable: true,
  },
  {
    key: 'mailboxes.fullGrace',
    group: 'mailboxes',
    label: 'Patience with full mailboxes',
    doc: 'Mail for a full mailbox is put off this long before it is refused.',
    type: 'duration',
    initial: DAY_S,
    min: 0,
    max: 14 * DAY_S,
  },
  {
    key: 'domains.separator',
    group: 'domains',
    label: 'Separator of plus addresses',
    doc: 'marta+shop@ leads to marta@. Empty: no plus addresses.',
    type: 'choice',
    initial: '+',
    choices: ['+', '-', ''],
  },
  {
    key: 'domains.checkEvery',
    group: 'domains',
    label: 'Check DNS every',
    doc: 'How often the records of each domain are looked at.',
    type: 'duration',
    initial: 6 * 3_600,
    min: 900,
    max: 7 * DAY_S,
  },
  {
    key: 'panel.sessionIdle',
    group: 'panel',
    label: 'Sign out after',
    doc: 'A panel log-in ends when it was not used this long.',
    type: 'duration',
    initial: 12 * 3_600,
    min: 300,
    max: 90 * DAY_S,
  },
  {
    key: 'panel.sessionMax',
    group: 'panel',
    label: 'Sign in again after',
    doc: 'A panel log-in ends after this time at the latest.',
    type: 'duration',
    initial: 14 * DAY_S,
    min: 3_600,
    max: 365 * DAY_S,
  },
  {
    key: 'records.trackingDays',
    group: 'records',
    label: 'Keep message tracking',
    doc: 'Days after which what happened to a message is forgotten.',
    type: 'integer',
    initial: 30,
    min: 1,
    max: 3_650,
  },
  {
    key: 'records.keepSubjects',
    group: 'records',
    label: 'Keep subjects',
    doc: 'Subjects appear in tracking and queue.',
    type: 'boolean',
    initial: true,
  },
  {
    key: 'records.auditDays',
    group: 'records',
    label: 'Keep the audit log',
    doc: 'Days after which entries of the audit log are forgotten.',
    type: 'integer',
    initial: 730,
    min: 30,
    max: 36_500,
  },
  {
    key: 'records.domainChecks',
    group: 'records',
    label: 'Keep DNS checks',
    doc: 'How many past checks of a domain are kept.',
    type: 'integer',
    initial: 100,
    min: 1,
    max: 10_000,
  },
];

const byKey = new Map(SETTINGS.map((definition) => [definition.key, definition]));

/** Undefined for a key that does not exist. */
export function settingDefinition(key: string): SettingDefinition | undefined {
  return byKey.get(key);
}

/** The value if it fits the setting; Invalid with the sentence to show otherwise. */
export function checkSetting(definition: SettingDefinition, value: unknown): SettingValue {
  const fits = fitsType(definition, value);
  if (fits !== undefined) throw new Invalid(definition.key, `${definition.label}: ${fits}`);
  const refusal = definition.refuses?.(value as SettingValue);
  if (refusal !== undefined) throw new Invalid(definition.key, refusal);
  return value as SettingValue;
}

/** What a stored text stands for; the default when there is none or it no longer fits. */
export function storedSetting(definition: SettingDefinition, stored: string | undefined): SettingValue {
  if (stored === undefined) return definition.initial;
  const value: unknown = JSON.parse(stored);
  return fitsType(definition, value) === undefined ? (value as SettingValue) : definition.initial;
}

function fitsType(definition: SettingDefinition, value: unknown): string | undefined {
  if (value === null) return definition.nullable === true ? undefined : 'a value is needed';
  switch (definition.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false is needed';
    case 'choice':
      return definition.choices?.includes(value as string) === true
        ? undefined
        : `one of ${definition.choices?.join(', ') ?? ''} is needed`;
    case 'string':
      return isLine(value, definition.max ?? 320) ? undefined : `a line of at most ${definition.max ?? 320} characters is needed`;
    case 'list':
      return Array.isArray(value) && value.length <= 100 && value.every((part) => isLine(part, 320)) ? undefined : 'a list is needed';
    default:
      return fitsRange(definition, value);
  }
}

function fitsRange({ min = 0, max = Number.MAX_SAFE_INTEGER }: SettingDefinition, value: unknown): string | undefined {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return undefined;
  return max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min} on is needed` : `a whole number from ${min} to ${max} is needed`;
}

/** One line without control characters. */
function isLine(value: unknown, max: number): boolean {
  if (typeof value !== 'string' || value.length > max) return false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}
