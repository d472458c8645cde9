/** Passwords for commands: from standard input, or made by the server. Never from the command line, where others could read them. */
import { readSync } from 'node:fs';
import { usageFailure } from './failure.ts';
import type { Invocation } from './invocation.ts';

const BYTES_MAX = 4_096;

/** `{password}` from the first line of stdin, `{}` when the server is to make one. One of the two options is needed unless `optional`. */
export function readPassword({ options }: Pick<Invocation, 'options'>, { optional = false } = {}): { readonly password?: string } {
  const fromInput = options.has('password-stdin');
  const generated = options.has('generate');
  if (fromInput && generated) throw usageFailure('--password-stdin and --generate exclude each other');
  if (!fromInput && !generated && !optional) {
    throw usageFailure(
      'A password is needed',
      'Add --generate to have one made, or --password-stdin to give its first line on standard input',
      'password',
    );
  }
  return fromInput ? { password: firstLine() } : {};
}

function firstLine(): string {
  const bytes = Buffer.alloc(BYTES_MAX);
  let length = 0;
  while (length < BYTES_MAX) {
    const got = readSome(bytes, length);
    if (got === 0) break;
    length += got;
    if (bytes.subarray(0, length).includes(0x0a)) break;
  }
  const [line = ''] = bytes.toString('utf8', 0, length).split(/\r?\n/, 1);
  if (line === '')
    throw usageFailure('Standard input holds no password', 'Write it there: printf \'%s\\n\' "$PASSWORD" | mailstead ...', 'password');
  return line;
}

function readSome(bytes: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(0, bytes, at, bytes.length - at, null);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EOF') return 0;
      // A pipe that its writer made non-blocking: there is nothing to wait for it with but asking again.
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
