/**
 * The API's contract: every body that crosses `/api/v1`, as TypeBox schemas and as the types inferred from them.
 * The routes check requests and answers against these; the panel imports the types only (`import type`).
 *
 * 1. Times are RFC 3339 UTC strings, bytes integers, ids strings, "unlimited" is null.
 * 2. Lists answer `{items, next}`: `next` is an opaque cursor for `?after=`, null at the end. `?q=` searches, `?limit=` 1..200.
 * 3. Errors are `{error: {code, message, field?}}` with the sentence to show; codes below.
 */
import { type Static, type TSchema, Type } from 'typebox';

const literals = <T extends string>(...values: T[]) =>
  Type.Union(values.map((value) => Type.Literal(value)) as never) as unknown as ReturnType<typeof Type.Unsafe<T>>;
const string = Type.String();
const integer = Type.Integer();
const boolean = Type.Boolean();
const text = (maxLength: number) => Type.String({ maxLength });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const page = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), next: nullable(string), total: integer });

// ---------- errors
export const ErrorCode = literals(
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'exists',
  'refused',
  'throttled',
  'unavailable',
  'internal',
);
export const ErrorBody = Type.Object({
  error: Type.Object({ code: ErrorCode, message: string, field: Type.Optional(string), reference: Type.Optional(string) }),
});
export type ErrorBody = Static<typeof ErrorBody>;

// ---------- set-up, session: POST /setup/check {secret}, POST /setup, POST/GET/DELETE /session
export const SetupCheck = Type.Object({ secret: text(200) });
export const SetupState = Type.Object({ hostname: string, email: string, version: string });
export type SetupState = Static<typeof SetupState>;
export const SetupRequest = Type.Object({ secret: text(200), hostname: text(255), email: text(320), password: text(500) });
export type SetupRequest = Static<typeof SetupRequest>;

export const LoginRequest = Type.Object({ login: text(320), password: text(500) });
export type LoginRequest = Static<typeof LoginRequest>;
export const Role = literals('host', 'reseller', 'customer', 'account');
export type Role = Static<typeof Role>;
/** Who is logged in. `csrf` goes into the header `x-csrf-token` of every changing request of a cookie session. */
export const Session = Type.Object({
  role: Role,
  login: string,
  name: string,
  /** Present for mailbox users: their mailbox's id. */
  mailbox: nullable(string),
  customer: nullable(Type.Object({ id: string, name: string })),
  csrf: string,
  server: Type.Object({ hostname: string, version: string, brand: string, startedAt: string }),
});
export type Session = Static<typeof Session>;
/** GET /sessions, DELETE /sessions/:id (own ones). */
export const OpenSession = Type.Object({
  id: string,
  address: string,
  agent: string,
  createdAt: string,
  lastUsedAt: string,
  current: boolean,
});
export type OpenSession = Static<typeof OpenSession>;
/** POST /session/password */
export const PasswordChange = Type.Object({ current: text(500), next: text(500) });

// ---------- domains: GET/POST /domains, GET/DELETE /domains/:name (`?force=true` takes its mailboxes along), POST /domains/:name/check, GET /domains/:name/checks, POST suspend/unsuspend
export const DomainState = literals('unproven', 'proven', 'suspended');
export const Level = literals('ok', 'hint', 'warn', 'fail', 'unknown');
export type Level = Static<typeof Level>;
export const DnsRecord = Type.Object({ name: string, type: string, value: string, ttl: integer });
export type DnsRecord = Static<typeof DnsRecord>;
export const Finding = Type.Object({
  id: string,
  /** Which of several (selector, address, host, service), '' when there is one; (id, subject) is unique in a report. */
  subject: string,
  level: Level,
  title: string,
  found: string,
  expected: string,
  fix: nullable(DnsRecord),
  why: string,
  asked: Type.Array(string),
});
export type Finding = Static<typeof Finding>;
/** One of the nine stations of the health line. */
export const Station = Type.Object({
  id: string,
  leg: literals('in', 'out', 'people'),
  name: string,
  technical: string,
  state: literals('ok', 'warn', 'fail', 'info', 'wait', 'off'),
  word: string,
  finding: nullable(string),
});
export type Station = Static<typeof Station>;
export const MxRow = Type.Object({
  /** 'First', 'Second', ... */
  order: string,
  host: string,
  preference: integer,
  addresses: Type.Array(string),
  here: boolean,
  state: Level,
  word: string,
  sentence: string,
});
export type MxRow = Static<typeof MxRow>;
export const DomainReport = Type.Object({
  domain: string,
  delivers: nullable(boolean),
  checked_at: string,
  headline: string,
  mx: Type.Array(MxRow),
  line: Type.Array(Station),
  findings: Type.Array(Finding),
});
export type DomainReport = Static<typeof DomainReport>;
export const PublishRecord = Type.Object({ name: string, type: string, value: string, ttl: integer, purpose: string, required: boolean });
export type PublishRecord = Static<typeof PublishRecord>;
export const Domain = Type.Object({
  id: string,
  name: string,
  /** The name for people (U-labels). */
  display: string,
  state: DomainState,
  suspendedReason: nullable(string),
  customer: Type.Object({ id: string, name: string }),
  mailboxes: integer,
  addresses: integer,
  usageBytes: integer,
  createdAt: string,
  /** Station states of the last check in order, empty before the first. */
  line: Type.Array(literals('ok', 'warn', 'fail', 'info', 'wait', 'off')),
  checkedAt: nullable(string),
  headline: nullable(string),
});
export type Domain = Static<typeof Domain>;
export const DomainPage = page(Domain);
export const NewDomain = Type.Object({ name: text(255), customer: Type.Optional(string) });
export type NewDomain = Static<typeof NewDomain>;
/** GET /domains/:name */
export const DomainDetail = Type.Object({
  domain: Domain,
  report: nullable(DomainReport),
  records: Type.Array(PublishRecord),
  proof: nullable(Type.Object({ name: string, value: string })),
});
export type DomainDetail = Static<typeof DomainDetail>;
/** GET /domains/:name/checks: newest first; `changed` says in words what differs from the one before. */
export const CheckHistory = Type.Object({
  items: Type.Array(Type.Object({ checkedAt: string, delivers: nullable(boolean), headline: string, changed: Type.Array(string) })),
});
export type CheckHistory = Static<typeof CheckHistory>;
export const SuspendDomain = Type.Object({ reason: text(500) });

// ---------- mailboxes: GET/POST /mailboxes, GET/PATCH/DELETE /mailboxes/:id, POST /mailboxes/:id/password, GET /mailboxes/:id/client-settings, GET /mailboxes/:id/usage
export const Mailbox = Type.Object({
  id: string,
  address: string,
  domain: string,
  name: string,
  quotaBytes: nullable(integer),
  usageBytes: integer,
  messages: integer,
  suspendedIn: boolean,
  suspendedOut: boolean,
  suspendedLogin: boolean,
  suspendedReason: nullable(string),
  createdAt: string,
  lastLoginAt: nullable(string),
});
export type Mailbox = Static<typeof Mailbox>;
export const MailboxPage = page(Mailbox);
/** Without a password one is made and answered once. */
export const NewMailbox = Type.Object({
  address: text(320),
  name: Type.Optional(text(200)),
  password: Type.Optional(text(500)),
  /** Bytes; null = unlimited; absent = the default setting. */
  quotaBytes: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
});
export type NewMailbox = Static<typeof NewMailbox>;
export const ServerSetting = Type.Object({
  protocol: literals('imap', 'pop3', 'smtp'),
  host: string,
  port: integer,
  security: literals('TLS', 'STARTTLS'),
  user: string,
});
export const ClientSettings = Type.Object({ address: string, servers: Type.Array(ServerSetting), mobileconfigUrl: string, text: string });
export type ClientSettings = Static<typeof ClientSettings>;
export const CreatedMailbox = Type.Object({ mailbox: Mailbox, password: nullable(string), settings: ClientSettings });
export type CreatedMailbox = Static<typeof CreatedMailbox>;
export const MailboxPatch = Type.Object({
  name: Type.Optional(text(200)),
  quotaBytes: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
  suspendedIn: Type.Optional(boolean),
  suspendedOut: Type.Optional(boolean),
  suspendedLogin: Type.Optional(boolean),
  suspendedReason: Type.Optional(nullable(text(500))),
});
export type MailboxPatch = Static<typeof MailboxPatch>;
export const NewPassword = Type.Object({ password: Type.Optional(text(500)) });
export const GivenPassword = Type.Object({ password: nullable(string) });
export const FolderUse = Type.Object({ name: string, bytes: integer, messages: integer });
export const MailboxUsage = Type.Object({
  usageBytes: integer,
  messages: integer,
  quotaBytes: nullable(integer),
  folders: Type.Array(FolderUse),
});
export type MailboxUsage = Static<typeof MailboxUsage>;
/** GET /password-suggestion */
export const PasswordSuggestion = Type.Object({ password: string });

/** DELETE /mailboxes/:id and /forwarders/:id: forwarders that had no other target and went with it. */
export const RemovedWith = Type.Object({ removedForwarders: Type.Array(string) });

// ---------- forwarders: GET/POST /forwarders, GET/PUT/DELETE /forwarders/:id, POST /forwarders/test {address}
export const ForwarderKind = literals('forward', 'discard', 'reject');
export const Forwarder = Type.Object({
  id: string,
  /** `sales@example.com`, or `@example.com` for the catch-all. */
  address: string,
  domain: string,
  kind: ForwarderKind,
  targets: Type.Array(string),
  keepCopy: boolean,
  rejectText: nullable(string),
  createdAt: string,
});
export type Forwarder = Static<typeof Forwarder>;
export const ForwarderPage = page(Forwarder);
export const NewForwarder = Type.Object({
  address: text(320),
  kind: ForwarderKind,
  targets: Type.Array(text(320), { maxItems: 100 }),
  keepCopy: boolean,
  rejectText: Type.Optional(nullable(text(200))),
});
export type NewForwarder = Static<typeof NewForwarder>;
export const AddressTest = Type.Object({ address: text(320) });
/** Where mail to the address goes, one sentence a step. */
export const AddressTestResult = Type.Object({
  outcome: literals('not-ours', 'unknown', 'refused', 'suspended', 'temporary', 'deliverable'),
  steps: Type.Array(string),
});
export type AddressTestResult = Static<typeof AddressTestResult>;

// ---------- own mailbox (role account): GET /me, PUT /me/forwarder, plus /session/password, /mailboxes/:own/usage and client-settings
export const OwnForwarder = Type.Object({ targets: Type.Array(text(320), { maxItems: 20 }), keepCopy: boolean });
export type OwnForwarder = Static<typeof OwnForwarder>;
export const Me = Type.Object({
  mailbox: Mailbox,
  forwarder: nullable(OwnForwarder),
  addresses: Type.Array(string),
  settings: ClientSettings,
});
export type Me = Static<typeof Me>;

// ---------- queue: GET /queue, GET /queue/summary, GET /queue/:id, POST /queue/{retry,hold,release,drop}
export const QueueReason = literals('new', 'greylisted', 'busy', 'unreachable', 'dns', 'tls', 'full', 'limited', 'held', 'local', 'other');
export type QueueReason = Static<typeof QueueReason>;
export const QueueRecipient = Type.Object({
  number: integer,
  address: string,
  state: literals('waiting', 'sending', 'held'),
  attempts: integer,
  nextAttemptAt: string,
  lastReply: string,
  reason: QueueReason,
});
export const QueueMessage = Type.Object({
  id: string,
  sender: string,
  subject: string,
  sizeBytes: integer,
  origin: string,
  receivedAt: string,
  held: nullable(string),
  recipients: Type.Array(QueueRecipient),
});
export type QueueMessage = Static<typeof QueueMessage>;
export const QueuePage = page(QueueMessage);
export const QueueSummary = Type.Object({
  messages: integer,
  recipients: integer,
  held: integer,
  oldestAt: nullable(string),
  byReason: Type.Array(Type.Object({ reason: QueueReason, count: integer, oldestAt: string })),
});
export type QueueSummary = Static<typeof QueueSummary>;
export const QueueAction = Type.Object({
  ids: Type.Array(text(100), { minItems: 1, maxItems: 1000 }),
  reason: Type.Optional(text(300)),
  bounce: Type.Optional(boolean),
});
export type QueueAction = Static<typeof QueueAction>;
export const QueueActionResult = Type.Object({ touched: integer });

// ---------- tracking: GET /messages, GET /messages/:id
export const MessageState = literals(
  'received',
  'submitted',
  'refused',
  'delivered',
  'junked',
  'forwarded',
  'deferred',
  'bounced',
  'failed',
  'delayed',
  'discarded',
  'held',
  'released',
  'dropped',
);
export type MessageState = Static<typeof MessageState>;
export const TrackedMessage = Type.Object({
  id: string,
  direction: literals('in', 'out', 'local'),
  sender: string,
  recipients: Type.Array(string),
  subject: string,
  sizeBytes: integer,
  firstAt: string,
  lastAt: string,
  state: MessageState,
});
export type TrackedMessage = Static<typeof TrackedMessage>;
export const TrackedPage = Type.Object({ items: Type.Array(TrackedMessage), next: nullable(string) });
export const StoryEvent = Type.Object({
  at: string,
  kind: MessageState,
  recipient: string,
  remote: string,
  reply: string,
  nextAttemptAt: nullable(string),
  detail: Type.Record(string, string),
});
export type StoryEvent = Static<typeof StoryEvent>;
export const Story = Type.Object({
  message: TrackedMessage,
  messageId: string,
  events: Type.Array(StoryEvent),
  queued: nullable(QueueMessage),
});
export type Story = Static<typeof Story>;

// ---------- overview: GET /overview?range=day|week|month
export const Attention = Type.Object({
  id: string,
  level: literals('warn', 'fail'),
  title: string,
  text: string,
  action: string,
  href: string,
});
export type Attention = Static<typeof Attention>;
export const CounterBucket = Type.Object({ startAt: string, delivered: integer, turnedAway: integer, sent: integer, cameBack: integer });
export type CounterBucket = Static<typeof CounterBucket>;
export const Overview = Type.Object({
  now: string,
  attention: Type.Array(Attention),
  buckets: Type.Array(CounterBucket),
  bucketSeconds: integer,
  totals: Type.Object({ delivered: integer, turnedAway: integer, sent: integer, cameBack: integer }),
  queue: QueueSummary,
  counts: Type.Object({ domains: integer, mailboxes: integer, forwarders: integer }),
  usageBytes: integer,
  /** Host only. */
  disk: nullable(Type.Object({ totalBytes: integer, freeBytes: integer, mailBytes: integer })),
  addresses: Type.Array(
    Type.Object({ address: string, ptr: nullable(string), confirmed: boolean, state: literals('ok', 'warn', 'fail', 'off'), word: string }),
  ),
});
export type Overview = Static<typeof Overview>;

// ---------- settings (host): GET /settings, PATCH /settings; tokens: GET/POST /tokens, DELETE /tokens/:id; audit: GET /audit; customers: GET/POST /customers
export const Setting = Type.Object({
  key: string,
  group: string,
  label: string,
  doc: string,
  type: literals('string', 'integer', 'boolean', 'list', 'choice', 'bytes', 'duration'),
  choices: Type.Array(string),
  value: Type.Unknown(),
  default: Type.Unknown(),
});
export type Setting = Static<typeof Setting>;
export const SettingsList = Type.Object({ items: Type.Array(Setting) });
export const SettingsPatch = Type.Record(string, Type.Unknown());
export const Token = Type.Object({
  id: string,
  label: string,
  role: Role,
  createdAt: string,
  expiresAt: nullable(string),
  lastUsedAt: nullable(string),
});
export type Token = Static<typeof Token>;
export const NewToken = Type.Object({
  label: Type.String({ minLength: 1, maxLength: 100 }),
  role: Type.Optional(Role),
  expiresAt: Type.Optional(nullable(string)),
});
export const CreatedToken = Type.Object({ token: Token, secret: string });
export const AuditEntry = Type.Object({
  id: string,
  at: string,
  actor: string,
  action: string,
  object: string,
  detail: string,
  address: string,
});
export type AuditEntry = Static<typeof AuditEntry>;
export const AuditPage = Type.Object({ items: Type.Array(AuditEntry), next: nullable(string) });
export const Customer = Type.Object({
  id: string,
  name: string,
  kind: literals('host', 'reseller', 'customer'),
  login: nullable(string),
  domains: integer,
  mailboxes: integer,
  createdAt: string,
});
export type Customer = Static<typeof Customer>;
export const CustomerPage = page(Customer);
export const NewCustomer = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  email: Type.Optional(text(320)),
  password: Type.Optional(text(500)),
});
/** POST /customers: the password of the panel log-in that we made, null when it was given or there is none. */
export const CreatedCustomer = Type.Object({ customer: Customer, password: nullable(string) });

// ---------- health: GET /health (no log-in) and GET /status (host)
export const Health = Type.Object({ ready: boolean, version: string });
export const Status = Type.Object({
  version: string,
  ready: boolean,
  ports: Type.Record(string, string),
  queue: Type.Object({ messages: integer, recipients: integer, held: integer }),
  threads: Type.Record(string, string),
});
export type Status = Static<typeof Status>;

// ---------- search for the palette: GET /search?q=
export const SearchHit = Type.Object({
  kind: literals('domain', 'mailbox', 'forwarder', 'message'),
  title: string,
  note: string,
  state: literals('ok', 'warn', 'fail', 'off'),
  href: string,
});
export const SearchHits = Type.Object({ items: Type.Array(SearchHit) });
export type SearchHit = Static<typeof SearchHit>;

/**
 * Server-sent events of GET /events (`event:` = kind, `data:` = JSON). Each says only what changed; the page that shows it asks again or counts on.
 */
export type LiveEvent =
  | { readonly kind: 'counters'; readonly delivered: number; readonly turnedAway: number; readonly sent: number; readonly cameBack: number }
  | {
      readonly kind: 'queue';
      readonly messages: number;
      readonly recipients: number;
      readonly held: number;
      readonly oldestAt?: string | null;
    }
  | { readonly kind: 'message'; readonly message: TrackedMessage }
  | {
      readonly kind: 'changed';
      readonly resource: 'domains' | 'mailboxes' | 'forwarders' | 'settings' | 'tokens' | 'customers';
      readonly id: string;
      readonly change: 'created' | 'changed' | 'removed';
    }
  | { readonly kind: 'checked'; readonly domain: string };
