/* The last step of the set-up: what is left until mail flows, each with its page. */
import { html, type TemplateResult } from 'lit';
import { icon } from '../../elements/icon.ts';
import { t } from '../../text/translate.ts';

const step = (name: string, href: string, heading: string, text: string): TemplateResult =>
  html`<li>${icon(name)}<div class="grow"><h2 class="as-h3">${href ? html`<a href=${href}>${heading}</a>` : heading}</h2><p class="mid">${text}</p></div></li>`;

export function setupDone(hostname: string, domain: string): TemplateResult {
  const domainHref = domain ? `/domains/${encodeURIComponent(domain)}` : '/domains?add=1';
  return html`<div class="setup-form"><div><h1 tabindex="-1"><span>${t('setup.done.h1')}</span> <span>${t('setup.done.h1b')}</span></h1><p class="sub">${t('setup.done.sub')}</p></div>
    <ol class="rows attn">
      ${step('globe', domainHref, domain ? t('setup.done.records', { domain }) : t('setup.done.recordsNone'), t('setup.done.recordsText'))}
      ${step('server', '', t('setup.done.reverse'), t('setup.done.reverseText', { hostname }))}
      ${step('box', domain ? `/mailboxes?create=${encodeURIComponent(`@${domain}`)}` : '/mailboxes?create=1', t('setup.done.mailbox'), t('setup.done.mailboxText'))}
    </ol>
    <div class="setup-acts"><a class="btn primary" href=${domain ? domainHref : '/'}>${domain ? t('setup.done.records', { domain }) : t('setup.done.go')}</a></div></div>`;
}
