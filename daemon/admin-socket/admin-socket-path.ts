/**
 * Where the admin socket of a data directory lies: DIR/run/admin.sock, or, because the kernel takes about 107 bytes, a folder
 * of its own under /tmp whose name holds a hash of DIR and a random part, named in DIR/run/socket.
 *
 * 1. DIR/run belongs to the owner of DIR alone (0700), so what `run/socket` says can be trusted.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PATH_BYTES_MAX = 100;
const ELSEWHERE = '/tmp';

/** For the daemon, which holds the lock: the path to listen on, free of what an earlier daemon left. */
export function prepareSocketPath(dataDir: string): string {
  const near = join(dataDir, 'run', 'admin.sock');
  const note = join(dataDir, 'run', 'socket');
  forgetSocketPath(dataDir);
  if (Buffer.byteLength(near) <= PATH_BYTES_MAX) return near;
  const folder = mkdtempSync(join(ELSEWHERE, `mailstead-${hashOf(dataDir)}-`));
  const path = join(folder, 'admin.sock');
  writeFileSync(note, `${path}\n`, { mode: 0o600 });
  return path;
}

/** Removes the socket and, when it lay elsewhere, its folder and the note. */
export function forgetSocketPath(dataDir: string): void {
  const elsewhere = readNote(dataDir);
  if (elsewhere?.startsWith(join(ELSEWHERE, `mailstead-${hashOf(dataDir)}-`)) === true)
    rmSync(dirname(elsewhere), { recursive: true, force: true });
  rmSync(join(dataDir, 'run', 'socket'), { force: true });
  rmSync(join(dataDir, 'run', 'admin.sock'), { force: true });
}

/** For clients: where the daemon of this directory listens, if it runs. A path that is too long for the kernel: it does not. */
export function findSocketPath(dataDir: string): string {
  return readNote(dataDir) ?? join(dataDir, 'run', 'admin.sock');
}

function readNote(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, 'run', 'socket'), 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function hashOf(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
}
