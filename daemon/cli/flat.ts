/**
 * Answers of use cases as `--json` gives them: flat objects with snake_case names, times as RFC 3339 UTC, ids as strings.
 * `createdAt` is `created_at`, `nextAttemptMs` is `next_attempt_at`, `customer: {id, name}` is `customer_id` and `customer_name`,
 * a list of words is one text with commas.
 */

export type FlatValue = string | number | boolean | null;
export type Flat = Readonly<Record<string, FlatValue>>;

export function flat(value: object): Flat {
  const result: Record<string, FlatValue> = {};
  for (const [key, part] of Object.entries(value)) put(result, key, part);
  return result;
}

function put(result: Record<string, FlatValue>, key: string, value: unknown): void {
  const name = snake(key);
  if (name.endsWith('_ms') && (typeof value === 'number' || value === null)) {
    result[`${name.replace(/(?:_at)?_ms$/, '')}_at`] = value === null ? null : new Date(value).toISOString();
  } else if (Array.isArray(value)) {
    result[name] = value.join(',');
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, part] of Object.entries(value)) put(result, `${key}_${inner}`, part);
  } else if (value !== undefined) {
    const isId = (name === 'id' || name.endsWith('_id')) && typeof value === 'number';
    result[name] = isId ? String(value) : (value as FlatValue);
  }
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
