/**
 * Which names may not become a hosted domain (rule 4 of the design): nobody takes over gmail.com, co.uk or a neighbour's shop.
 * The public suffix list comes with `tldts`, loaded when the first domain is added.
 */
import { createRequire } from 'node:module';
import type { ControlDatabase } from '../directory/control.ts';
import { domainsAmong } from '../directory/records/domains.ts';
import { Rejected } from '../lib/errors.ts';
import type { Domain } from '../wire/ids.ts';

const load = createRequire(import.meta.url);

/** Providers whose users write from here all day; names below them are refused as well. */
const PROVIDERS = new Set(
  `gmail.com googlemail.com google.com outlook.com outlook.de outlook.fr hotmail.com hotmail.de hotmail.fr hotmail.it hotmail.co.uk
  live.com live.de live.co.uk live.nl live.fr msn.com microsoft.com onmicrosoft.com office365.com yahoo.com yahoo.de yahoo.fr yahoo.co.uk
  yahoo.co.jp yahoo.it yahoo.es yahoo.com.br yahoo.co.in ymail.com rocketmail.com aol.com aol.de icloud.com me.com mac.com apple.com
  gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de arcor.de posteo.de mailbox.org 1und1.de ionos.de online.de
  mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru qq.com foxmail.com 163.com 126.com yeah.net sina.com sohu.com
  aliyun.com naver.com daum.net hanmail.net docomo.ne.jp ezweb.ne.jp softbank.jp rediffmail.com proton.me protonmail.com protonmail.ch pm.me
  tutanota.com tutanota.de tuta.com tuta.io fastmail.com fastmail.fm hey.com zoho.com zohomail.com hushmail.com mail.com email.com
  orange.fr wanadoo.fr free.fr sfr.fr laposte.net libero.it virgilio.it tiscali.it alice.it tin.it telefonica.es ono.com sapo.pt
  uol.com.br bol.com.br terra.com.br globo.com btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com comcast.net verizon.net
  att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com rogers.com shaw.ca telus.net bigpond.com optusnet.com.au
  telstra.com xtra.co.nz ziggo.nl kpnmail.nl planet.nl hetnet.nl telenet.be skynet.be bluewin.ch sunrise.ch aon.at chello.at wp.pl o2.pl
  onet.pl interia.pl seznam.cz email.cz centrum.cz azet.sk freemail.hu citromail.hu abv.bg ukr.net amazon.com amazonses.com paypal.com
  facebook.com linkedin.com github.com`.split(/\s+/),
);

/** Throws Rejected when this customer may not host the name. */
export function refuseForeignName(db: ControlDatabase, name: Domain, owner: number): void {
  const above = parentsOf(name);
  const provider = [name, ...above].find((candidate) => PROVIDERS.has(candidate));
  if (provider !== undefined) throw new Rejected(`${provider} belongs to a large mail provider and cannot be hosted here`);
  const { getPublicSuffix } = load('tldts') as typeof import('tldts');
  if (getPublicSuffix(name, { allowPrivateDomains: true }) === name) {
    throw new Rejected(`${name} is a name under which others register theirs. Add a domain below it`);
  }
  const foreign = domainsAmong(db, above).find((domain) => domain.customerId !== owner);
  // The other owner's name is in the request already, so naming it tells nothing new.
  if (foreign !== undefined) throw new Rejected(`${name} lies below ${foreign.name}, which belongs to someone else on this server`);
}

/** `a.b.c` -> `b.c`, `c` */
function parentsOf(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, at) => labels.slice(at + 1).join('.'));
}
