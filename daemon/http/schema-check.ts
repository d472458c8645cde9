/**
 * Bodies and queries against the contract, both ways.
 *
 * 1. Requests: a property that the contract does not name is refused; numbers of queries are read from text, bodies are not bent.
 * 2. Answers: a property that the contract does not name is dropped, a missing or wrong one is a defect (500).
 * 3. Schemas are compiled, and the compiler is loaded, at their first use: the daemon starts without paying for it.
 */
import { createRequire } from 'node:module';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import type { Validator } from 'typebox/compile';
import { Invalid } from '../lib/errors.ts';

type SchemaError = ReturnType<Validator['Errors']>[number];

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const load = createRequire(import.meta.url);
const compiler = lazily(() => load('typebox/compile') as typeof import('typebox/compile'));
const values = lazily(() => load('typebox/value') as typeof import('typebox/value'));

export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = lazily(() => compiler().Compile(schema));
  return (value: unknown) => {
    const converted = httpPart === 'body' ? value : values().Value.Convert(schema, value);
    if (check().Check(converted)) return { value: converted };
    return { error: refusal(check().Errors(converted), httpPart ?? 'request') };
  };
};

export const compileSerializer: FastifySerializerCompiler<TSchema> = ({ schema, method, url }) => {
  const check = lazily(() => compiler().Compile(schema));
  return (value: unknown) => {
    const cleaned = check().Clean(value);
    if (check().Check(cleaned)) return JSON.stringify(cleaned);
    const [first] = check().Errors(cleaned);
    throw new Error(`answer of ${method} ${url} is not as its contract says: ${first?.instancePath ?? ''} ${first?.message ?? ''}`);
  };
};

/** The mistake that matters most, as a sentence with its field. */
function refusal(errors: readonly SchemaError[], part: string): Invalid {
  const missing = errors.find((error) => error.keyword === 'required');
  if (missing !== undefined) {
    const names = (missing.params as { requiredProperties: readonly string[] }).requiredProperties;
    const field = fieldOf(missing.instancePath, names[0]);
    return new Invalid(field, `${field} is missing`);
  }
  const surplus = errors.find((error) => error.keyword === 'additionalProperties');
  if (surplus !== undefined) {
    const names = (surplus.params as { additionalProperties: readonly string[] }).additionalProperties;
    const field = fieldOf(surplus.instancePath, names[0]);
    return new Invalid(field, `${field} is not known here`);
  }
  const first = errors.find((error) => error.keyword !== 'boolean') ?? errors[0];
  const field = fieldOf(first?.instancePath ?? '', undefined) || part;
  return new Invalid(field, sentence(field, first));
}

function sentence(field: string, error: SchemaError | undefined): string {
  const limit = (error?.params as { limit?: number } | undefined)?.limit;
  switch (error?.keyword) {
    case 'maxLength':
      return `${field} may have ${limit} characters at most`;
    case 'minLength':
      return `${field} is empty`;
    case 'maxItems':
      return `${field} may have ${limit} entries at most`;
    case 'minItems':
      return `${field} is empty`;
    case 'minimum':
      return `${field} is ${limit} at least`;
    case 'maximum':
      return `${field} is ${limit} at most`;
    default:
      return `${field} is not as expected`;
  }
}

/** `/targets/0` and `x` -> `targets.0.x` */
function fieldOf(path: string, name: string | undefined): string {
  return [...path.split('/').filter((part) => part !== ''), ...(name === undefined ? [] : [name])].join('.');
}
