/* A forwarder in words. */
import type { Forwarder } from '../../../daemon/http/contract/api.ts';
import { countWord, list, sentence } from '../../text/format.ts';
import { t } from '../../text/translate.ts';

export function isCatchAll(forwarder: Pick<Forwarder, 'address'>): boolean {
  return forwarder.address.startsWith('@');
}

/** "everything else@…" is no address: the catch-all is named in words. */
export function forwarderName(forwarder: Pick<Forwarder, 'address'>): string {
  return isCatchAll(forwarder) ? `${t('fwd.everything')} ${forwarder.address}` : forwarder.address;
}

/** "goes to a@x, b@y and 2 more", "is thrown away", "is refused". */
export function whatHappens(forwarder: Pick<Forwarder, 'kind' | 'targets' | 'rejectText'>, most = 2): string {
  if (forwarder.kind === 'discard') return t('fwd.discard');
  if (forwarder.kind === 'reject') return forwarder.rejectText ? t('fwd.reject', { text: forwarder.rejectText }) : t('fwd.rejectPlain');
  const more = forwarder.targets.length - most;
  if (more <= 0) return t('fwd.to', { targets: list(forwarder.targets) });
  return t('fwd.toMore', { count: more, targets: forwarder.targets.slice(0, most).join(', ') });
}

export function forwardersSentence(forwarders: readonly Forwarder[], total: number, q: string): string {
  const values = { count: total, word: sentence(countWord(total)), q };
  if (q) return t('fwd.h1.found', values);
  const all = forwarders.filter(isCatchAll).length;
  return t('fwd.h1', values) + (all > 0 ? t('fwd.h1.catch', { count: all, word: countWord(all) }) : '');
}
