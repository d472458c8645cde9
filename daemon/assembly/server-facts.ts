/**
 * What this machine is to the world: its host name and the addresses under which it is reached. Settings first, then the
 * boot configuration, then the interfaces.
 */
import { networkInterfaces } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Directory } from '../directory/directory.ts';

export interface ServerFacts {
  hostname(): string;
  publicAddresses(): readonly string[];
}

export function serverFacts(directory: Pick<Directory, 'setting'>, config: Config): ServerFacts {
  return {
    hostname: () => directory.setting<string>('server.hostname') || 'localhost',
    publicAddresses() {
      const set = directory.setting<readonly string[]>('server.publicAddresses');
      if (set.length > 0) return set;
      if (config.publicAddresses.length > 0) return config.publicAddresses;
      const listening = config.listen.filter((address) => address !== '::' && address !== '0.0.0.0');
      return listening.length > 0 ? listening : interfaceAddresses();
    },
  };
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => !address.internal && !(address.family === 'IPv6' && address.address.startsWith('fe80')))
    .map((address) => address.address);
}
