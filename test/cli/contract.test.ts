/** The command line's contract, held against a stopped daemon: words, exit codes, JSON. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../directory/temporary-control.ts';
import { type Ran, type RunOptions, runCommand } from './run-command.ts';

type Mailstead = (line: string, options?: RunOptions) => Promise<Ran>;

function inDirectory(data: string): Mailstead {
  return (line, options) => runCommand(['--data', data, ...line.split(' ')], options);
}

test('a server is set up, hosts a domain and has mailboxes, all by commands on a stopped daemon', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  const mailstead = inDirectory(data);
  const setUp = await mailstead('setup --hostname mail.north.example --admin host@north.example --generate --json');
  assert.equal(setUp.exit, 0, setUp.stderr);
  assert.match(setUp.json.password, /^[a-z]{5}(-[a-z]{5}){3}$/);
  assert.equal((await mailstead('setup --hostname other.example --admin host@north.example --generate')).exit, 5);

  await t.test('a domain of the host is proven at once', async () => {
    const added = await mailstead('domain add juniper.example --json');
    assert.equal(added.exit, 0, added.stderr);
    assert.equal(added.json.state, 'proven');
    assert.equal((await mailstead('domain add juniper.example')).exit, 5);
    assert.equal((await mailstead('domain add not_a_domain')).exit, 2);
    assert.equal((await mailstead('domain show nowhere.example')).exit, 4);
    assert.equal((await mailstead('domain check nowhere.example')).exit, 4);
  });

  await t.test('a mailbox with a quota in powers of 1024 and a password from standard input', async () => {
    const added = await mailstead('account add marta@juniper.example --quota 5G --name Marta --password-stdin --json', {
      input: 'lantern-orchard\nsecond line\n',
    });
    assert.equal(added.exit, 0, added.stderr);
    assert.equal(added.json.quota_bytes, 5 * 1024 ** 3);
    assert.equal(typeof added.json.id, 'string');
    assert.match(added.json.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal((await mailstead('account quota marta@juniper.example none --json')).json.quota_bytes, null);
    assert.equal((await mailstead('account add marta@juniper.example --generate')).exit, 5);
  });

  await t.test('a refused password exits 2, says why and leaves nothing', async () => {
    const refused = await mailstead('account add tom@juniper.example --password-stdin', { input: 'short\n' });
    assert.equal(refused.exit, 2);
    assert.match(refused.stderr, /8 are needed/);
    assert.equal((await mailstead('account show tom@juniper.example')).exit, 4);
    assert.equal((await mailstead('account add tom@juniper.example')).exit, 2);
    assert.equal((await mailstead('account add tom@juniper.example --generate --password-stdin', { input: 'lantern-orchard' })).exit, 2);
    assert.equal((await mailstead('account add tom@juniper.example --password-stdin')).exit, 2);
  });

  await t.test('a list is an array of flat objects', async () => {
    for (const list of ['domain list', 'account list', 'address list', 'queue list', 'token list']) {
      const listed = await mailstead(`${list} --json`);
      assert.equal(listed.exit, 0, listed.stderr);
      assert.ok(Array.isArray(listed.json), list);
      for (const item of listed.json)
        for (const value of Object.values(item)) assert.ok(value === null || typeof value !== 'object', `${list}: ${JSON.stringify(item)}`);
    }
  });

  await t.test('addresses forward, discard, refuse and catch', async () => {
    const added = await mailstead('address add info@juniper.example --to marta@juniper.example,x@else.example --json');
    assert.equal(added.json.targets, 'marta@juniper.example,x@else.example');
    assert.equal((await mailstead('address add @juniper.example --discard')).exit, 0);
    assert.equal((await runCommand(['--data', data, 'address', 'add', 'no@juniper.example', '--reject', 'Gone away'])).exit, 0);
    assert.equal((await mailstead('address add x@juniper.example')).exit, 2);
    assert.equal((await mailstead('address add x@juniper.example --to y@else.example --keep-copy')).exit, 2);
    assert.equal((await mailstead('address add x@juniper.example --discard --to y@juniper.example')).exit, 2);
    assert.equal((await mailstead('address list --json')).json.length, 3);
    assert.equal((await mailstead('address test info@juniper.example')).exit, 0);
    assert.equal((await mailstead('address test no@juniper.example')).exit, 1);
    assert.equal((await mailstead('address remove info@juniper.example')).exit, 0);
    assert.equal((await mailstead('address remove info@juniper.example')).exit, 4);
  });

  await t.test('a mailbox is suspended in part, given back, renamed and removed with its file', async () => {
    assert.equal((await mailstead('account suspend marta@juniper.example --out --json')).json.suspended_out, true);
    const shown = (await mailstead('account show marta@juniper.example --json')).json;
    assert.deepEqual([shown.suspended_login, shown.suspended_in, shown.suspended_out], [false, false, true]);
    assert.equal((await mailstead('account unsuspend marta@juniper.example --json')).json.suspended_out, false);
    assert.equal((await mailstead('account rename marta@juniper.example Märta --json')).json.name, 'Märta');
    assert.equal((await mailstead('account passwd marta@juniper.example --generate')).exit, 0);
    const kept = await mailstead('domain remove juniper.example');
    assert.equal(kept.exit, 6);
    assert.match(kept.stderr, /still has .*--force/);
    assert.equal((await mailstead('account remove marta@juniper.example')).exit, 0);
    assert.equal((await mailstead('account remove marta@juniper.example')).exit, 4);
    assert.equal((await mailstead('domain remove juniper.example')).exit, 0);
  });

  await t.test('errors are a document on stderr, stdout stays empty', async () => {
    const failed = await mailstead('account show nobody@juniper.example --json');
    assert.equal(failed.stdout, '');
    assert.deepEqual(Object.keys(JSON.parse(failed.stderr).error), ['code', 'message', 'field']);
    assert.equal(JSON.parse((await mailstead('account frobnicate --json')).stderr).error.code, 'invalid');
  });

  await t.test('queue and tracking of a stopped daemon', async () => {
    assert.equal((await mailstead('queue show nothing')).exit, 4);
    assert.equal((await mailstead('queue retry nothing')).exit, 4);
    assert.equal((await mailstead('track nothing')).exit, 4);
    assert.deepEqual((await mailstead('track marta@juniper.example --json')).json, []);
  });

  await t.test('a token', async () => {
    const made = await mailstead('token create --role host --label backup --json');
    assert.match(made.json.secret, /^mst_/);
    assert.equal((await mailstead('token create')).exit, 2);
    assert.equal((await mailstead(`token revoke ${made.json.id}`)).exit, 0);
  });

  await t.test('status tells that it is stopped', async () => {
    const status = await mailstead('status --json');
    assert.equal(status.exit, 3);
    assert.equal(status.json.ready, false);
  });

  await t.test('no file can be read by others', () => {
    for (const entry of readdirSync(data, { recursive: true, encoding: 'utf8' }))
      assert.equal(statSync(join(data, entry)).mode & 0o077, 0, entry);
  });
});

test('the set-up link holds its secret in the fragment and ends with the set-up', async (t) => {
  const mailstead = inDirectory(temporaryDirectory(t));
  const made = await mailstead('setup --link --hostname mail.north.example --json');
  assert.match(made.json.link, /^https:\/\/mail\.north\.example\/setup#[\w-]{32}$/);
  assert.equal(
    (await mailstead('setup --hostname mail.north.example --admin host@north.example --password-stdin', { input: 'lantern-orchard\n' }))
      .exit,
    0,
  );
  assert.equal((await mailstead('setup --link')).exit, 5);
});

test('the data directory: --data before or after the command, then the environment, then ./trial', async (t) => {
  const cwd = temporaryDirectory(t);
  const [named, inEnvironment, trial] = ['named', 'environment', 'trial'].map((name) => join(cwd, name)) as [string, string, string];
  for (const [data, host] of [
    [named, 'named'],
    [inEnvironment, 'environment'],
    [trial, 'trial'],
  ] as const) {
    assert.equal(
      (await runCommand(['setup', '--data', data, '--hostname', `${host}.north.example`, '--admin', 'host@north.example'])).exit,
      0,
    );
    assert.equal((await runCommand(['domain', 'add', `${host}.example`, `--data=${data}`])).exit, 0);
  }
  const first = async (words: readonly string[], env = {}): Promise<string> =>
    (await runCommand([...words, '--json'], { cwd, env })).json[0].name;
  assert.equal(await first(['domain', 'list', '--data', named], { MAILSTEAD_DATA: inEnvironment }), 'named.example');
  assert.equal(await first(['--data', named, 'domain', 'list'], { MAILSTEAD_DATA: inEnvironment }), 'named.example');
  assert.equal(await first(['domain', 'list'], { MAILSTEAD_DATA: inEnvironment }), 'environment.example');
  assert.equal(await first(['domain', 'list']), 'trial.example');
});

test('help, version and slips of the finger', async (t) => {
  const data = temporaryDirectory(t);
  const help = await runCommand(['--help']);
  assert.equal(help.exit, 0);
  for (const word of ['serve', 'setup', 'domain', 'account', 'address', 'queue', 'track', 'token', 'status'])
    assert.match(help.stdout, new RegExp(`^  ${word}\\s`, 'm'));
  assert.doesNotMatch(help.stdout, /doctor|backup|restore|sendmail/);
  assert.equal((await runCommand(['account', 'add', '--help'])).exit, 0);
  assert.equal((await runCommand([])).exit, 2);
  assert.match((await runCommand(['--version'])).stdout, /^mailstead \d+\.\d+\.\d+\n$/);
  for (const [line, meant] of [
    ['acount list', 'mailstead account'],
    ['account lsit', 'account list'],
    ['account list --serach x', '--search'],
    ['domain chekc x.example', 'domain check'],
  ] as const) {
    const slip = await runCommand(['--data', data, ...line.split(' ')]);
    assert.equal(slip.exit, 2, line);
    assert.match(slip.stderr, new RegExp(`Did you mean.*${meant}`), line);
  }
  const nowhere = await runCommand(['--data', join(data, 'none'), 'account', 'list']);
  assert.equal(nowhere.exit, 4);
  assert.match(nowhere.stderr, /There is no mail server in/);
});
