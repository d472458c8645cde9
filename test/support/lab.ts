/**
 * A small Internet for one test file: our server (mail.own.test, domain own.test), a foreign Postfix (mx.far.test, domain far.test)
 * when users are given for it, and a name server that knows both, forwards and backwards.
 */

import { type DaemonSettings, HOSTNAME, TestDaemon } from './daemon.ts';
import { chooseNetwork, type LoopbackNetwork } from './loopback-network.ts';
import { NameServer, type Zones } from './name-server.ts';
import { Postfix } from './postfix.ts';

export interface LabSettings {
  /** Mailboxes in own.test. */
  readonly accounts: readonly string[];
  /** Addresses that exist in far.test; without them there is no Postfix. */
  readonly foreignUsers?: readonly string[];
  readonly foreignMain?: Readonly<Record<string, string>>;
  /** Further zones, told the network. */
  readonly zones?: (network: LoopbackNetwork) => Zones;
  readonly daemon?: Omit<DaemonSettings, 'network'>;
}

export interface Lab extends AsyncDisposable {
  readonly network: LoopbackNetwork;
  readonly daemon: TestDaemon;
  readonly names: NameServer;
  /** Throws when the lab has none. */
  readonly postfix: Postfix;
}

export async function openLab({
  accounts,
  foreignUsers,
  foreignMain = {},
  zones = () => ({}),
  daemon: settings = {},
}: LabSettings): Promise<Lab> {
  await using opened = new AsyncDisposableStack();
  const network = await chooseNetwork();
  const names = opened.use(await NameServer.open(network, { ...knownZones(network), ...zones(network) }));
  const daemon = opened.use(await TestDaemon.open({ ...settings, network }));
  await daemon.host('own.test', accounts);
  const foreign = { network, address: network.foreign, hostname: 'mx.far.test', domains: ['far.test'], main: foreignMain };
  const postfix = foreignUsers === undefined ? undefined : opened.use(await Postfix.open({ ...foreign, users: foreignUsers }));
  const kept = opened.move();
  return {
    network,
    daemon,
    names,
    get postfix() {
      if (postfix === undefined) throw new Error('this lab has no foreign server');
      return postfix;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function knownZones({ own, foreign, otherForeign, reverseZone }: LoopbackNetwork): Zones {
  return {
    'own.test': [`@ IN MX 10 ${HOSTNAME}.`, `mail IN A ${own}`, `@ IN TXT "v=spf1 mx -all"`],
    'far.test': [
      '@ IN MX 10 mx',
      `mx IN A ${foreign}`,
      `other IN A ${otherForeign}`,
      '@ IN TXT "v=spf1 mx a:other.far.test -all"',
      '_dmarc IN TXT "v=DMARC1; p=reject"',
    ],
    [reverseZone]: [`2 IN PTR ${HOSTNAME}.`, '3 IN PTR mx.far.test.', '4 IN PTR other.far.test.'],
  };
}
