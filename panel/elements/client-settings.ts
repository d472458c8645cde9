/* How a mail program is set up: QR code and file for Apple devices, the servers by hand, all of it as text to copy. */
import { html, type TemplateResult } from 'lit';
import type { ClientSettings } from '../../daemon/http/contract/api.ts';
import { t } from '../text/translate.ts';
import { icon } from './icon.ts';
import './copy-button.ts';
import './qr-code.ts';

const names = { imap: 'IMAP', pop3: 'POP3', smtp: 'SMTP' } as const;
type Server = ClientSettings['servers'][number];

/** The settings of one protocol, implicit TLS first: those are the ones to type in. */
function best(settings: ClientSettings, protocol: Server['protocol']): Server | undefined {
  const fitting = settings.servers.filter((server) => server.protocol === protocol);
  return fitting.find((server) => server.security === 'TLS') ?? fitting[0];
}

function line(server: Server): string {
  return t('client.line', {
    host: server.host,
    protocol: names[server.protocol],
    port: server.port,
    security: server.security === 'TLS' ? 'SSL/TLS' : 'STARTTLS',
  });
}

/** The servers as a list of terms. */
export function serverList(settings: ClientSettings): TemplateResult {
  const rows: (readonly [string, string])[] = [];
  for (const [protocol, label] of [
    ['imap', 'client.incoming'],
    ['pop3', 'client.incomingPop'],
    ['smtp', 'client.outgoing'],
  ] as const) {
    const server = best(settings, protocol);
    if (server) rows.push([t(label), line(server)]);
  }
  rows.push([t('client.user'), settings.servers[0]?.user ?? settings.address]);
  return html`<dl class="settings num">${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

/** QR code with what to do with it, then the servers. */
export function deviceSetup(settings: ClientSettings, open: boolean): TemplateResult {
  const url = new URL(settings.mobileconfigUrl, location.origin).href;
  return html`<div class="device"><ms-qr .text=${url} .label=${t('client.qr')}></ms-qr><div>
      <p class="no-phone">${t('client.scan')}</p><p class="only-phone">${t('client.thisPhone')}</p>
      <p class="gap"><a class="btn" href=${url} download>${icon('load')}${t('client.download')}</a></p><p class="tiny dim gap-small">${t('client.file')}</p></div></div>
    <details class="fold" ?open=${open}><summary>${icon('right')}${t('client.byHand')}</summary>${serverList(settings)}<p class="small mid gap">${t('client.otherText')}</p>
      <p class="gap"><ms-copy .text=${settings.text} .face=${t('client.copyAll')}></ms-copy></p></details>`;
}
