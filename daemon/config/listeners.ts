/**
 * The listeners of a mail server, by name: port, protocol and whether TLS starts at once.
 * `--port-offset` is added to each (the trial listens 10000 higher).
 */
export const LISTENERS = {
  smtp: { port: 25, thread: 'protocol', tls: 'starttls' },
  submission: { port: 587, thread: 'protocol', tls: 'starttls' },
  submissions: { port: 465, thread: 'protocol', tls: 'implicit' },
  imap: { port: 143, thread: 'protocol', tls: 'starttls' },
  imaps: { port: 993, thread: 'protocol', tls: 'implicit' },
  pop3: { port: 110, thread: 'protocol', tls: 'starttls' },
  pop3s: { port: 995, thread: 'protocol', tls: 'implicit' },
  http: { port: 80, thread: 'main', tls: 'none' },
  https: { port: 443, thread: 'main', tls: 'implicit' },
} as const;

export type ListenerName = keyof typeof LISTENERS;
export const LISTENER_NAMES = Object.keys(LISTENERS) as ListenerName[];
