/* What stands around every page: skip link, side bar, top bar, the phone's tabs. */
import { html, type TemplateResult } from 'lit';
import type { Session } from '../../daemon/http/contract/api.ts';
import type { Area } from '../state/routes.ts';
import { t } from '../text/translate.ts';
import './side.ts';
import './tabs.ts';
import './top.ts';

export function frame(who: Session, area: Area | undefined, content: unknown): TemplateResult {
  const split = area === 'messages';
  return html`<a class="skip" href="#main">${t('skip')}</a>
    <div class="shell" data-role=${who.role}><ms-side .area=${area}></ms-side>
      <div class="stage"><ms-top></ms-top><main id="main" tabindex="-1" class=${split ? 'split-page' : 'page'}>${content}</main></div></div>
    <ms-tabs .area=${area}></ms-tabs>`;
}
