/**
 * A newcomer's first minute: `./install.sh --trial` starts a server that answers, a second one is told which port is taken,
 * the same folder is started anew, and `--stop` ends it.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../directory/temporary-control.ts';
import { type Finished, run } from '../support/child-process.ts';
import { chooseNetwork, PORT_OFFSET } from '../support/loopback-network.ts';

const INSTALLER = fileURLToPath(new URL('../../install.sh', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../node_modules/.bin/mailstead', import.meta.url));

/** On a network of its own: the usual ports of a trial may be in use on a developer's machine. */
async function trialIn(
  t: TestContext,
): Promise<{ dir: string; own: string; install: (dir: string, ...words: string[]) => Promise<Finished> }> {
  const { own } = await chooseNetwork();
  const dir = join(temporaryDirectory(t), 'first');
  const install = (folder: string, ...words: string[]) => run(INSTALLER, ['--trial', folder, ...words], { timeoutMs: 240_000 });
  t.after(() => install(dir, '--stop'));
  return { dir, own, install };
}

test('a trial starts, answers, refuses a second one on its ports, starts anew and stops', async (t) => {
  const { dir, own, install } = await trialIn(t);
  const onOwnNetwork = ['--', '--listen', own, '--port-offset', String(PORT_OFFSET)];
  const mailstead = (...words: string[]) => run(COMMAND, ['--data', dir, ...words]);

  const started = await install(dir, ...onOwnNetwork);
  assert.equal(started.code, 0, started.stderr);
  assert.match(started.stdout, new RegExp(`https://localhost:${443 + PORT_OFFSET}/setup#[\\w-]{32}`));
  assert.match(await greetingOf(own, 25 + PORT_OFFSET), /^220 /);
  assert.match(await greetingOf(own, 143 + PORT_OFFSET), /^\* OK /);
  assert.match(await greetingOf(own, 110 + PORT_OFFSET), /^\+OK /);
  assert.equal((await mailstead('status')).code, 0);
  assert.equal((await mailstead('setup', '--hostname', 'mail.north.example', '--admin', 'host@north.example')).code, 0);
  assert.equal((await mailstead('domain', 'add', 'juniper.example')).code, 0);

  const second = join(dir, '..', 'second');
  const refused = await install(second, ...onOwnNetwork);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`Port ${25 + PORT_OFFSET} `));
  assert.equal((await mailstead('status')).code, 0, 'the first runs on');

  const again = await install(dir, ...onOwnNetwork);
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch(again.stdout, /setup#/);
  assert.match((await mailstead('domain', 'list')).stdout, /juniper\.example/);

  assert.equal((await install(dir, '--stop')).code, 0);
  assert.equal((await mailstead('status')).code, 3);
  assert.equal(existsSync(join(dir, 'run', 'mailstead.pid')), false);
  assert.equal((await install(dir, '--stop')).code, 0, 'stopping what is stopped is no failure');
  assert.match((await mailstead('domain', 'list')).stdout, /juniper\.example/, 'its data stays');
});

test('a trial leaves folders with other files alone', async (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, 'letter.txt'), 'mine');
  const refused = await run(INSTALLER, ['--trial', folder]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Name another folder/);
  assert.deepEqual(readdirSync(folder), ['letter.txt']);
});

function greetingOf(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(10_000, () => socket.destroy(new Error('no greeting')));
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
  });
}
