/**
 * One command on a fresh Debian 12: installed, served by systemd under a hardened unit, upgraded, taken back, rebooted, removed.
 * Needs root, debootstrap and systemd-nspawn (both come from apt when they are missing).
 */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finished } from '../support/child-process.ts';
import { DebianMachine } from './debian-machine.ts';

const PORTS = [25, 80, 110, 143, 443, 465, 587, 993, 995];

function ok(done: Finished, what: string): Finished {
  assert.equal(done.code, 0, `${what}\n${done.stdout}\n${done.stderr}`);
  return done;
}

test('a fresh Debian 12 with systemd', async (t) => {
  await using machine = await DebianMachine.make();
  await machine.boot();
  const install = (words = '') => machine.run(`cd /src && ./install.sh ${words}`);
  const mailstead = (words: string) => machine.run(`mailstead ${words}`);
  const versions = () => readdirSync(join(machine.root, 'opt/mailstead')).filter((name) => /^\d/.test(name));

  await t.test('a taken port is named with its owner, and nothing is changed', async () => {
    ok(
      await machine.run(
        "systemd-run --unit=other-mta --collect perl -MIO::Socket::INET -e 'our @kept = (IO::Socket::INET->new(Listen => 1, LocalPort => 25) or die); sleep'",
      ),
      'another program',
    );
    await machine.run("for i in $(seq 100); do grep -q ':0019 .* 0A' /proc/net/tcp && break; sleep 0.1; done");
    const refused = await install();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Port 25 is taken by perl \(process \d+\)[\s\S]*systemctl disable --now other-mta/);
    assert.equal(existsSync(join(machine.root, 'opt/mailstead')), false);
    ok(await machine.run('systemctl stop other-mta'), 'stopping it');
  });

  await t.test('it installs, starts and ends with the set-up link', async () => {
    const installed = ok(await install('--hostname mail.north.example --admin admin@north.example'), 'install');
    assert.match(installed.stdout, /https:\/\/mail\.north\.example\/setup#[\w-]{32}/);
    const status = ok(await mailstead('status --json'), 'status');
    assert.equal(JSON.parse(status.stdout).ready, true);
    const listening = ok(await machine.run('ss -ltnH'), 'ss').stdout;
    for (const port of PORTS) assert.match(listening, new RegExp(`:${port}\\s`));
    assert.equal(readFileSync(join(machine.root, 'etc/mailstead/mailstead.jsonc'), 'utf8').includes('"listen"'), true);
  });

  await t.test('the daemon is nobody’s root, and what it needs it may', async () => {
    const facts = ok(
      await machine.run(
        'p=$(systemctl show -p MainPID --value mailstead); cat /proc/$p/status; stat -c "%U %a" /var/lib/mailstead; find /opt/mailstead ! -user root -o -perm /022 ! -type l | head',
      ),
      'facts',
    ).stdout;
    assert.match(facts, /^CapEff:\t0000000000000400$/m);
    assert.match(facts, /^CapBnd:\t0000000000000400$/m);
    assert.match(facts, /^NoNewPrivs:\t1$/m);
    assert.match(facts, /^Seccomp:\t2$/m);
    assert.match(facts, /mailstead 700\n$/);
    const exposure = /exposure level for mailstead\.service: ([\d.]+)/.exec(
      (await machine.run('systemd-analyze security mailstead --no-pager')).stdout,
    );
    assert.ok(Number(exposure?.[1]) < 2.5, exposure?.[0]);
    ok(await machine.run('systemctl reload mailstead && sleep 1 && systemctl is-active mailstead'), 'reload');
  });

  await t.test('it is set up and used from the command line, and mail arrives', async () => {
    ok(
      await machine.run(
        "printf 'lantern-orchard\\n' | mailstead setup --hostname mail.north.example --admin admin@north.example --password-stdin",
      ),
      'setup',
    );
    ok(await mailstead('domain add juniper.example'), 'domain');
    ok(await machine.run("printf 'lantern-orchard\\n' | mailstead account add marta@juniper.example --password-stdin"), 'account');
    await deliver(machine, 'before');
  });

  await t.test('run again, it changes nothing', async () => {
    const before = versions();
    const again = ok(await install(), 'again');
    assert.match(again.stdout, /It runs already/);
    assert.match(again.stdout, /Panel +https:\/\/mail\.north\.example\//);
    assert.deepEqual(versions(), before);
  });

  await t.test('a version that does not start is taken back', async () => {
    const [first] = versions();
    appendFileSync(join(machine.root, 'src/daemon/main.ts'), '\nthrow new Error("a broken version");\n');
    const failed = await install();
    await machine.takeClone();
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, new RegExp(`so ${first} runs again with its data[\\s\\S]*a broken version`));
    assert.equal(JSON.parse((await mailstead('status --json')).stdout).ready, true);
    await deliver(machine, 'after a failed upgrade');
  });

  await t.test('it upgrades in place with copies of the databases, and rolls back', async () => {
    const manifest = join(machine.root, 'src/package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": ".*"/, '"version": "99.0.0"'));
    ok(await install(), 'upgrade');
    assert.match((await mailstead('--version')).stdout, /99\.0\.0/);
    const copies = join(machine.root, 'var/lib/mailstead/backup-before-99.0.0');
    assert.deepEqual(readdirSync(copies).sort(), ['control.db', 'queue.db']);
    assert.equal(statSync(copies).mode & 0o777, 0o700);
    await deliver(machine, 'after the upgrade');
    ok(await install('--rollback'), 'rollback');
    assert.doesNotMatch((await mailstead('--version')).stdout, /99\.0\.0/);
    assert.match((await mailstead('account list')).stdout, /marta@juniper\.example/);
    await deliver(machine, 'after the rollback');
    assert.equal((await install('--rollback')).code, 1);
  });

  await t.test('it comes back after a reboot and after kill -9', async () => {
    await machine.switchOff();
    await machine.boot();
    ok(await untilReady(machine), 'after the reboot');
    ok(await machine.run('kill -9 $(systemctl show -p MainPID --value mailstead); sleep 1'), 'kill');
    ok(await untilReady(machine), 'after kill -9');
    await deliver(machine, 'after the reboot');
  });

  await t.test('it goes, keeps the mail unless told, and finds it again', async () => {
    ok(await install('--uninstall'), 'uninstall');
    assert.equal(existsSync(join(machine.root, 'opt/mailstead')), false);
    assert.equal((await machine.run('systemctl cat mailstead')).code === 0, false);
    assert.equal(existsSync(join(machine.root, 'var/lib/mailstead/control.db')), true);
    await machine.takeClone();
    ok(await install(), 'install again');
    assert.match((await mailstead('account list')).stdout, /marta@juniper\.example/);
    ok(await install('--uninstall --purge'), 'purge');
    for (const path of ['opt/mailstead', 'var/lib/mailstead', 'etc/mailstead', 'var/cache/mailstead', 'usr/local/bin/mailstead']) {
      assert.equal(existsSync(join(machine.root, path)), false, path);
    }
    assert.notEqual((await machine.run('id mailstead')).code, 0);
  });
});

test('a Debian 12 without systemd: started through setpriv, stopped as it says', async () => {
  await using machine = await DebianMachine.make();
  const done = await machine.runBare(`set -e
    cd /src; ./install.sh --hostname mail.north.example
    mailstead status --json > /status.json
    grep -E '^(Uid|CapEff|NoNewPrivs)' /proc/$(cat /var/lib/mailstead/run/mailstead.pid)/status
    ./install.sh | grep 'It runs already'
    kill $(cat /var/lib/mailstead/run/mailstead.pid)
    for i in $(seq 300); do mailstead status >/dev/null || break; sleep 0.1; done
    mailstead status || test $? = 3
    ./install.sh --uninstall --purge; ls /var/lib/mailstead 2>/dev/null || true`);
  ok(done, 'without systemd');
  assert.match(done.stdout, /Stop +sudo kill/);
  assert.match(done.stdout, /CapEff:\t0000000000000400/);
  assert.doesNotMatch(done.stdout, /Uid:\t0/);
  assert.equal(JSON.parse(readFileSync(join(machine.root, 'status.json'), 'utf8')).ready, true);
});

/** A message over port 25 into marta's mailbox, found by tracking. */
async function deliver(machine: DebianMachine, subject: string): Promise<void> {
  const dialogue = ['EHLO client.example', 'MAIL FROM:<ann@else.example>', 'RCPT TO:<marta@juniper.example>', 'DATA'];
  const message = [`From: ann@else.example`, `Subject: ${subject}`, '', 'Hello', '.'];
  const script = `exec 3<>/dev/tcp/127.0.0.1/25; read -r line <&3
    for command in ${dialogue.map((line) => `'${line}'`).join(' ')}; do
      printf '%s\\r\\n' "$command" >&3
      while read -r line <&3; do case "$line" in [0-9][0-9][0-9]-*) ;; *) break ;; esac; done
    done
    printf '%s\\r\\n' ${message.map((line) => `'${line}'`).join(' ')} >&3
    read -r line <&3; echo "$line"; printf 'QUIT\\r\\n' >&3`;
  const done = await machine.run(`bash -c '${script.replaceAll("'", `'\\''`)}'`);
  assert.match(done.stdout, /^250 /, `${subject}: ${done.stdout}${done.stderr}`);
}

function untilReady(machine: DebianMachine): Promise<Finished> {
  return machine.run('for i in $(seq 120); do mailstead status >/dev/null 2>&1 && exit 0; sleep 0.5; done; exit 1');
}
