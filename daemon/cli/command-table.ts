/** Every command of `mailstead`: its words, operands, options and where it is found. The order is that of the help. */
import type { CommandRow, OptionRow } from './invocation.ts';

const PASSWORD: readonly OptionRow[] = [
  ['password-stdin', null, 'take the password from the first line of standard input'],
  ['generate', null, 'make a password and show it once'],
];
const SUSPENSION: readonly OptionRow[] = [
  ['login', null, 'log-in of mail programs and panel'],
  ['in', null, 'incoming mail'],
  ['out', null, 'outgoing mail'],
];
const YES: OptionRow = ['yes', null, 'do not ask first'];

const setup = () => import('./commands/setup.ts');
const domain = () => import('./commands/domain.ts');
const account = () => import('./commands/account.ts');
const address = () => import('./commands/address.ts');
const queue = () => import('./commands/queue.ts');
const token = () => import('./commands/token.ts');

export const COMMANDS: readonly CommandRow[] = [
  {
    words: ['serve'],
    operands: [],
    summary: 'Run the server in the foreground',
    options: [
      ['config', 'FILE', 'settings to start with; else DIR/mailstead.jsonc, /etc/mailstead/mailstead.jsonc'],
      ['listen', 'ADDR', 'listen on this address; may stand several times'],
      ['port-offset', 'N', 'add N to every port'],
    ],
    notes: ['SIGTERM stops it, SIGHUP makes it read certificates and the log level again.'],
    load: async () => (await import('./commands/serve.ts')).runServer,
  },
  {
    words: ['setup'],
    operands: [],
    summary: 'Set the server up for the first time',
    options: [
      ['hostname', 'H', 'the name of this server, such as mail.example.com'],
      ['admin', 'EMAIL', 'who signs in to the panel as the host'],
      ...PASSWORD,
      ['link', null, 'only print a link with which the panel does it, good once and for a day'],
    ],
    notes: ['The admin is a log-in for the panel, not a mailbox. Without a password one is made and shown once.'],
    load: async () => (await setup()).setUp,
  },
  {
    words: ['domain', 'add'],
    operands: ['NAME'],
    summary: 'Host a domain',
    options: [['customer', 'C', 'whose it is; else the host’s own']],
    load: async () => (await domain()).addDomain,
  },
  {
    words: ['domain', 'list'],
    operands: [],
    summary: 'List the domains',
    options: [['search', 'TEXT', 'only those that hold TEXT']],
    load: async () => (await domain()).listDomains,
  },
  { words: ['domain', 'show'], operands: ['NAME'], summary: 'Show one domain', options: [], load: async () => (await domain()).showDomain },
  {
    words: ['domain', 'check'],
    operands: ['NAME'],
    summary: 'Look at its DNS records, as the servers of others see them',
    options: [],
    notes: ['Exit code: 0 its mail comes here, 1 it does not, 75 it could not be told.'],
    load: async () => (await import('./commands/domain-check.ts')).checkDomain,
  },
  {
    words: ['domain', 'remove'],
    operands: ['NAME'],
    summary: 'Stop hosting a domain',
    options: [['force', null, 'erase its mailboxes too'], YES],
    load: async () => (await domain()).removeDomain,
  },
  {
    words: ['account', 'add'],
    operands: ['ADDR'],
    summary: 'Create a mailbox',
    options: [['quota', 'Q', 'its size: 500M, 5G, none'], ['name', 'N', 'the name of its user'], ...PASSWORD],
    notes: ['Example: mailstead account add marta@example.com --quota 5G --generate'],
    load: async () => (await account()).addAccount,
  },
  {
    words: ['account', 'list'],
    operands: [],
    summary: 'List the mailboxes',
    options: [
      ['domain', 'D', 'only those of a domain'],
      ['search', 'TEXT', 'only those that hold TEXT'],
      ['sort', 'BY', 'address, usage or created'],
    ],
    load: async () => (await account()).listAccounts,
  },
  {
    words: ['account', 'show'],
    operands: ['ADDR'],
    summary: 'Show one mailbox',
    options: [],
    load: async () => (await account()).showAccount,
  },
  {
    words: ['account', 'passwd'],
    operands: ['ADDR'],
    summary: 'Give it a new password',
    options: PASSWORD,
    load: async () => (await account()).changePassword,
  },
  {
    words: ['account', 'quota'],
    operands: ['ADDR', 'Q'],
    summary: 'Set its size: 500M, 5G, none',
    options: [],
    load: async () => (await account()).changeQuota,
  },
  {
    words: ['account', 'rename'],
    operands: ['ADDR', 'NAME'],
    summary: 'Change the name of its user',
    options: [],
    load: async () => (await account()).renameAccount,
  },
  {
    words: ['account', 'suspend'],
    operands: ['ADDR'],
    summary: 'Stop all of it, or only what is named',
    options: [...SUSPENSION, ['reason', 'TEXT', 'what its user reads']],
    load: async () => (await account()).suspendAccount,
  },
  {
    words: ['account', 'unsuspend'],
    operands: ['ADDR'],
    summary: 'Give all of it back, or only what is named',
    options: SUSPENSION,
    load: async () => (await account()).unsuspendAccount,
  },
  {
    words: ['account', 'remove'],
    operands: ['ADDR'],
    summary: 'Remove a mailbox with its mail',
    options: [YES],
    load: async () => (await account()).removeAccount,
  },
  {
    words: ['address', 'add'],
    operands: ['FROM'],
    summary: 'Add a forwarder, or with @domain a catch-all',
    options: [
      ['to', 'A,B', 'where its mail goes'],
      ['keep-copy', null, 'and into the mailbox of the same address'],
      ['discard', null, 'accept its mail and throw it away'],
      ['reject', 'TEXT', 'refuse its mail with this text'],
    ],
    notes: ['Example: mailstead address add info@example.com --to marta@example.com,tom@example.com'],
    load: async () => (await address()).addAddress,
  },
  {
    words: ['address', 'list'],
    operands: [],
    summary: 'List the forwarders',
    options: [
      ['domain', 'D', 'only those of a domain'],
      ['search', 'TEXT', 'only those that hold TEXT, targets included'],
    ],
    load: async () => (await address()).listAddresses,
  },
  {
    words: ['address', 'remove'],
    operands: ['FROM'],
    summary: 'Remove a forwarder',
    options: [],
    load: async () => (await address()).removeAddress,
  },
  {
    words: ['address', 'test'],
    operands: ['ADDR'],
    summary: 'Say where mail to an address goes, and why',
    options: [],
    notes: ['Exit code: 0 it is taken, 1 it is not.'],
    load: async () => (await address()).testAddress,
  },
  {
    words: ['queue', 'list'],
    operands: [],
    summary: 'List what waits to be sent',
    options: [
      ['search', 'TEXT', 'only messages that hold TEXT: address, subject, id'],
      ['reason', 'R', 'only those that wait for one reason, such as greylisted or held'],
    ],
    load: async () => (await queue()).listQueue,
  },
  {
    words: ['queue', 'show'],
    operands: ['ID'],
    summary: 'Show one message with its header',
    options: [],
    load: async () => (await queue()).showQueued,
  },
  {
    words: ['queue', 'retry'],
    operands: ['ID...'],
    summary: 'Try messages now',
    options: [],
    load: async () => (await queue()).retryQueued,
  },
  {
    words: ['queue', 'hold'],
    operands: ['ID...'],
    summary: 'Keep messages back',
    options: [['reason', 'TEXT', 'why']],
    load: async () => (await queue()).holdQueued,
  },
  {
    words: ['queue', 'release'],
    operands: ['ID...'],
    summary: 'Let held messages go',
    options: [],
    load: async () => (await queue()).releaseQueued,
  },
  {
    words: ['queue', 'drop'],
    operands: ['ID...'],
    summary: 'Throw messages away',
    options: [['bounce', null, 'and tell their senders'], YES],
    load: async () => (await queue()).dropQueued,
  },
  {
    words: ['track'],
    operands: ['ADDR|ID'],
    summary: 'Say what became of a message, or of all mail of an address',
    options: [['limit', 'N', 'at most N messages; 100 when not given']],
    load: async () => (await import('./commands/track.ts')).track,
  },
  {
    words: ['token', 'create'],
    operands: [],
    summary: 'Make a token for programs that use the API',
    options: [
      ['role', 'R', 'host, reseller or customer'],
      ['label', 'TEXT', 'what it is for'],
      ['customer', 'C', 'whose it is; needed for resellers and customers'],
      ['expires', 'TIME', 'until when, such as 2030-01-31T00:00:00Z'],
    ],
    load: async () => (await token()).createToken,
  },
  { words: ['token', 'list'], operands: [], summary: 'List the tokens', options: [], load: async () => (await token()).listTokens },
  { words: ['token', 'revoke'], operands: ['ID'], summary: 'End a token', options: [], load: async () => (await token()).revokeToken },
  {
    words: ['status'],
    operands: [],
    summary: 'Say how the server is',
    options: [],
    notes: ['Exit code: 0 it is ready, 1 something is not, 3 it is stopped.'],
    load: async () => (await import('./commands/status.ts')).showStatus,
  },
];
