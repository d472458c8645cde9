/* A page of a list as every list of the API answers it. */
export interface Slice<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total?: number;
}

export interface SliceQuery {
  readonly q?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}
