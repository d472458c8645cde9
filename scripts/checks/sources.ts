/** The project's own source files, as git knows them (tracked and new, without what is ignored). */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export function sourceFiles(...patterns: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns], { encoding: 'utf8' });
  return listed.split('\n').filter((path) => path !== '' && existsSync(path));
}

/** Prints findings and ends the process with their number's truth. */
export function conclude(name: string, findings: readonly string[]): never {
  for (const finding of findings) process.stderr.write(`${finding}\n`);
  process.stdout.write(findings.length === 0 ? `${name}: ok\n` : `${name}: ${findings.length} findings\n`);
  process.exit(findings.length === 0 ? 0 : 1);
}
