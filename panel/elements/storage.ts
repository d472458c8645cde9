/* How full a mailbox is, and with what: a bar of its largest folders. */
import { html, nothing, type TemplateResult } from 'lit';
import type { MailboxUsage } from '../../daemon/http/contract/api.ts';
import { bytes, usage } from '../text/format.ts';
import { t } from '../text/translate.ts';
import { fullness, partsLegend, partsMeter } from './meter.ts';
import { section } from './page.ts';
import { stateWord } from './state.ts';

const colours = ['var(--ms-chart-1)', 'var(--ms-chart-2)', 'var(--ms-edge)', 'var(--ms-edge-soft)'] as const;

export function storageSection(parts: { used: number; quota: number | null; folders: MailboxUsage['folders'] }): TemplateResult {
  const { used, quota } = parts;
  const folders = [...parts.folders].filter((folder) => folder.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const rest = folders.slice(3).reduce((sum, folder) => sum + folder.bytes, 0);
  const shown = folders.slice(0, 3).map((folder, index) => ({
    label: folder.name === 'INBOX' ? 'Inbox' : folder.name,
    size: folder.bytes,
    colour: colours[index] ?? colours[3],
  }));
  if (rest > 0) shown.push({ label: t('box.folderRest'), size: rest, colour: colours[3] });
  const [amount, of] = usage(used, quota);
  const state = fullness(used, quota);
  const left =
    quota === null
      ? nothing
      : state === 'fail'
        ? stateWord('fail', t('boxes.note.full'))
        : state === 'warn'
          ? stateWord('warn', t('boxes.note.nearly'))
          : html`<span class="small dim">${t('box.left', { left: bytes(Math.max(0, quota - used)) })}</span>`;
  const heading = quota === null ? t('box.useNoLimit', { used: bytes(used) }) : t('box.use', { used: amount, of });
  const description = shown.map((part) => `${part.label} ${bytes(part.size)}`).join(', ');
  return section(
    'storage',
    heading,
    shown.length > 0
      ? quota === null
        ? partsLegend(shown, bytes)
        : partsMeter(shown, quota, description, bytes)
      : html`<p class="mid">${t('box.empty')}</p>`,
    left,
    'first',
  );
}
