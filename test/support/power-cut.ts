/**
 * What a disk holds after a power cut, from a log of the file calls: at any position, each file as of its last completed sync,
 * and of what was written since then nothing, or some of it in any order, as a disk's cache may have it.
 *
 * 1. A sync makes durable what had been written when it began, once it has ended; it counts for the name of a new file too, as
 *    the file systems in use do it (ext4, xfs, btrfs). Removing and renaming count at once: the harder case for what follows.
 * 2. Shared-memory files of SQLite are left out: they are made anew.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { FileCall, TracedCall } from './strace-log.ts';

type Truncate = Extract<FileCall, { kind: 'truncate' }>;
type Write = Truncate | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer };

interface FileHistory {
  /** Whole from the start, or undefined for a file that did not exist. */
  readonly base: Buffer | undefined;
  readonly writes: Write[];
  /** So many of the writes are durable. */
  durable: number;
  cursor: number;
}

/** Which of the writes that no sync covered reach the disk. */
export type Unsynced = (count: number) => readonly boolean[];
export const NONE: Unsynced = (count) => new Array<boolean>(count).fill(false);

/** Makes in `target` what is left of `root`, whose state before the log is in `before`, of a cut at `position`. */
export function rebuildAfterCut(calls: readonly TracedCall[], position: number, places: Places, unsynced: Unsynced): void {
  const { before, root, target } = places;
  const histories = new Map<string, FileHistory>();
  const historyOf = (path: string): FileHistory => {
    const known = histories.get(path);
    if (known !== undefined) return known;
    const original = join(before, relative(root, path));
    const made: FileHistory = { base: existsSync(original) ? readFileSync(original) : undefined, writes: [], durable: 0, cursor: 0 };
    histories.set(path, made);
    return made;
  };
  const removed = new Set<string>();
  for (const step of stepsUntil(calls, position)) apply(step, { historyOf, histories, removed });
  rmSync(target, { recursive: true, force: true });
  cpSync(before, target, { recursive: true });
  for (const path of removed) rmSync(join(target, relative(root, path)), { force: true });
  for (const [path, history] of histories) {
    if (path.endsWith('-shm')) continue;
    const content = contentOf(history, unsynced);
    if (content === undefined) continue;
    const place = join(target, relative(root, path));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content, { mode: 0o600 });
  }
}

export interface Places {
  readonly root: string;
  readonly before: string;
  readonly target: string;
}

/** A sync counts as two steps: what it covers is fixed where it begins, and durable where it ends. */
type Step = { readonly at: number; readonly call: FileCall; readonly phase: 'begins' | 'ends' };

function stepsUntil(calls: readonly TracedCall[], position: number): Step[] {
  const steps: Step[] = [];
  for (const { call, beganAt, endedAt } of calls) {
    if (call.kind === 'sync' && beganAt <= position) steps.push({ at: beganAt, call, phase: 'begins' });
    if (endedAt <= position) steps.push({ at: endedAt, call, phase: 'ends' });
  }
  return steps.sort((a, b) => a.at - b.at || (a.phase === b.phase ? 0 : a.phase === 'begins' ? -1 : 1));
}

interface Disk {
  readonly historyOf: (path: string) => FileHistory;
  readonly histories: Map<string, FileHistory>;
  readonly removed: Set<string>;
}

const coveredBy = new WeakMap<FileCall, number>();

function apply({ call, phase }: Step, { historyOf, histories, removed }: Disk): void {
  switch (call.kind) {
    case 'say':
      return;
    case 'sync': {
      // What nothing was written to, such as a folder.
      const history = histories.get(call.path);
      if (history === undefined) return;
      if (phase === 'begins') coveredBy.set(call, history.writes.length);
      else history.durable = Math.max(history.durable, coveredBy.get(call) ?? 0);
      return;
    }
    case 'open': {
      if (!call.creates && !call.empties) return;
      const history = historyOf(call.path);
      history.cursor = 0;
      if (call.empties) history.writes.push({ kind: 'truncate', path: call.path, size: 0 });
      return;
    }
    case 'write': {
      const history = historyOf(call.path);
      const offset = call.offset === 'cursor' ? history.cursor : call.offset;
      history.writes.push({ kind: 'write', offset, bytes: call.bytes });
      if (call.offset === 'cursor') history.cursor = offset + call.bytes.length;
      return;
    }
    case 'truncate':
      historyOf(call.path).writes.push(call);
      return;
    case 'unlink':
      histories.delete(call.path);
      histories.set(call.path, { base: undefined, writes: [], durable: 0, cursor: 0 });
      removed.add(call.path);
      return;
    case 'rename': {
      const history = historyOf(call.path);
      histories.set(call.to, history);
      histories.set(call.path, { base: undefined, writes: [], durable: 0, cursor: 0 });
      removed.add(call.path);
    }
  }
}

/** Undefined for a file that does not exist then. */
function contentOf({ base, writes, durable }: FileHistory, unsynced: Unsynced): Buffer | undefined {
  const luck = unsynced(writes.length - durable);
  const kept = writes.filter((_write, index) => index < durable || luck[index - durable] === true);
  if (base === undefined && kept.length === 0) return undefined;
  let content = Buffer.from(base ?? []);
  for (const write of kept) {
    if (write.kind === 'truncate') {
      content = Buffer.concat([content.subarray(0, write.size), Buffer.alloc(Math.max(0, write.size - content.length))]);
      continue;
    }
    const end = write.offset + write.bytes.length;
    if (end > content.length) content = Buffer.concat([content, Buffer.alloc(end - content.length)]);
    write.bytes.copy(content, write.offset);
  }
  return content;
}
