/*
 * The one place that fetches.
 * 1. Every call goes to /api/v1 of the panel's own origin, with the session cookie; changing ones carry the session's CSRF token.
 * 2. A 401 on anything but the log-in itself ends the session in the panel: `onSignedOut` is told once per call.
 * 3. Answers that are no JSON of ours (a proxy's page) become a Problem, never a parse error.
 */
import { Problem, type ProblemCode } from './problem.ts';

type Query = Readonly<Record<string, string | number | undefined>>;

interface CallOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const shared: { csrf: string; onSignedOut: () => void } = { csrf: '', onSignedOut: () => {} };

/** Sets the token that changing calls carry. */
export function useCsrf(token: string): void {
  shared.csrf = token;
}

/** Sets what happens when the server no longer knows the session. */
export function onSignedOut(listener: () => void): void {
  shared.onSignedOut = listener;
}

export function apiPath(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

async function readJson(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await response.text();
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(response.status, { code: 'unavailable', message: '' });
  }
}

function asProblem(status: number, body: unknown): Problem {
  const error = (body as { error?: { code?: ProblemCode; message?: string; field?: string; reference?: string } } | undefined)?.error;
  return new Problem(status, {
    code: error?.code ?? 'internal',
    message: error?.message ?? '',
    field: error?.field,
    reference: error?.reference,
  });
}

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-csrf-token'] = shared.csrf;
  let response: Response;
  try {
    response = await fetch(apiPath(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, { code: 'offline', message: '' });
  }
  const body = await readJson(response);
  if (response.ok) return body as T;
  if (response.status === 401 && path !== '/session') shared.onSignedOut();
  throw asProblem(response.status, body);
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  call<T>('GET', path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) });
export const post = <T>(path: string, body?: unknown): Promise<T> => call<T>('POST', path, { body });
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>('PUT', path, { body });
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>('PATCH', path, { body });
export const remove = <T>(path: string, query?: Query): Promise<T> => call<T>('DELETE', path, query ? { query } : {});
