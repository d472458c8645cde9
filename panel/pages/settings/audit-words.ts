/* An entry of the log in words. Pure. An action or a fact that has no words yet is shown as it is. */
import { bytes } from '../../text/format.ts';
import { isTextKey, t } from '../../text/translate.ts';

export function actionWords(action: string): string {
  const key = `audit.action.${action}`;
  return isTextKey(key) ? t(key) : action;
}

function valueWords(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'number' && /bytes/i.test(name)) return bytes(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `{"quotaBytes":5368709120,"name":null}` → "quota 5 GB"; text that is no JSON stays as it is. */
export function detailWords(detail: string): string {
  if (!detail.startsWith('{')) return detail;
  let facts: unknown;
  try {
    facts = JSON.parse(detail);
  } catch {
    return detail;
  }
  const said = Object.entries(facts as Record<string, unknown>).filter(([, value]) => value !== null && value !== '' && value !== false);
  return said
    .map(
      ([name, value]) =>
        `${name
          .replace(/Bytes$/, '')
          .replace(/([A-Z])/g, ' $1')
          .toLowerCase()} ${valueWords(name, value)}`,
    )
    .join('; ');
}
