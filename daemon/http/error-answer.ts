/**
 * The API's only translation of errors: `{error: {code, message, field?, reference?}}` with its status.
 *
 * 1. Errors of the closed set show their own sentence; anything else is 500, its detail in the log under `reference`.
 * 2. What Fastify itself refuses (body too large, no JSON, schema) is the peer's mistake and says so.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Conflict, Invalid, NotFound, Rejected, Unavailable } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { ErrorBody } from './contract/api.ts';

type Code = ErrorBody['error']['code'];

/** Refusals that only HTTP knows; the sentence is shown. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly code: Code;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: Code, message: string, retryAfterS?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export const unauthenticated = (): HttpRefusal => new HttpRefusal(401, 'unauthenticated', 'Sign in first');
export const forbidden = (message = 'You may not do this'): HttpRefusal => new HttpRefusal(403, 'forbidden', message);
export const throttled = (seconds: number): HttpRefusal =>
  new HttpRefusal(429, 'throttled', `Too many tries. Come back in ${seconds} second${seconds === 1 ? '' : 's'}`, seconds);

interface Answer {
  readonly status: number;
  readonly error: ErrorBody['error'];
}

const FASTIFY_REFUSALS: Readonly<Record<string, readonly [number, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'This request is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'A body is sent as application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'The body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'The body is no valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'The body is not as long as announced'],
  FST_ERR_BAD_URL: [400, 'The address cannot be read'],
};

/** The answer to a thrown thing; undefined for what nobody expected. */
function expected(error: unknown): Answer | undefined {
  if (error instanceof Invalid) return { status: 400, error: { code: 'invalid', message: error.message, field: error.field } };
  if (error instanceof NotFound) return { status: 404, error: { code: 'not_found', message: error.message } };
  if (error instanceof Conflict) return { status: 409, error: { code: 'exists', message: error.message } };
  if (error instanceof Rejected) return { status: 403, error: { code: 'refused', message: error.message } };
  if (error instanceof Unavailable) return { status: 503, error: { code: 'unavailable', message: error.message } };
  if (error instanceof HttpRefusal) return { status: error.status, error: { code: error.code, message: error.message } };
  const refusal = FASTIFY_REFUSALS[String((error as FastifyError).code)];
  return refusal === undefined ? undefined : { status: refusal[0], error: { code: 'invalid', message: refusal[1] } };
}

/** Fastify's error handler for everything under `/api`. */
export function errorAnswer(log: Log): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    const answer = expected(error) ?? defect(log, error, request);
    if (error instanceof HttpRefusal && error.retryAfterS !== undefined) reply.header('retry-after', String(error.retryAfterS));
    const body: ErrorBody = { error: answer.error };
    void reply.code(answer.status).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
  };
}

function defect(log: Log, error: unknown, request: FastifyRequest): Answer {
  const reference = randomBytes(6).toString('hex');
  log.error({ reference, method: request.method, route: request.routeOptions.url, err: error }, 'http-defect');
  return { status: 500, error: { code: 'internal', message: 'Something went wrong here', reference } };
}
