/* The queue by reason, as bars; part of the overview. */
import { html, nothing, type TemplateResult } from 'lit';
import type { QueueSummary } from '../../../daemon/http/contract/api.ts';
import { meter } from '../../elements/meter.ts';
import { section } from '../../elements/page.ts';
import { count, span } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { reasonNote, reasonText } from '../queue/reasons.ts';

export function waitingBars(queue: QueueSummary): TemplateResult {
  if (queue.messages === 0)
    return section('wait', t('overview.waitingNone'), html`<p class="mid">${t('overview.waitingNoneText')}</p>`, nothing, 'c4');
  const rows = [...queue.byReason].sort((a, b) => b.count - a.count);
  const most = rows.reduce((sum, row) => sum + row.count, 0);
  const bars = html`<ul class="bars">${rows.map((row, index) => {
    const note = [reasonNote(row.reason), index === 0 ? t('queue.oldest', { span: span(Date.now() - Date.parse(row.oldestAt)) }) : '']
      .filter(Boolean)
      .join(' ');
    return html`<li><span>${reasonText(row.reason)}</span><span class="num">${count(row.count)}</span>${meter(row.count / Math.max(1, most))}${note ? html`<span class="tiny dim under">${note}</span>` : nothing}</li>`;
  })}</ul>`;
  const link = html`<a class="small" href="/queue">${t('overview.openQueue')}</a>`;
  const waiting = t('overview.waiting', { count: queue.messages, number: count(queue.messages) });
  // The reasons count recipients: one message may wait for several.
  const heading = queue.recipients > queue.messages ? t('overview.waitingFor', { waiting, recipients: count(queue.recipients) }) : waiting;
  return section('wait', heading, bars, link, 'c4');
}
