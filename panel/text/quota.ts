/*
 * Storage limits as people type them: "5 GB", "500 MB", "none".
 * Invariant: parseQuota(quotaField(n)) gives n back for whole units.
 */
const powers = { K: 1, M: 2, G: 3, T: 4 } as const;

/** Bytes for a typed amount and a unit letter; null for "no limit"; undefined if it is not a size. */
export function parseQuota(amount: string, unit: keyof typeof powers): number | undefined {
  const value = Number(amount.trim().replace(',', '.'));
  if (amount.trim() === '' || !Number.isFinite(value) || value <= 0) return undefined;
  const bytes = Math.round(value * 1024 ** powers[unit]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Amount and unit letter to fill a field with. */
export function quotaField(bytes: number): { amount: string; unit: keyof typeof powers } {
  for (const unit of ['T', 'G', 'M'] as const) {
    const value = bytes / 1024 ** powers[unit];
    if (value >= 1) return { amount: String(Math.round(value * 100) / 100), unit };
  }
  return { amount: String(Math.round((bytes / 1024) * 100) / 100), unit: 'K' };
}
