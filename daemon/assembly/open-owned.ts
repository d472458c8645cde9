/**
 * What main itself owns and opens: control.db (the one writer and a reader for the directory) and the certificates.
 */
import { join } from 'node:path';
import { CertificateStore } from '../certificates/certificate-store.ts';
import { SecureContexts } from '../certificates/secure-contexts.ts';
import type { Config } from '../config/config.ts';
import { type Control, openControl, openControlReadOnly } from '../directory/control.ts';
import { createDirectory } from '../directory/create-directory.ts';
import type { Directory } from '../directory/directory.ts';
import { type ServerFacts, serverFacts } from './server-facts.ts';

export interface Owned {
  readonly control: Control;
  readonly connection: ReturnType<typeof openControlReadOnly>;
  readonly directory: Directory;
  readonly facts: ServerFacts;
  readonly certificates: CertificateStore;
  readonly secureContexts: SecureContexts;
}

/** Opens (and migrates) what main owns; `ending` closes it. Throws Unavailable. */
export async function openOwned(config: Config, ending: AsyncDisposableStack): Promise<Owned> {
  const control = openControl(config.data);
  ending.defer(() => control.close());
  const connection = openControlReadOnly(config.data);
  ending.defer(() => connection.close());
  const directory = createDirectory(connection, { freshMs: 0 });
  const facts = serverFacts(directory, config);
  const certificates = new CertificateStore(join(config.data, 'tls'), Date.now);
  const secureContexts = new SecureContexts(await certificates.load(facts.hostname()));
  return { control, connection, directory, facts, certificates, secureContexts };
}
