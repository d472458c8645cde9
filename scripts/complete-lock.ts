/**
 * Completes package-lock.json: some registries do not offer the packages that tools have for other platforms, npm then leaves
 * them out of the lock file, and `npm ci` refuses it. Each gets an entry that no machine of ours installs.
 *
 *   node scripts/complete-lock.ts [package-lock.json]
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'openharmony', 'win32', 'linux', 'sunos', 'aix', 'openbsd', 'netbsd'];
const PROCESSORS: Readonly<Record<string, string>> = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
};

const path = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
let added = 0;
for (const entry of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] !== undefined) continue;
    const words = name.split(/[-/]/);
    const system = SYSTEMS.find((known) => words.includes(known));
    const processor = words.map((word) => PROCESSORS[word]).find((known) => known !== undefined);
    if (system === undefined) continue;
    lock.packages[key] = {
      version: version.replace(/^[^\d]*/, ''),
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
      os: [system],
      ...(processor === undefined ? {} : { cpu: [processor] }),
      ...(words.includes('musl') ? { libc: ['musl'] } : {}),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);
