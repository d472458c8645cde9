/**
 * `mailstead serve`: the daemon in the foreground.
 *
 * 1. SIGTERM and SIGINT stop it in order, a second one at once; SIGHUP reads certificates and log level again.
 * 2. It ends with 75 when its threads could not be kept alive, so that whoever supervises it starts it anew.
 */

import { mkdirSync } from 'node:fs';
import type { ConfigSources } from '../../config/config.ts';
import { forgetBootNote, readBootConfig, writeBootNote } from '../boot-config.ts';
import { becomeOwner } from '../data-directory.ts';
import { CommandFailure, EXIT, usageFailure } from '../failure.ts';
import type { Invocation, Outcome } from '../invocation.ts';

export async function runServer({ operands, options, dataDir }: Invocation): Promise<Outcome> {
  if (operands.length > 0) throw usageFailure(`"${operands[0]}" is one word too many`, 'mailstead serve --help');
  const file = options.value('config');
  const listen = options.values('listen');
  const portOffset = options.value('port-offset');
  const overrides: ConfigSources['overrides'] = {
    ...(listen.length === 0 ? {} : { listen: listen.join(',') }),
    ...(portOffset === undefined ? {} : { portOffset }),
  };
  const config = readBootConfig(dataDir, file, overrides);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  becomeOwner(dataDir);
  const { serve } = await import('../../main.ts');
  const daemon = await serve(config);
  writeBootNote(config);
  const reload = (): void => {
    // A file that cannot be used leaves everything as it is: the daemon runs on.
    try {
      void daemon.reload(readBootConfig(dataDir, file, overrides).logLevel);
    } catch (error) {
      process.stderr.write(`mailstead: ${error instanceof CommandFailure ? error.message : String(error)}\n`);
    }
  };
  process.on('SIGHUP', reload);
  const reason = await Promise.race([signalled(), daemon.hopeless.then(() => 'hopeless' as const)]);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(EXIT.temporary));
  await daemon.stop();
  forgetBootNote(config);
  // Whatever still holds the process open (a client that does not go) must not outlive the stop.
  process.exit(reason === 'hopeless' ? EXIT.temporary : EXIT.ok);
}

function signalled(): Promise<'signal'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve('signal'));
  });
}
