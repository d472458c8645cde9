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
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const page = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), next: nullable(Type.String()), total: Type.Integer() });

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
  error: Type.Object({
    code: ErrorCode,
    message: Type.String(),
    field: Type.Optional(Type.String()),
    reference: Type.Optional(Type.String()),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

// ---------- set-up, session: POST /setup/check {secret}, POST /setup, POST/GET/DELETE /session
export const SetupCheck = Type.Object({ secret: Type.String({ maxLength: 200 }) });
export const SetupState = Type.Object({ hostname: Type.String(), email: Type.String(), version: Type.String() });
export type SetupState = Static<typeof SetupState>;
export const SetupRequest = Type.Object({
  secret: Type.String({ maxLength: 200 }),
  hostname: Type.String({ maxLength: 255 }),
  email: Type.String({ maxLength: 320 }),
  password: Type.String({ maxLength: 500 }),
});
export type SetupRequest = Static<typeof SetupRequest>;

export const LoginRequest = Type.Object({ login: Type.String({ maxLength: 320 }), password: Type.String({ maxLength: 500 }) });
export type LoginRequest = Static<typeof LoginRequest>;
export const Role = literals('host', 'reseller', 'customer', 'account');
export type Role = Static<typeof Role>;
/** Who is logged in. `csrf` goes into the header `x-csrf-token` of every changing request of a cookie session. */
export const Session = Type.Object({
  role: Role,
  login: Type.String(),
  name: Type.String(),
  /** Present for mailbox users: their mailbox's id. */
  mailbox: nullable(Type.String()),
  customer: nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  csrf: Type.String(),
  server: Type.Object({ hostname: Type.String(), version: Type.String(), brand: Type.String(), startedAt: Type.String() }),
});
export type Session = Static<typeof Session>;
/** GET /sessions, DELETE /sessions/:id (own ones). */
export const OpenSession = Type.Object({
  id: Type.String(),
  address: Type.String(),
  agent: Type.String(),
  createdAt: Type.String(),
  lastUsedAt: Type.String(),
  current: Type.Boolean(),
});
export type OpenSession = Static<typeof OpenSession>;
/** POST /session/password */
export const PasswordChange = Type.Object({ current: Type.String({ maxLength: 500 }), next: Type.String({ maxLength: 500 }) });

// ---------- domains: GET/POST /domains, GET/DELETE /domains/:name, POST /domains/:name/check, GET /domains/:name/checks, POST suspend/unsuspend
export const DomainState = literals('unproven', 'proven', 'suspended');
export const Level = literals('ok', 'hint', 'warn', 'fail', 'unknown');
export type Level = Static<typeof Level>;
export const DnsRecord = Type.Object({ name: Type.String(), type: Type.String(), value: Type.String(), ttl: Type.Integer() });
export type DnsRecord = Static<typeof DnsRecord>;
export const Finding = Type.Object({
  id: Type.String(),
  /** Which of several (selector, address, host, service), '' when there is one; (id, subject) is unique in a report. */
  subject: Type.String(),
  level: Level,
  title: Type.String(),
  found: Type.String(),
  expected: Type.String(),
  fix: nullable(DnsRecord),
  why: Type.String(),
  asked: Type.Array(Type.String()),
});
export type Finding = Static<typeof Finding>;
/** One of the nine stations of the health line. */
export const Station = Type.Object({
  id: Type.String(),
  leg: literals('in', 'out', 'people'),
  name: Type.String(),
  technical: Type.String(),
  state: literals('ok', 'warn', 'fail', 'info', 'wait', 'off'),
  word: Type.String(),
  finding: nullable(Type.String()),
});
export type Station = Static<typeof Station>;
export const MxRow = Type.Object({
  /** 'First', 'Second', ... */
  order: Type.String(),
  host: Type.String(),
  preference: Type.Integer(),
  addresses: Type.Array(Type.String()),
  here: Type.Boolean(),
  state: Level,
  word: Type.String(),
  sentence: Type.String(),
});
export type MxRow = Static<typeof MxRow>;
export const DomainReport = Type.Object({
  domain: Type.String(),
  delivers: nullable(Type.Boolean()),
  checked_at: Type.String(),
  headline: Type.String(),
  mx: Type.Array(MxRow),
  line: Type.Array(Station),
  findings: Type.Array(Finding),
});
export type DomainReport = Static<typeof DomainReport>;
export const PublishRecord = Type.Object({
  name: Type.String(),
  type: Type.String(),
  value: Type.String(),
  ttl: Type.Integer(),
  purpose: Type.String(),
  required: Type.Boolean(),
});
export type PublishRecord = Static<typeof PublishRecord>;
export const Domain = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** The name for people (U-labels). */
  display: Type.String(),
  state: DomainState,
  suspendedReason: nullable(Type.String()),
  customer: Type.Object({ id: Type.String(), name: Type.String() }),
  mailboxes: Type.Integer(),
  addresses: Type.Integer(),
  usageBytes: Type.Integer(),
  createdAt: Type.String(),
  /** Station states of the last check in order, empty before the first. */
  line: Type.Array(literals('ok', 'warn', 'fail', 'info', 'wait', 'off')),
  checkedAt: nullable(Type.String()),
  headline: nullable(Type.String()),
});
export type Domain = Static<typeof Domain>;
export const DomainPage = page(Domain);
export const NewDomain = Type.Object({ name: Type.String({ maxLength: 255 }), customer: Type.Optional(Type.String()) });
export type NewDomain = Static<typeof NewDomain>;
/** GET /domains/:name */
export const DomainDetail = Type.Object({
  domain: Domain,
  report: nullable(DomainReport),
  records: Type.Array(PublishRecord),
  proof: nullable(Type.Object({ name: Type.String(), value: Type.String() })),
});
export type DomainDetail = Static<typeof DomainDetail>;
/** GET /domains/:name/checks: newest first; `changed` says in words what differs from the one before. */
export const CheckHistory = Type.Object({
  items: Type.Array(
    Type.Object({
      checkedAt: Type.String(),
      delivers: nullable(Type.Boolean()),
      headline: Type.String(),
      changed: Type.Array(Type.String()),
    }),
  ),
});
export type CheckHistory = Static<typeof CheckHistory>;
export const SuspendDomain = Type.Object({ reason: Type.String({ maxLength: 500 }) });

// ---------- mailboxes: GET/POST /mailboxes, GET/PATCH/DELETE /mailboxes/:id, POST /mailboxes/:id/password, GET /mailboxes/:id/client-settings, GET /mailboxes/:id/usage
export const Mailbox = Type.Object({
  id: Type.String(),
  address: Type.String(),
  domain: Type.String(),
  name: Type.String(),
  quotaBytes: nullable(Type.Integer()),
  usageBytes: Type.Integer(),
  messages: Type.Integer(),
  suspendedIn: Type.Boolean(),
  suspendedOut: Type.Boolean(),
  suspendedLogin: Type.Boolean(),
  suspendedReason: nullable(Type.String()),
  createdAt: Type.String(),
  lastLoginAt: nullable(Type.String()),
});
export type Mailbox = Static<typeof Mailbox>;
export const MailboxPage = page(Mailbox);
/** Without a password one is made and answered once. */
export const NewMailbox = Type.Object({
  address: Type.String({ maxLength: 320 }),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  password: Type.Optional(Type.String({ maxLength: 500 })),
  /** Bytes; null = unlimited; absent = the default setting. */
  quotaBytes: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
});
export type NewMailbox = Static<typeof NewMailbox>;
export const ServerSetting = Type.Object({
  protocol: literals('imap', 'pop3', 'smtp'),
  host: Type.String(),
  port: Type.Integer(),
  security: literals('TLS', 'STARTTLS'),
  user: Type.String(),
});
export const ClientSettings = Type.Object({
  address: Type.String(),
  servers: Type.Array(ServerSetting),
  mobileconfigUrl: Type.String(),
  text: Type.String(),
});
export type ClientSettings = Static<typeof ClientSettings>;
export const CreatedMailbox = Type.Object({ mailbox: Mailbox, password: nullable(Type.String()), settings: ClientSettings });
export type CreatedMailbox = Static<typeof CreatedMailbox>;
export const MailboxPatch = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  quotaBytes: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
  suspendedIn: Type.Optional(Type.Boolean()),
  suspendedOut: Type.Optional(Type.Boolean()),
  suspendedLogin: Type.Optional(Type.Boolean()),
  suspendedReason: Type.Optional(nullable(Type.String({ maxLength: 500 }))),
});
export type MailboxPatch = Static<typeof MailboxPatch>;
export const NewPassword = Type.Object({ password: Type.Optional(Type.String({ maxLength: 500 })) });
export const GivenPassword = Type.Object({ password: nullable(Type.String()) });
export const FolderUse = Type.Object({ name: Type.String(), bytes: Type.Integer(), messages: Type.Integer() });
export const MailboxUsage = Type.Object({
  usageBytes: Type.Integer(),
  messages: Type.Integer(),
  quotaBytes: nullable(Type.Integer()),
  folders: Type.Array(FolderUse),
});
export type MailboxUsage = Static<typeof MailboxUsage>;
/** GET /password-suggestion */
export const PasswordSuggestion = Type.Object({ password: Type.String() });

/** DELETE /mailboxes/:id and /forwarders/:id: forwarders that had no other target and went with it. */
export const RemovedWith = Type.Object({ removedForwarders: Type.Array(Type.String()) });

// ---------- forwarders: GET/POST /forwarders, GET/PUT/DELETE /forwarders/:id, POST /forwarders/test {address}
export const ForwarderKind = literals('forward', 'discard', 'reject');
export const Forwarder = Type.Object({
  id: Type.String(),
  /** `sales@example.com`, or `@example.com` for the catch-all. */
  address: Type.String(),
  domain: Type.String(),
  kind: ForwarderKind,
  targets: Type.Array(Type.String()),
  keepCopy: Type.Boolean(),
  rejectText: nullable(Type.String()),
  createdAt: Type.String(),
});
export type Forwarder = Static<typeof Forwarder>;
export const ForwarderPage = page(Forwarder);
export const NewForwarder = Type.Object({
  address: Type.String({ maxLength: 320 }),
  kind: ForwarderKind,
  targets: Type.Array(Type.String({ maxLength: 320 }), { maxItems: 100 }),
  keepCopy: Type.Boolean(),
  rejectText: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
});
export type NewForwarder = Static<typeof NewForwarder>;
export const AddressTest = Type.Object({ address: Type.String({ maxLength: 320 }) });
/** Where mail to the address goes, one sentence a step. */
export const AddressTestResult = Type.Object({
  outcome: literals('not-ours', 'unknown', 'refused', 'suspended', 'temporary', 'deliverable'),
  steps: Type.Array(Type.String()),
});
export type AddressTestResult = Static<typeof AddressTestResult>;

// ---------- own mailbox (role account): GET /me, PUT /me/forwarder, plus /session/password, /mailboxes/:own/usage and client-settings
export const OwnForwarder = Type.Object({
  targets: Type.Array(Type.String({ maxLength: 320 }), { maxItems: 20 }),
  keepCopy: Type.Boolean(),
});
export type OwnForwarder = Static<typeof OwnForwarder>;
export const Me = Type.Object({
  mailbox: Mailbox,
  forwarder: nullable(OwnForwarder),
  addresses: Type.Array(Type.String()),
  settings: ClientSettings,
});
export type Me = Static<typeof Me>;

// ---------- queue: GET /queue, GET /queue/summary, GET /queue/:id, POST /queue/{retry,hold,release,drop}
export const QueueReason = literals('new', 'greylisted', 'busy', 'unreachable', 'dns', 'tls', 'full', 'limited', 'held', 'local', 'other');
export type QueueReason = Static<typeof QueueReason>;
export const QueueRecipient = Type.Object({
  number: Type.Integer(),
  address: Type.String(),
  state: literals('waiting', 'sending', 'held'),
  attempts: Type.Integer(),
  nextAttemptAt: Type.String(),
  lastReply: Type.String(),
  reason: QueueReason,
});
export const QueueMessage = Type.Object({
  id: Type.String(),
  sender: Type.String(),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  origin: Type.String(),
  receivedAt: Type.String(),
  held: nullable(Type.String()),
  recipients: Type.Array(QueueRecipient),
});
export type QueueMessage = Static<typeof QueueMessage>;
export const QueuePage = page(QueueMessage);
export const QueueSummary = Type.Object({
  messages: Type.Integer(),
  recipients: Type.Integer(),
  held: Type.Integer(),
  oldestAt: nullable(Type.String()),
  byReason: Type.Array(Type.Object({ reason: QueueReason, count: Type.Integer(), oldestAt: Type.String() })),
});
export type QueueSummary = Static<typeof QueueSummary>;
export const QueueAction = Type.Object({
  ids: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 1000 }),
  reason: Type.Optional(Type.String({ maxLength: 300 })),
  bounce: Type.Optional(Type.Boolean()),
});
export type QueueAction = Static<typeof QueueAction>;
export const QueueActionResult = Type.Object({ touched: Type.Integer() });

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
  id: Type.String(),
  direction: literals('in', 'out', 'local'),
  sender: Type.String(),
  recipients: Type.Array(Type.String()),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  firstAt: Type.String(),
  lastAt: Type.String(),
  state: MessageState,
});
export type TrackedMessage = Static<typeof TrackedMessage>;
export const TrackedPage = Type.Object({ items: Type.Array(TrackedMessage), next: nullable(Type.String()) });
export const StoryEvent = Type.Object({
  at: Type.String(),
  kind: MessageState,
  recipient: Type.String(),
  remote: Type.String(),
  reply: Type.String(),
  nextAttemptAt: nullable(Type.String()),
  detail: Type.Record(Type.String(), Type.String()),
});
export type StoryEvent = Static<typeof StoryEvent>;
export const Story = Type.Object({
  message: TrackedMessage,
  messageId: Type.String(),
  events: Type.Array(StoryEvent),
  queued: nullable(QueueMessage),
});
export type Story = Static<typeof Story>;

// ---------- overview: GET /overview?range=day|week|month
export const Attention = Type.Object({
  id: Type.String(),
  level: literals('warn', 'fail'),
  title: Type.String(),
  text: Type.String(),
  action: Type.String(),
  href: Type.String(),
});
export type Attention = Static<typeof Attention>;
export const CounterBucket = Type.Object({
  startAt: Type.String(),
  delivered: Type.Integer(),
  turnedAway: Type.Integer(),
  sent: Type.Integer(),
  cameBack: Type.Integer(),
});
export type CounterBucket = Static<typeof CounterBucket>;
export const Overview = Type.Object({
  now: Type.String(),
  attention: Type.Array(Attention),
  buckets: Type.Array(CounterBucket),
  bucketSeconds: Type.Integer(),
  totals: Type.Object({ delivered: Type.Integer(), turnedAway: Type.Integer(), sent: Type.Integer(), cameBack: Type.Integer() }),
  queue: QueueSummary,
  counts: Type.Object({ domains: Type.Integer(), mailboxes: Type.Integer(), forwarders: Type.Integer() }),
  usageBytes: Type.Integer(),
  /** Host only. */
  disk: nullable(Type.Object({ totalBytes: Type.Integer(), freeBytes: Type.Integer(), mailBytes: Type.Integer() })),
  addresses: Type.Array(
    Type.Object({
      address: Type.String(),
      ptr: nullable(Type.String()),
      confirmed: Type.Boolean(),
      state: literals('ok', 'warn', 'fail', 'off'),
      word: Type.String(),
    }),
  ),
});
export type Overview = Static<typeof Overview>;

// ---------- settings (host): GET /settings, PATCH /settings; tokens: GET/POST /tokens, DELETE /tokens/:id; audit: GET /audit; customers: GET/POST /customers
export const Setting = Type.Object({
  key: Type.String(),
  group: Type.String(),
  label: Type.String(),
  doc: Type.String(),
  type: literals('string', 'integer', 'boolean', 'list', 'choice', 'bytes', 'duration'),
  choices: Type.Array(Type.String()),
  value: Type.Unknown(),
  default: Type.Unknown(),
});
export type Setting = Static<typeof Setting>;
export const SettingsList = Type.Object({ items: Type.Array(Setting) });
export const SettingsPatch = Type.Record(Type.String(), Type.Unknown());
export const Token = Type.Object({
  id: Type.String(),
  label: Type.String(),
  role: Role,
  createdAt: Type.String(),
  expiresAt: nullable(Type.String()),
  lastUsedAt: nullable(Type.String()),
});
export type Token = Static<typeof Token>;
export const NewToken = Type.Object({
  label: Type.String({ minLength: 1, maxLength: 100 }),
  role: Type.Optional(Role),
  expiresAt: Type.Optional(nullable(Type.String())),
});
export const CreatedToken = Type.Object({ token: Token, secret: Type.String() });
export const AuditEntry = Type.Object({
  id: Type.String(),
  at: Type.String(),
  actor: Type.String(),
  action: Type.String(),
  object: Type.String(),
  detail: Type.String(),
  address: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;
export const AuditPage = Type.Object({ items: Type.Array(AuditEntry), next: nullable(Type.String()) });
export const Customer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: literals('host', 'reseller', 'customer'),
  login: nullable(Type.String()),
  domains: Type.Integer(),
  mailboxes: Type.Integer(),
  createdAt: Type.String(),
});
export type Customer = Static<typeof Customer>;
export const CustomerPage = page(Customer);
export const NewCustomer = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  email: Type.Optional(Type.String({ maxLength: 320 })),
  password: Type.Optional(Type.String({ maxLength: 500 })),
});
/** POST /customers: the password of the panel log-in that we made, null when it was given or there is none. */
export const CreatedCustomer = Type.Object({ customer: Customer, password: nullable(Type.String()) });

// ---------- health: GET /health (no log-in) and GET /status (host)
export const Health = Type.Object({ ready: Type.Boolean(), version: Type.String() });
export const Status = Type.Object({
  version: Type.String(),
  ready: Type.Boolean(),
  ports: Type.Record(Type.String(), Type.String()),
  queue: Type.Object({ messages: Type.Integer(), recipients: Type.Integer(), held: Type.Integer() }),
  threads: Type.Record(Type.String(), Type.String()),
});
export type Status = Static<typeof Status>;

// ---------- search for the palette: GET /search?q=
export const SearchHit = Type.Object({
  kind: literals('domain', 'mailbox', 'forwarder', 'message'),
  title: Type.String(),
  note: Type.String(),
  state: literals('ok', 'warn', 'fail', 'off'),
  href: Type.String(),
});
export const SearchHits = Type.Object({ items: Type.Array(SearchHit) });
export type SearchHit = Static<typeof SearchHit>;

/**
 * Server-sent events of GET /events (`event:` = kind, `data:` = JSON). Each says only what changed; the page that shows it asks again or counts on.
 */
export type LiveEvent =
  | { readonly kind: 'counters'; readonly delivered: number; readonly turnedAway: number; readonly sent: number; readonly cameBack: number }
  | { readonly kind: 'queue'; readonly messages: number; readonly recipients: number; readonly held: number }
  | { readonly kind: 'message'; readonly message: TrackedMessage }
  | {
      readonly kind: 'changed';
      readonly resource: 'domains' | 'mailboxes' | 'forwarders' | 'settings' | 'tokens' | 'customers';
      readonly id: string;
      readonly change: 'created' | 'changed' | 'removed';
    }
  | { readonly kind: 'checked'; readonly domain: string };
