/* A browser's name from what it says of itself. Pure. */
import { t } from '../../text/translate.ts';

/** "Firefox, Linux" from a User-Agent, or its first word. */
export function browserName(agent: string): string {
  const browser = [
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
    ['curl/', 'curl'],
  ].find(([part]) => agent.includes(part ?? ' '))?.[1];
  const system = [
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Android', 'Android'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'Mac'],
    ['Linux', 'Linux'],
  ].find(([part]) => agent.includes(part ?? ' '))?.[1];
  if (!browser && !system) return agent.split(/[ /]/)[0] || t('sess.unknown');
  return [browser, system].filter(Boolean).join(', ');
}
