/**
 * A whole Debian 12 of its own, booted with systemd in a container, for what only a whole machine can show.
 *
 * 1. Nothing is downloaded while it runs: its network has no way out. Debian's packages and npm's come from a folder that is
 *    filled once under /var/tmp (by the same programs, with the network) and kept for the next run.
 * 2. All that a machine changed is gone with it; the base it stands on is never written.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finished, run } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT = '/var/tmp/mailstead-test-debian';
const BASE = join(KEPT, 'base');
const DEBS = join(KEPT, 'debs');
const NPM = join(KEPT, 'npm');
const MIRROR = 'http://deb.debian.org/debian';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LONG_MS = 1_200_000;

export class DebianMachine implements AsyncDisposable {
  readonly #folder: string;
  #booted: ReturnType<typeof spawn> | undefined;
  #leader = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** A fresh machine, switched off, with a clone of this working tree in /src. */
  static async make(): Promise<DebianMachine> {
    await prepare();
    const machine = await DebianMachine.#lay();
    await machine.takeClone();
    return machine;
  }

  static async #lay(): Promise<DebianMachine> {
    const machine = new DebianMachine(mkdtempSync('/var/tmp/mailstead-machine-'));
    for (const part of ['changes', 'work', 'root']) mkdirSync(join(machine.#folder, part));
    const layers = `lowerdir=${BASE},upperdir=${join(machine.#folder, 'changes')},workdir=${join(machine.#folder, 'work')}`;
    await must('mount', ['-t', 'overlay', 'overlay', '-o', layers, machine.root]);
    // The machine is thrown away: its packages need not survive a power cut.
    writeFileSync(join(machine.root, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n');
    return machine;
  }

  get root(): string {
    return join(this.#folder, 'root');
  }

  /** What would be cloned from here, uncommitted changes included. */
  async takeClone(): Promise<void> {
    rmSync(join(this.root, 'src'), { recursive: true, force: true });
    mkdirSync(join(this.root, 'src'));
    await must(
      'sh',
      [
        '-c',
        `git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -c | tar -x -C ${join(this.root, 'src')}`,
      ],
      { cwd: ROOT },
    );
  }

  async boot(): Promise<void> {
    const options = [
      '-q',
      '-D',
      this.root,
      '-b',
      '--register=no',
      '--keep-unit',
      '--console=pipe',
      '--private-network',
      `--bind=${NPM}:/npm`,
      `--bind=${DEBS}:/var/cache/apt/archives`,
    ];
    const booted = spawn('systemd-nspawn', options, { stdio: 'ignore' });
    this.#booted = booted;
    this.#leader = await eventually('the machine has an init', () => initOf(booted.pid ?? 0), 60_000);
    await eventually(
      'the machine has booted',
      async () => /running|degraded/.test((await this.run('systemctl is-system-running')).stdout),
      120_000,
    );
  }

  async switchOff(): Promise<void> {
    const booted = this.#booted;
    if (booted === undefined) return;
    this.#booted = undefined;
    const ended = once(booted, 'exit');
    await this.run('systemctl poweroff');
    await ended;
  }

  /** Runs a shell line as root in the booted machine. */
  run(line: string): Promise<Finished> {
    const environment = [`PATH=${PATH}`, 'HOME=/root', 'npm_config_cache=/npm', 'npm_config_offline=true'];
    return run('nsenter', ['-t', String(this.#leader), '-a', 'env', '-i', ...environment, 'sh', '-c', line], { timeoutMs: LONG_MS });
  }

  /** Runs a shell line as root in the machine while it is switched off: no systemd, nothing else runs. */
  runBare(line: string, { network = false } = {}): Promise<Finished> {
    const options = ['-q', '-D', this.root, '--register=no', '--keep-unit', '--console=pipe', ...(network ? [] : ['--private-network'])];
    const binds = [`--bind=${NPM}:/npm`, `--bind=${DEBS}:/var/cache/apt/archives`];
    const offline = network ? ['--setenv=npm_config_cafile=/etc/host-ca.crt'] : ['--setenv=npm_config_offline=true'];
    return run('systemd-nspawn', [...options, ...binds, '--setenv=npm_config_cache=/npm', ...offline, 'sh', '-c', line], {
      timeoutMs: LONG_MS,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.switchOff();
    await must('umount', [this.root]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Fills the kept folders through a machine that is thrown away afterwards. */
  static async download(): Promise<void> {
    await using machine = await DebianMachine.#lay();
    await machine.takeClone();
    writeFileSync(join(machine.root, 'etc/host-ca.crt'), readFileSync('/etc/ssl/certs/ca-certificates.crt'));
    const fetched = await machine.runBare(
      `set -e; apt-get update -q; rm -f /etc/apt/apt.conf.d/docker-clean
      DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm ca-certificates
      cd /src; . scripts/install/words.sh; . scripts/install/packages.sh; fetch_packages /src --omit=dev; fetch_packages /src --omit=dev`,
      { network: true },
    );
    if (fetched.code !== 0) throw new Error(`the packages could not be downloaded:\n${fetched.stdout}\n${fetched.stderr}`);
  }
}

async function prepare(): Promise<void> {
  if (!existsSync('/usr/sbin/debootstrap') || !existsSync('/usr/bin/systemd-nspawn')) {
    await must('apt-get', ['-q', 'update']);
    await must('apt-get', ['-q', '-y', 'install', '--no-install-recommends', 'debootstrap', 'systemd-container']);
  }
  for (const folder of [KEPT, DEBS, NPM, join(DEBS, 'partial')]) mkdirSync(folder, { recursive: true });
  if (!existsSync(join(BASE, 'usr/bin/systemctl'))) {
    rmSync(BASE, { recursive: true, force: true });
    await must('debootstrap', [
      '--variant=minbase',
      '--include=systemd,systemd-sysv,dbus,iproute2,ca-certificates',
      'bookworm',
      BASE,
      MIRROR,
    ]);
  }
  const stamp = join(KEPT, 'downloaded');
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await DebianMachine.download();
  writeFileSync(stamp, wanted);
}

/** The process that is number 1 inside. */
function initOf(parent: number): number | undefined {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const status = existsSync(`/proc/${entry}/status`) ? readFileSync(`/proc/${entry}/status`, 'utf8') : '';
    if (new RegExp(`^PPid:\\t${parent}$`, 'm').test(status) && /^NSpid:\t\d+\t1$/m.test(status) && /^Name:\tsystemd$/m.test(status))
      return Number(entry);
  }
  return undefined;
}

async function must(command: string, args: readonly string[], options: { readonly cwd?: string } = {}): Promise<void> {
  const done = await run(command, args, { ...options, timeoutMs: LONG_MS });
  if (done.code !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
}
