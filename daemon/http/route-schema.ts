/** How routes state what they take and answer: the contract's schemas, closed for requests, read-only for answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import { type Static, type TObject, type TSchema, type TUnsafe, Type } from 'typebox';
import { ErrorBody } from './contract/api.ts';

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;
type Answer<T extends TSchema> = TUnsafe<Frozen<Static<T>>>;

/** The schema with every property that it does not name refused. */
export function closed<T extends TObject>(schema: T): T {
  return Type.Object(schema.properties, { additionalProperties: false }) as unknown as T;
}

const failures = { '4xx': ErrorBody, '5xx': ErrorBody };

export function answers<T extends TSchema>(schema: T): { 200: Answer<T> } {
  return { 200: schema as unknown as Answer<T>, ...failures };
}

/** 201 Created. */
export function creates<T extends TSchema>(schema: T): { 201: Answer<T> } {
  return { 201: schema as unknown as Answer<T>, ...failures };
}

/** 204 No Content. */
export const answersNothing = { 204: Type.Null({ description: 'Done' }), ...failures };

const paging = {
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Search' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Rows of a page, 50 when absent' })),
  after: Type.Optional(Type.String({ maxLength: 400, description: '`next` of the page before' })),
};

export const ListQuery = Type.Object(paging, { additionalProperties: false });

/** A list's query with filters of its own. */
export function listQuery<T extends Record<string, TSchema>>(filters: T) {
  return Type.Object({ ...paging, ...filters }, { additionalProperties: false });
}

export const IdParams = Type.Object({ id: Type.String({ maxLength: 320 }) });
export const NameParams = Type.Object({ name: Type.String({ maxLength: 255 }) });
