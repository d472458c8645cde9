/** Sizes as people give them: `500M`, `5G`, `none`. K, M, G and T are powers of 1024; bytes as a number; null is unlimited. */
import { Invalid } from '../lib/errors.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1_024, M: 1_048_576, G: 1_073_741_824, T: 1_099_511_627_776 };

/** Bytes, or null for unlimited. Throws Invalid. */
export function parseQuota(field: string, value: unknown): number | null {
  if (value === null || value === 'none') return null;
  const match = typeof value === 'string' ? /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?$/i.exec(value.trim()) : null;
  const bytes = match === null ? value : Math.round(Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? 1));
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new Invalid(field, 'A quota is a size such as 500M or 5G, or none');
}
