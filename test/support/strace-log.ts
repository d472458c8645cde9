/**
 * A log of `strace -f -y -x` as a list of what was done to files, in the order of the kernel. Knows the calls that SQLite and
 * Node make on files; what else changes one throws, so that nothing is left out silently.
 *
 * 1. A call that another thread's interrupted in the log has two positions, where it began and where it ended.
 */

export type FileCall =
  | { readonly kind: 'write'; readonly path: string; readonly offset: number | 'cursor'; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'open'; readonly path: string; readonly empties: boolean; readonly creates: boolean }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** Bytes to a socket. */
  | { readonly kind: 'say'; readonly bytes: Buffer };

export interface TracedCall {
  readonly call: FileCall;
  /** Positions in the log. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Options of strace whose log `readStrace` reads. */
export const STRACE = [
  'strace',
  '-f',
  '-y',
  // Whole strings in hexadecimal or none of one; with -xx, which does it to paths too, Debian's strace may crash.
  '-x',
  '-qq',
  '--seccomp-bpf',
  '-s',
  '4000000',
  '-e',
  'signal=none',
  '-e',
  'trace=openat,write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,fallocate,ftruncate,truncate,rename,renameat,renameat2,unlink,unlinkat,sendto,sendmsg,copy_file_range,sendfile,linkat',
] as const;

/** Calls on files under `root`, and what was written to sockets. */
export function readStrace(log: string, root: string): TracedCall[] {
  const unfinished = new Map<string, { text: string; beganAt: number }>();
  const calls: TracedCall[] = [];
  let position = 0;
  for (const line of log.split('\n')) {
    position++;
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    if (rest === '') continue;
    const isBegun = / <unfinished \.\.\.>$/.test(rest);
    if (isBegun) {
      unfinished.set(thread, { text: rest.slice(0, -' <unfinished ...>'.length), beganAt: position });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest)?.[1];
    const begun = resumed === undefined ? { text: rest, beganAt: position } : unfinished.get(thread);
    if (begun === undefined) continue;
    unfinished.delete(thread);
    const call = readCall(`${resumed === undefined ? begun.text : begun.text + resumed}`, root);
    if (call !== undefined) calls.push({ call, beganAt: begun.beganAt, endedAt: position });
  }
  return calls;
}

function readCall(text: string, root: string): FileCall | undefined {
  const [, name = '', args = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+.*)$/s.exec(text) ?? [];
  if (name === '' || result.startsWith('-')) return undefined;
  const descriptor = /^\d+<([^>]*)>/.exec(args)?.[1];
  if (descriptor !== undefined) {
    if (/^(?:socket|TCP)/.test(descriptor)) return { kind: 'say', bytes: strings(args) };
    return descriptor.startsWith(`${root}/`) ? onDescriptor(name, descriptor, { args, result }) : undefined;
  }
  const paths = names(args).filter((path) => path.startsWith(`${root}/`));
  const [path] = paths;
  return path === undefined ? undefined : onPath(name, paths, args);
}

function onDescriptor(name: string, path: string, { args, result }: { args: string; result: string }): FileCall {
  switch (name) {
    case 'write':
    case 'writev':
      return { kind: 'write', path, offset: 'cursor', bytes: strings(args).subarray(0, Number.parseInt(result, 10)) };
    case 'pwrite64':
    case 'pwritev':
      return {
        kind: 'write',
        path,
        offset: Number(/, (\d+)$/.exec(args)?.[1]),
        bytes: strings(args).subarray(0, Number.parseInt(result, 10)),
      };
    case 'ftruncate':
      return { kind: 'truncate', path, size: Number(/, (\d+)$/.exec(args)?.[1]) };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path };
    default:
      throw new Error(`the replay does not know ${name} on ${path}`);
  }
}

function onPath(name: string, paths: readonly string[], args: string): FileCall {
  const [path = '', to = ''] = paths;
  switch (name) {
    case 'openat':
      return { kind: 'open', path, empties: args.includes('O_TRUNC'), creates: args.includes('O_CREAT') };
    case 'unlink':
    case 'unlinkat':
      return { kind: 'unlink', path };
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return { kind: 'rename', path, to };
    default:
      throw new Error(`the replay does not know ${name} on ${path}`);
  }
}

const STRING = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f' };

function names(args: string): string[] {
  return [...args.matchAll(STRING)].map(([, text = '']) => unescape(text));
}

/** What the strings of a call hold, one after the other. */
function strings(args: string): Buffer {
  return Buffer.concat(
    [...args.matchAll(STRING)].map(([, text = '']) =>
      text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(unescape(text), 'latin1'),
    ),
  );
}

function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/g, (_whole, code: string) => {
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return ESCAPES[code] ?? code;
  });
}
