/* A setting's value as text to edit, and back. Pure. */
import type { Setting } from '../../../daemon/http/contract/api.ts';
import { bytes, duration, parseDuration } from '../../text/format.ts';
import { isTextKey, t } from '../../text/translate.ts';

/** What the field shows. */
export function valueText(setting: Pick<Setting, 'type'>, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join('\n');
  if (setting.type === 'bytes' && typeof value === 'number') return bytes(value);
  if (setting.type === 'duration' && typeof value === 'number') return duration(value);
  return String(value);
}

/** A choice in words, where it is no sign that stands for itself. */
export function choiceWords(setting: Partial<Pick<Setting, 'key'>>, choice: string): string {
  const key = `set.choice.${setting.key ?? ''}.${choice}`;
  return isTextKey(key) ? t(key) : choice === '' ? t('set.none') : choice;
}

/** What a person reads: "on", "25 MB", "a, b", "nothing". */
export function valueWords(setting: Pick<Setting, 'type'> & Partial<Pick<Setting, 'key'>>, value: unknown): string {
  if (setting.type === 'boolean') return t(value === true ? 'set.on' : 'set.off');
  if (setting.type === 'choice') return choiceWords(setting, String(value ?? ''));
  const text = valueText(setting, value).replaceAll('\n', ', ');
  return text === '' ? t('set.none') : text;
}

const sizes = ['B', 'KB', 'MB', 'GB', 'TB'];

/** "25 MB" → 26214400; undefined if it is no size. */
export function parseBytes(text: string): number | undefined {
  const found = /^\s*(\d+(?:[.,]\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text);
  if (!found) return undefined;
  const power = found[2] ? sizes.indexOf(`${found[2].toUpperCase()}B`) : 0;
  return Math.round(Number(found[1]?.replace(',', '.')) * 1024 ** power);
}

/** The value to send for what was typed; a string in `error` says what is wrong with it. */
export function readValue(setting: Setting, text: string): { value: unknown } | { error: string } {
  const trimmed = text.trim();
  if (trimmed === '' && setting.type !== 'string' && setting.type !== 'list') return { value: null };
  if (setting.type === 'duration') {
    const seconds = parseDuration(trimmed);
    return seconds === undefined ? { error: t('set.badDuration') } : { value: seconds };
  }
  if (setting.type === 'list') return { value: trimmed.split(/[\s,]+/).filter(Boolean) };
  if (setting.type === 'bytes') {
    const size = parseBytes(trimmed);
    return size === undefined ? { error: t('set.badSize') } : { value: size };
  }
  if (setting.type !== 'integer') return { value: trimmed };
  return /^-?\d+$/.test(trimmed) ? { value: Number(trimmed) } : { error: t('set.badNumber') };
}
