/**
 * What the fixture server of the panel's tests holds: a small host with three domains, their mailboxes, forwarders, a queue and messages.
 * Made anew for each server, relative to a given now, so that every relative time reads the same in every run.
 */
import type {
  AuditEntry,
  Domain,
  DomainDetail,
  Forwarder,
  Mailbox,
  OpenSession,
  Overview,
  QueueMessage,
  QueueSummary,
  Setting,
  Story,
  Token,
  TrackedMessage,
} from '../../../daemon/http/contract/api.ts';

export const GB = 1024 ** 3;
export const MB = 1024 ** 2;

type States = Domain['line'];
const good: States = ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'];
const bad: States = ['ok', 'fail', 'ok', 'ok', 'warn', 'ok', 'warn', 'ok', 'ok'];

export interface Fixture {
  readonly now: Date;
  domains: Domain[];
  details: Map<string, DomainDetail>;
  mailboxes: Mailbox[];
  forwarders: Forwarder[];
  queue: QueueMessage[];
  messages: TrackedMessage[];
  stories: Map<string, Story>;
  settings: Setting[];
  tokens: Token[];
  sessions: OpenSession[];
  audit: AuditEntry[];
}

/** RFC 3339 time so many minutes before now. */
export function minutesAgo(now: Date, minutes: number): string {
  return new Date(now.getTime() - minutes * 60_000).toISOString();
}

function domain(now: Date, name: string, values: Partial<Domain>): Domain {
  return {
    id: name,
    name,
    display: name,
    state: 'proven',
    suspendedReason: null,
    customer: { id: '2', name: 'Juniper Bakery' },
    mailboxes: 14,
    addresses: 4,
    usageBytes: 37 * GB,
    createdAt: '2026-05-03T09:00:00Z',
    line: good,
    checkedAt: minutesAgo(now, 1),
    headline: `Mail for ${name} comes here`,
    ...values,
  };
}

const stationNames = [
  ['name', 'The name is found', 'Name servers'],
  ['mx', 'Mail comes here', 'MX'],
  ['port', 'The door is open', 'Port 25'],
  ['tls', 'It arrives sealed', 'TLS, MTA-STS'],
  ['spf', 'We may send for it', 'SPF'],
  ['dkim', 'Mail is signed', 'DKIM'],
  ['dmarc', 'Fakes are refused', 'DMARC'],
  ['lists', 'Nobody blocks it', 'Blocklists'],
  ['apps', 'Apps find us', 'Autoconfig'],
] as const;
const words = { ok: 'Good', warn: 'Weak', fail: 'Broken', info: 'Note', wait: 'Waiting', off: 'Not yet' } as const;

const legOf = (index: number) => (index < 4 ? ('in' as const) : index < 8 ? ('out' as const) : ('people' as const));

function detailOf(now: Date, entry: Domain): DomainDetail {
  const broken = entry.line.includes('fail');
  const asked = ['ns1.dns.example (198.51.100.53)', 'ns2.dns.example (203.0.113.53)', 'the resolver'];
  const findings: NonNullable<DomainDetail['report']>['findings'] = broken
    ? [
        {
          id: 'mx.foreign',
          subject: '',
          level: 'fail',
          title: 'Remove the old server from the MX records',
          found: '5 mail.oldhost.example, 10 mx1.northhost.example',
          expected: '10 mx1.northhost.example',
          fix: { name: entry.name, type: 'MX', value: '10 mx1.northhost.example.', ttl: 3600 },
          why: 'Every sender tries priority 5 before 10, and mail.oldhost.example accepts the mail. After the repair, mail arrives here within the hour; what the old server already has stays there until you fetch it.',
          asked,
        },
        {
          id: 'spf',
          subject: '',
          level: 'warn',
          title: 'Say that our second address may send for you',
          found: 'v=spf1 ip4:192.0.2.10 include:_spf.news.example -all',
          expected: 'an SPF record that names 192.0.2.11',
          fix: { name: entry.name, type: 'TXT', value: 'v=spf1 ip4:192.0.2.10 ip4:192.0.2.11 include:_spf.news.example -all', ttl: 3600 },
          why: '192.0.2.11 sends about a quarter of your mail, and your SPF record does not name it. Strict servers file such mail as junk.',
          asked,
        },
        {
          id: 'dmarc',
          subject: '',
          level: 'warn',
          title: 'Ask others to refuse fakes in your name',
          found: 'v=DMARC1; p=none; rua=mailto:dmarc@northhost.example',
          expected: 'p=quarantine',
          fix: {
            name: `_dmarc.${entry.name}`,
            type: 'TXT',
            value: 'v=DMARC1; p=quarantine; rua=mailto:dmarc@northhost.example',
            ttl: 3600,
          },
          why: 'Your DMARC policy only watches. For 21 days every real message of yours has passed, so it is safe to go from none to quarantine.',
          asked,
        },
        {
          id: 'srv',
          subject: '',
          level: 'hint',
          title: 'Name the IMAP server for apps that ask for it',
          found: '',
          expected: '0 1 993 mx1.northhost.example.',
          fix: { name: `_imaps._tcp.${entry.name}`, type: 'SRV', value: '0 1 993 mx1.northhost.example.', ttl: 3600 },
          why: 'Some apps look here first. The others find us already.',
          asked,
        },
      ]
    : [];
  findings.push(
    {
      id: 'ns',
      subject: '',
      level: 'ok',
      title: 'Name servers',
      found: 'ns1 and ns2.dns.example agree',
      expected: '',
      fix: null,
      why: '',
      asked,
    },
    {
      id: 'port',
      subject: '',
      level: 'ok',
      title: 'Port 25',
      found: 'answers on both addresses; each address has a name that points back',
      expected: '',
      fix: null,
      why: '',
      asked,
    },
    {
      id: 'dkim',
      subject: '',
      level: 'ok',
      title: 'Signature',
      found: 'keys ms2026a and ms2026b published',
      expected: '',
      fix: null,
      why: '',
      asked,
    },
  );
  if (!broken)
    findings.unshift({
      id: 'mx.foreign',
      subject: '',
      level: 'ok',
      title: 'MX',
      found: '10 mx1.northhost.example',
      expected: '',
      fix: null,
      why: '',
      asked,
    });
  const finding: Readonly<Record<string, string>> = {
    mx: 'mx.foreign',
    spf: 'spf',
    dmarc: 'dmarc',
    name: 'ns',
    port: 'port',
    dkim: 'dkim',
  };
  return {
    domain: entry,
    report: {
      domain: entry.name,
      delivers: !broken,
      checked_at: entry.checkedAt ?? now.toISOString(),
      headline: entry.headline ?? '',
      mx: [
        ...(broken
          ? [
              {
                order: 'First',
                host: 'mail.oldhost.example',
                preference: 5,
                addresses: ['198.51.100.7'],
                here: false,
                state: 'fail' as const,
                word: 'Not here',
                sentence: 'Not this server, and it still answers. So nearly all mail ends there.',
              },
            ]
          : []),
        {
          order: broken ? 'Second' : 'First',
          host: 'mx1.northhost.example',
          preference: 10,
          addresses: ['192.0.2.10', '2001:db8::10'],
          here: true,
          state: 'ok' as const,
          word: 'Here',
          sentence: broken ? 'This server. Asked only when the first one is down.' : 'This server.',
        },
      ],
      line: stationNames.map(([id, name, technical], index) => ({
        id,
        leg: legOf(index),
        name,
        technical,
        state: entry.line[index] ?? 'wait',
        word: words[entry.line[index] ?? 'wait'],
        finding: finding[id] ?? null,
      })),
      findings,
    },
    records: [
      {
        name: entry.name,
        type: 'MX',
        value: '10 mx1.northhost.example.',
        ttl: 3600,
        purpose: 'Mail for this domain comes to this server.',
        required: true,
      },
      {
        name: entry.name,
        type: 'TXT',
        value: 'v=spf1 ip4:192.0.2.10 ip4:192.0.2.11 -all',
        ttl: 3600,
        purpose: 'Only this server sends in its name.',
        required: true,
      },
      {
        name: `ms2026a._domainkey.${entry.name}`,
        type: 'TXT',
        value: `v=DKIM1; k=rsa; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA'.repeat(8)}`,
        ttl: 3600,
        purpose: 'The key of our signature.',
        required: true,
      },
      {
        name: `_dmarc.${entry.name}`,
        type: 'TXT',
        value: 'v=DMARC1; p=quarantine',
        ttl: 3600,
        purpose: 'Others refuse fakes.',
        required: false,
      },
      {
        name: `autoconfig.${entry.name}`,
        type: 'CNAME',
        value: 'mx1.northhost.example.',
        ttl: 3600,
        purpose: 'Thunderbird finds its settings.',
        required: false,
      },
    ],
    proof: entry.state === 'unproven' ? { name: `_mailstead.${entry.name}`, value: 'mailstead-verify=7c1f2e9a' } : null,
  };
}

const people: readonly (readonly [string, string, number, number | null, number | null, Partial<Mailbox>?])[] = [
  ['anna', 'Anna Weiss', 3.2, 5, 2],
  ['ben', 'Ben Osei', 1.1, 5, 0],
  ['bookings', 'Lena, Ben', 0.4, 5, 150],
  ['clara', 'Clara Lindqvist', 4.1, 5, 350],
  ['dispatch', 'Ben and 2 more', 0.9, 5, 0],
  ['events', 'Lena Marsh', 2.2, 5, 1500],
  ['finance', 'Clara Lindqvist', 7.8, 10, 41],
  ['hello', 'Everyone', 3.4, 5, 20],
  [
    'jobs',
    'Lena Marsh',
    0.2,
    5,
    10_000,
    { suspendedLogin: true, suspendedIn: true, suspendedOut: true, suspendedReason: 'The season is over' },
  ],
  ['kitchen', 'Kitchen tablet', 0.3, 2, 0],
  ['lena', 'Lena Marsh', 3.6, 10, 5],
  ['noreply', 'The web shop', 0.02, 1, null, { suspendedLogin: true, suspendedReason: 'Sends only' }],
  ['orders', 'Ben and 4 more', 4.7, 5, 0],
  ['oscar', 'Oscar Pinto', 5.0, 5, 30_000],
  ['archive', 'Everything older', 41.3, null, 4000],
];

function mailboxes(now: Date): Mailbox[] {
  return people.map(([name, person, used, quota, last, more], index) => ({
    id: String(100 + index),
    address: `${name}@juniperbakery.example`,
    domain: 'juniperbakery.example',
    name: person,
    quotaBytes: quota === null ? null : quota * GB,
    usageBytes: Math.round(used * GB),
    messages: Math.round(used * 4200),
    suspendedIn: false,
    suspendedOut: false,
    suspendedLogin: false,
    suspendedReason: null,
    createdAt: '2026-05-03T09:00:00Z',
    lastLoginAt: last === null ? null : minutesAgo(now, last),
    ...more,
  }));
}

function forwarders(): Forwarder[] {
  const entry = (id: string, address: string, values: Partial<Forwarder>): Forwarder => ({
    id,
    address,
    domain: address.split('@')[1] ?? '',
    kind: 'forward',
    targets: [],
    keepCopy: false,
    rejectText: null,
    createdAt: '2026-05-03T09:00:00Z',
    ...values,
  });
  return [
    entry('1', '@juniper-events.example', { targets: ['lena@juniperbakery.example'] }),
    entry('2', 'flour@juniperbakery.example', {
      targets: ['ben@juniperbakery.example', 'pia@millflour.example', 'orders@juniperbakery.example', 'desk@harbourlaw.example'],
    }),
    entry('3', 'info@juniperbakery.example', { targets: ['hello@juniperbakery.example'] }),
    entry('4', 'oldshop@juniperbakery.example', { kind: 'reject', rejectText: 'The shop has moved, write to hello@juniperbakery.example' }),
    entry('5', 'press@juniperbakery.example', { targets: ['lena@juniperbakery.example', 'agency@kestrel.example'], keepCopy: true }),
    entry('6', 'test@juniperbakery.example', { kind: 'discard' }),
  ];
}

function queue(now: Date): QueueMessage[] {
  const wait = (
    id: string,
    subject: string,
    values: Partial<QueueMessage> & {
      reason: QueueMessage['recipients'][number]['reason'];
      to: string[];
      reply: string;
      inMinutes: number;
      attempts?: number;
    },
  ): QueueMessage => ({
    id,
    subject,
    sender: 'anna@juniperbakery.example',
    sizeBytes: 48 * 1024,
    origin: 'submission',
    receivedAt: minutesAgo(now, 19),
    held: null,
    recipients: values.to.map((address, index) => ({
      number: index,
      address,
      state: values.held ? 'held' : 'waiting',
      attempts: values.attempts ?? 2,
      nextAttemptAt: minutesAgo(now, -values.inMinutes),
      lastReply: values.reply,
      reason: values.reason,
    })),
    ...Object.fromEntries(Object.entries(values).filter(([key]) => ['sender', 'receivedAt', 'held', 'sizeBytes'].includes(key))),
  });
  return [
    wait('8F3K20C', 'Contract for the oven', {
      reason: 'greylisted',
      to: ['tom@harbourlaw.example'],
      reply: '451 4.7.1 Greylisted, try again in 300 seconds',
      inMinutes: 16,
    }),
    wait('8F3K1ZQ', 'Order 20418', {
      sender: 'orders@juniperbakery.example',
      reason: 'busy',
      to: ['desk@harbourlaw.example', 'accounts@harbourlaw.example'],
      reply: '421 4.3.2 Service overloaded, closing channel',
      inMinutes: 4,
      receivedAt: minutesAgo(now, 90),
    }),
    wait('8F3JX02', 'Invoice 2026-1179', {
      sender: 'finance@juniperbakery.example',
      reason: 'full',
      to: ['office@tinyhotel.example'],
      reply: '452 4.2.2 Mailbox full',
      inMinutes: 55,
      receivedAt: minutesAgo(now, 400),
      attempts: 9,
    }),
    wait('8F3JWWA', 'Autumn breads, our new list', {
      sender: 'hello@juniperbakery.example',
      reason: 'unreachable',
      to: ['buyer@farshop.example'],
      reply: 'connect 203.0.113.80:25: timed out',
      inMinutes: 120,
      receivedAt: minutesAgo(now, 1700),
      attempts: 14,
    }),
    wait('8F3JQQ1', 'Newsletter', {
      sender: 'news@kestrel-cycles.example',
      reason: 'held',
      to: ['a@list.example', 'b@list.example', 'c@list.example'],
      reply: '',
      inMinutes: 10,
      held: 'Looks like a wrong list',
      attempts: 0,
    }),
  ];
}

function messages(now: Date): TrackedMessage[] {
  const row = (
    id: string,
    subject: string,
    state: TrackedMessage['state'],
    direction: TrackedMessage['direction'],
    sender: string,
    recipients: string[],
    minutes: number,
  ): TrackedMessage => ({
    id,
    subject,
    state,
    direction,
    sender,
    recipients,
    sizeBytes: 48 * 1024,
    firstAt: minutesAgo(now, minutes + 1),
    lastAt: minutesAgo(now, minutes),
  });
  return [
    row(
      '8F3K20C',
      'Contract for the oven',
      'deferred',
      'out',
      'anna@juniperbakery.example',
      ['tom@harbourlaw.example', 'pia@millflour.example'],
      19,
    ),
    row('8F3K1A0', 'Re: Tasting on Friday', 'delivered', 'in', 'tom@harbourlaw.example', ['anna@juniperbakery.example'], 61),
    row('8F3JZ9B', 'Tasting on Friday', 'delivered', 'out', 'anna@juniperbakery.example', ['tom@harbourlaw.example'], 154),
    row('8F3JY11', 'Your parcel is held', 'junked', 'in', 'billing@harbourlaw.example', ['finance@juniperbakery.example'], 230),
    row('8F3JX02', 'Invoice 2026-1179', 'bounced', 'out', 'finance@juniperbakery.example', ['accounts@harbourlaw.example'], 317),
    row('8F3JV7T', 'You have won', 'refused', 'in', 'win@prize.example', ['hello@juniperbakery.example'], 322),
    row('8F3JU01', 'Re: Lease, second draft', 'delivered', 'in', 'desk@harbourlaw.example', ['lena@juniperbakery.example'], 330),
    row('8F3HR5D', 'Lease, second draft', 'forwarded', 'in', 'lena@juniperbakery.example', ['press@juniperbakery.example'], 1500),
    row('8F3GQ2Z', '', 'delivered', 'out', '', ['desk@harbourlaw.example'], 4000),
  ];
}

function stories(now: Date, rows: readonly TrackedMessage[], waiting: readonly QueueMessage[]): Map<string, Story> {
  const event = (
    minutes: number,
    kind: Story['events'][number]['kind'],
    values: Partial<Story['events'][number]> = {},
  ): Story['events'][number] => ({
    at: minutesAgo(now, minutes),
    kind,
    recipient: '',
    remote: '',
    reply: '',
    nextAttemptAt: null,
    detail: {},
    ...values,
  });
  const out = new Map<string, Story>();
  for (const message of rows) {
    const events =
      message.id === '8F3K20C'
        ? [
            event(19, 'submitted', { remote: '[203.0.113.24]:50112', detail: { tls: 'TLSv1.3' } }),
            event(18.95, 'delivered', {
              recipient: 'pia@millflour.example',
              remote: 'mx.millflour.example [198.51.100.25]:25',
              reply: '250 2.0.0 Ok: queued as 4F3',
            }),
            event(18.9, 'deferred', {
              recipient: 'tom@harbourlaw.example',
              remote: 'mx1.harbourlaw.example [192.0.2.77]:25',
              reply: '451 4.7.1 Greylisted, try again in 300 seconds',
              nextAttemptAt: minutesAgo(now, 13),
            }),
            event(13, 'deferred', {
              recipient: 'tom@harbourlaw.example',
              remote: 'mx1.harbourlaw.example [192.0.2.77]:25',
              reply: '421 4.3.2 Service overloaded, closing channel',
              nextAttemptAt: minutesAgo(now, -16),
            }),
          ]
        : [
            event(60, message.direction === 'in' ? 'received' : 'submitted', {
              remote: 'mx1.harbourlaw.example [192.0.2.77]:25',
              detail: { spf: 'pass', dkim: 'pass', dmarc: 'pass', tls: 'TLSv1.3' },
            }),
            event(59, message.state, {
              recipient: message.recipients[0] ?? '',
              remote: message.direction === 'out' ? 'mx1.harbourlaw.example [192.0.2.77]:25' : '',
              reply: message.direction === 'out' ? '250 2.0.0 Ok' : '',
            }),
          ];
    const queued = waiting.find((entry) => entry.id === message.id) ?? null;
    out.set(message.id, {
      message,
      messageId: `${message.id.toLowerCase()}@juniperbakery.example`,
      events,
      queued: message.state === 'deferred' ? queued : null,
    });
  }
  return out;
}

const setting = (
  key: string,
  group: string,
  label: string,
  doc: string,
  type: Setting['type'],
  value: unknown,
  choices: string[] = [],
): Setting => ({ key, group, label, doc, type, choices, value, default: type === 'list' ? [] : value });

export function makeFixture(now: Date): Fixture {
  const domains = [
    domain(now, 'juniperbakery.example', { line: bad, headline: 'Mail for juniperbakery.example goes to another server', mailboxes: 15 }),
    domain(now, 'juniper-events.example', { mailboxes: 3, usageBytes: 2 * GB }),
    domain(now, 'harbourlaw.example', { customer: { id: '3', name: 'Harbour Law' }, mailboxes: 22, usageBytes: 96 * GB }),
    domain(now, 'newplace.example', {
      state: 'unproven',
      line: [],
      checkedAt: null,
      headline: null,
      mailboxes: 0,
      usageBytes: 0,
      addresses: 0,
    }),
  ];
  const waiting = queue(now);
  const rows = messages(now);
  return {
    now,
    domains,
    details: new Map(
      domains.map((entry) => [entry.name, entry.state === 'unproven' ? { ...detailOf(now, entry), report: null } : detailOf(now, entry)]),
    ),
    mailboxes: mailboxes(now),
    forwarders: forwarders(),
    queue: waiting,
    messages: rows,
    stories: stories(now, rows, waiting),
    settings: [
      setting('server.hostname', 'server', 'Host name', 'The name by which other servers know it.', 'string', 'mx1.northhost.example'),
      setting(
        'server.addresses',
        'server',
        'Public addresses',
        'The addresses that lead to this machine. Left empty, those of its network cards count.',
        'list',
        ['192.0.2.10', '2001:db8::10'],
      ),
      setting('mailOut.port', 'mail-out', 'Outbound port', 'The port that other servers listen on.', 'integer', 25),
      setting('dns.resolver', 'mail-out', 'Resolver', 'Who is asked for names. Left empty, the system’s.', 'string', '127.0.0.1:53'),
      setting(
        'mailOut.giveUpAfter',
        'mail-out',
        'Give up after',
        'How long a message is tried before it comes back to its sender.',
        'duration',
        432_000,
      ),
      setting('mailIn.size', 'mail-in', 'Largest message', 'Larger ones are turned away before they are sent.', 'bytes', 50 * MB),
      setting('mailIn.honourDmarc', 'mail-in', 'Refuse fakes', 'When the sender’s domain asks for it (DMARC).', 'boolean', true),
      setting('mailIn.junk', 'mail-in', 'Suspicious mail', 'What happens with mail that fails its checks.', 'choice', 'folder', [
        'folder',
        'deliver',
        'refuse',
      ]),
    ],
    tokens: [
      { id: '1', label: 'Billing', role: 'host', createdAt: minutesAgo(now, 90_000), expiresAt: null, lastUsedAt: minutesAgo(now, 12) },
      {
        id: '2',
        label: 'Monitor',
        role: 'customer',
        createdAt: minutesAgo(now, 9000),
        expiresAt: minutesAgo(now, -40_000),
        lastUsedAt: null,
      },
    ],
    sessions: [
      {
        id: '1',
        address: '203.0.113.24',
        agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        createdAt: minutesAgo(now, 100),
        lastUsedAt: minutesAgo(now, 0),
        current: true,
      },
      {
        id: '2',
        address: '198.51.100.9',
        agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1',
        createdAt: minutesAgo(now, 5000),
        lastUsedAt: minutesAgo(now, 300),
        current: false,
      },
    ],
    audit: [
      {
        id: '3',
        at: minutesAgo(now, 3),
        actor: 'ria@northhost.example',
        action: 'mailbox.create',
        object: 'marta@juniperbakery.example',
        detail: '',
        address: '203.0.113.24',
      },
      {
        id: '2',
        at: minutesAgo(now, 300),
        actor: 'token Billing',
        action: 'domain.add',
        object: 'newplace.example',
        detail: 'for Juniper Bakery',
        address: '203.0.113.70',
      },
      {
        id: '1',
        at: minutesAgo(now, 4000),
        actor: 'command line',
        action: 'setup',
        object: 'mx1.northhost.example',
        detail: '',
        address: '',
      },
    ],
  };
}

export function summaryOf(fixture: Fixture): QueueSummary {
  const reasons = new Map<QueueSummary['byReason'][number]['reason'], { count: number; oldestAt: string }>();
  for (const message of fixture.queue) {
    const reason = message.held === null ? (message.recipients[0]?.reason ?? 'new') : 'held';
    const known = reasons.get(reason);
    reasons.set(reason, {
      count: (known?.count ?? 0) + 1,
      oldestAt: known && known.oldestAt < message.receivedAt ? known.oldestAt : message.receivedAt,
    });
  }
  return {
    messages: fixture.queue.length,
    recipients: fixture.queue.reduce((sum, message) => sum + message.recipients.length, 0),
    held: fixture.queue.filter((message) => message.held !== null).length,
    oldestAt: fixture.queue.map((message) => message.receivedAt).sort()[0] ?? null,
    byReason: [...reasons].map(([reason, row]) => ({ reason, ...row })),
  };
}

const shape = [60, 58, 60, 62, 70, 90, 150, 330, 520, 680, 760, 700, 690, 640, 600, 560, 520, 470, 400, 330, 280, 230, 180, 120];

export function overviewOf(fixture: Fixture, range: string, host: boolean): Overview {
  const { now } = fixture;
  const bucketSeconds = range === 'day' ? 3600 : range === 'week' ? 3600 * 6 : 86_400;
  const count = range === 'day' ? 24 : range === 'week' ? 28 : 30;
  const start = now.getTime() - (now.getTime() % (bucketSeconds * 1000)) - (count - 1) * bucketSeconds * 1000;
  const buckets = Array.from({ length: count }, (_, index) => {
    const at = new Date(start + index * bucketSeconds * 1000);
    const level = range === 'month' ? 400 + ((index * 37) % 200) : (shape[at.getHours()] ?? 60) * (0.85 + ((index * 7919) % 30) / 100);
    return {
      startAt: at.toISOString(),
      delivered: Math.round(level),
      turnedAway: Math.round(150 + ((index * 131) % 90)),
      sent: Math.round(level * 0.28),
      cameBack: index % 9 === 0 ? 1 : 0,
    };
  });
  const sum = (key: 'delivered' | 'turnedAway' | 'sent' | 'cameBack'): number => buckets.reduce((total, bucket) => total + bucket[key], 0);
  return {
    now: now.toISOString(),
    bucketSeconds,
    buckets,
    totals: { delivered: sum('delivered'), turnedAway: sum('turnedAway'), sent: sum('sent'), cameBack: sum('cameBack') },
    attention: fixture.domains.some((entry) => entry.line.includes('fail'))
      ? [
          {
            id: 'domain:juniperbakery.example',
            level: 'fail',
            title: 'juniperbakery.example: its mail goes to another server',
            text: 'Since 9:12 its first MX is mail.oldhost.example. 15 mailboxes here receive almost nothing.',
            action: 'See what to change',
            href: '/domains/juniperbakery.example',
          },
          {
            id: 'box:113',
            level: 'fail',
            title: 'oscar@juniperbakery.example is full',
            text: 'New mail for it waits at the senders and goes back after a day.',
            action: 'See the mailbox',
            href: '/mailboxes/113',
          },
          {
            id: 'address',
            level: 'warn',
            title: '192.0.2.11 has no reverse name',
            text: 'Strict servers refuse mail from an address whose name does not point back.',
            action: 'See why',
            href: '/settings',
          },
        ]
      : [],
    queue: summaryOf(fixture),
    counts: { domains: fixture.domains.length, mailboxes: fixture.mailboxes.length, forwarders: fixture.forwarders.length },
    usageBytes: 118 * GB,
    disk: host ? { totalBytes: 1024 * GB, freeBytes: 219 * GB, mailBytes: 612 * GB } : null,
    addresses: host
      ? [
          { address: '192.0.2.10', ptr: 'mx1.northhost.example', confirmed: true, state: 'ok', word: 'Points back' },
          { address: '192.0.2.11', ptr: null, confirmed: false, state: 'warn', word: 'No name' },
          { address: '2001:db8::10', ptr: 'mx1.northhost.example', confirmed: true, state: 'ok', word: 'Points back' },
        ]
      : [],
  };
}
