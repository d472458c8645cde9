/**
 * Request targets as clients really send them, before routing.
 *
 * 1. RFC 9112 §3.2.2: an absolute target is accepted and its authority replaces the Host field (Delta Chat sends such).
 * 2. The autodiscover path counts in any case of letters: Outlook sends it in several.
 */
import type { IncomingMessage } from 'node:http';

const ABSOLUTE = /^https?:\/\/(?<authority>[^/?#]*)(?<rest>[^#]*)/i;
const AUTODISCOVER = '/autodiscover/autodiscover.xml';

/** The target in origin form; sets the Host field of a request with an absolute one. */
export function routedTarget(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  let target = request.url ?? '/';
  const absolute = target.startsWith('/') ? null : ABSOLUTE.exec(target);
  if (absolute?.groups !== undefined) {
    request.headers.host = absolute.groups['authority'] ?? '';
    const rest = absolute.groups['rest'] ?? '';
    target = rest.startsWith('/') ? rest : `/${rest}`;
  }
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  if (path.length === AUTODISCOVER.length && path.toLowerCase() === AUTODISCOVER) return AUTODISCOVER + target.slice(path.length);
  return target;
}

/** The host name that was asked, lower case, without port, brackets and final dot. */
export function requestedHost(host: string | undefined): string {
  const text = (host ?? '').trim().toLowerCase();
  const name = text.startsWith('[') ? text.slice(1, text.indexOf(']')) : text.replace(/:\d*$/, '');
  return name.replace(/\.$/, '');
}
