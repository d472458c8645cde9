/** Search for the palette: domains, mailboxes, forwarders and messages that fit a text. */
import { Type } from 'typebox';
import type { StationState } from '../../admin/domain-view.ts';
import { listAccounts } from '../../admin/list-accounts.ts';
import { listAddresses } from '../../admin/list-addresses.ts';
import { listDomains } from '../../admin/list-domains.ts';
import { actorOf, MANAGERS } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { type MessageState, type SearchHit, SearchHits } from '../contract/api.ts';
import { isFoundByHidden, ledgerScope, ownAddresses, trackedMessage } from '../ledger-views.ts';
import { type Api, answers } from '../route-schema.ts';

const HITS_EACH = 6;
const Query = Type.Object({ q: Type.String({ maxLength: 200 }) }, { additionalProperties: false });

export function searchRoutes(api: Api, context: HttpContext): void {
  const { admin, tracking } = context;
  const schema = {
    summary: 'Domains, mailboxes, forwarders and messages that fit a text',
    tags: ['Search'],
    querystring: Query,
    response: answers(SearchHits),
  };

  api.get('/search', { config: { access: MANAGERS }, schema }, async (request) => {
    const actor = actorOf(request);
    const q = request.query.q.trim();
    if (q === '') return { items: [] };
    const page = { q, limit: HITS_EACH };
    const items: SearchHit[] = [
      ...listDomains(admin, actor, page).items.map(
        ({ name, display, state, headline, line }): SearchHit => ({
          kind: 'domain',
          title: display,
          note: headline ?? (state === 'unproven' ? 'Not proven yet' : ''),
          state: state === 'suspended' ? 'off' : worstOf(line),
          href: `/domains/${encodeURIComponent(name)}`,
        }),
      ),
      ...listAccounts(admin, actor, page).items.map(
        ({ id, address, name, suspendedIn, suspendedLogin }): SearchHit => ({
          kind: 'mailbox',
          title: address,
          note: name,
          state: suspendedIn || suspendedLogin ? 'off' : 'ok',
          href: `/mailboxes/${id}`,
        }),
      ),
      ...listAddresses(admin, actor, page).items.map(
        ({ address, kind, targets }): SearchHit => ({
          kind: 'forwarder',
          title: address,
          note: kind === 'forward' ? targets.join(', ') : kind === 'discard' ? 'Thrown away' : 'Refused',
          state: 'ok',
          href: `/forwarders?q=${encodeURIComponent(address)}`,
        }),
      ),
    ];
    const isOwn = ownAddresses(admin.control.db, actor);
    for (const entry of await tracking.list({ ...ledgerScope(actor), text: q, limit: HITS_EACH })) {
      const shown = trackedMessage(entry, isOwn);
      if (isFoundByHidden(entry, shown, q)) continue;
      const { id, subject, sender, recipients, state } = shown;
      items.push({
        kind: 'message',
        title: subject !== '' ? subject : state === 'refused' ? 'Turned away unread' : 'Without a subject',
        note: `${sender === '' ? 'A notice' : sender} to ${recipients[0] ?? ''}${recipients.length > 1 ? ` +${recipients.length - 1}` : ''}`,
        state: messageMark(state),
        href: `/messages/${encodeURIComponent(id)}`,
      });
    }
    return { items };
  });
}

function worstOf(line: readonly StationState[]): SearchHit['state'] {
  if (line.includes('fail')) return 'fail';
  return line.includes('warn') ? 'warn' : 'ok';
}

/** `off` is a message that waits, which is no warning; what was turned away or filed is as it should be. */
function messageMark(state: MessageState): SearchHit['state'] {
  if (state === 'bounced' || state === 'failed') return 'fail';
  return state === 'deferred' || state === 'delayed' || state === 'held' ? 'off' : 'ok';
}
