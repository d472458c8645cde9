/**
 * How the daemon is: each port, each thread. Ready means that migrations are done and every listener was bound on all threads.
 */
import { LISTENER_NAMES, LISTENERS } from '../config/listeners.ts';
import type { ThreadSupervisor } from '../lib/thread-supervisor.ts';

export interface DaemonStatus {
  readonly version: string;
  readonly ready: boolean;
  /** Listener name to `ok` or the reason why it is not. */
  readonly ports: Readonly<Record<string, string>>;
  /** Thread to `starting`, `ready` or `dead`. */
  readonly threads: Readonly<Record<string, string>>;
}

export interface StatusSources {
  readonly threads: ThreadSupervisor;
  readonly version: string;
  /** States of main's own listeners (HTTP). */
  readonly listeners: Readonly<Record<string, string>>;
}

export function statusOf({ threads, version, listeners }: StatusSources): DaemonStatus {
  const ports: Record<string, string> = {};
  for (const name of LISTENER_NAMES) {
    if (LISTENERS[name].thread === 'main') ports[name] = listeners[name] ?? 'not bound yet';
    else ports[name] = worst(threads.infos('protocol').map((info) => info[name] ?? 'not bound yet'));
  }
  const states = threads.states();
  const ready = Object.values(ports).every((state) => state === 'ok') && Object.values(states).every((state) => state === 'ready');
  return { version, ready, ports, threads: states };
}

function worst(states: readonly string[]): string {
  return states.find((state) => state !== 'ok') ?? (states.length === 0 ? 'no thread serves it' : 'ok');
}
