/* Two parts of the domain page: the records to publish, and the domain itself (whose, since when, suspend, remove). */
import { html, nothing, type TemplateResult } from 'lit';
import type { Domain, DomainDetail, PublishRecord } from '../../../daemon/http/contract/api.ts';
import { removeDomain, suspendDomain, unsuspendDomain } from '../../api/domains.ts';
import { problemText } from '../../api/problem.ts';
import { askReason } from '../../elements/ask-reason.ts';
import { confirm } from '../../elements/confirm.ts';
import { icon } from '../../elements/icon.ts';
import { section } from '../../elements/page.ts';
import { recordBox } from '../../elements/record.ts';
import { go } from '../../state/router.ts';
import { session } from '../../state/session.ts';
import { say } from '../../state/toasts.ts';
import { bytes } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { zoneFile } from './report-view.ts';
import '../../elements/copy-button.ts';

const longDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

function group(heading: string, records: readonly PublishRecord[]): TemplateResult | typeof nothing {
  if (records.length === 0) return nothing;
  return html`<h3 class="group">${heading}</h3><ul class="publish">${records.map((record) => html`<li><p class="small mid">${record.purpose}</p>${recordBox(record)}</li>`)}</ul>`;
}

/** All that the domain needs in its DNS; folded away once everything is good. */
export function publishRecords(data: DomainDetail, open: boolean): TemplateResult | typeof nothing {
  if (data.records.length === 0) return nothing;
  const needed = data.records.filter((record) => record.required);
  const useful = data.records.filter((record) => !record.required);
  const all = html`<ms-copy .text=${zoneFile(data.records)} .face=${t('domain.records.copyAll')} look="btn quiet"></ms-copy>`;
  return section(
    'records',
    t('domain.records.title'),
    html`<details class="fold records" ?open=${open}><summary>${icon('right')}${t('domain.records.aside')}</summary>
    <p class="mid measure">${t('domain.records.text', { domain: data.domain.display })}</p>${group(t('domain.records.needed'), needed)}${group(t('domain.records.useful'), useful)}</details>`,
    all,
  );
}

async function suspend(domain: Domain, done: () => void): Promise<void> {
  const reason = await askReason({
    title: t('domain.suspend.title', { domain: domain.display }),
    text: t('domain.suspend.text'),
    label: t('domain.suspend.reason'),
    yes: t('domain.suspend.yes'),
    run: (text) => suspendDomain(domain.name, text),
  });
  if (reason === undefined) return;
  done();
  say(t('domain.suspended', { domain: domain.display }), { label: t('undo'), run: () => resume(domain, done) });
}

async function resume(domain: Domain, done: () => void): Promise<void> {
  try {
    await unsuspendDomain(domain.name);
    done();
    say(t('domain.resumed', { domain: domain.display }));
  } catch (error) {
    say(problemText(error), undefined, 'fail');
  }
}

async function removeIt(domain: Domain): Promise<void> {
  const sure = await confirm({
    title: t('domain.remove.title', { domain: domain.display }),
    text: t('domain.remove.dialog'),
    yes: t('domain.remove.yes'),
    no: t('domain.remove.no'),
    danger: true,
    run: () => removeDomain(domain.name),
  });
  if (!sure) return;
  go('/domains');
  say(t('domain.removed', { domain: domain.display }));
}

export function domainItself(domain: Domain, done: () => void): TemplateResult {
  const manager = session.value?.role === 'host' || session.value?.role === 'reseller';
  return section(
    'itself',
    t('domain.itself.title'),
    html`<ul class="rows">
    <li><span class="i-wrap">${icon('box')}</span><span class="grow"><a href="/mailboxes?q=${encodeURIComponent(`@${domain.name}`)}">${t('domain.itself.boxes', { count: domain.mailboxes, size: bytes(domain.usageBytes) })}</a>, <a href="/forwarders?q=${encodeURIComponent(`@${domain.name}`)}">${t('domain.itself.addresses', { count: domain.addresses })}</a><br><span class="small mid">${t('domain.itself.since', { date: longDate.format(new Date(domain.createdAt)) })}${manager ? `. ${t('domain.itself.owner', { customer: domain.customer.name })}` : ''}</span></span></li>
    ${manager ? html`<li><span class="i-wrap">${icon('lock')}</span><span class="grow"><span class="strong">${t('domain.suspend')}</span><br><span class="small mid">${t('domain.suspend.text')}</span></span>${domain.state === 'suspended' ? html`<button class="btn" type="button" @click=${() => resume(domain, done)}>${t('domain.resume')}</button>` : html`<button class="btn" type="button" @click=${() => suspend(domain, done)}>${t('domain.suspend.yes')}</button>`}</li>` : nothing}
    <li><span class="i-wrap">${icon('trash')}</span><span class="grow"><span class="strong">${t('domain.remove')}</span><br><span class="small mid">${t('domain.remove.text')}</span></span><button class="btn danger" type="button" @click=${() => removeIt(domain)}>${t('domain.remove.yes')}</button></li></ul>`,
  );
}
