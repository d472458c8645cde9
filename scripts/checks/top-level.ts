/** The top level is fixed; files stay within their size. */
import { readFileSync } from 'node:fs';
import { conclude, sourceFiles } from './sources.ts';

const TOP = new Set([
  'daemon',
  'panel',
  'migrations',
  'scripts',
  'test',
  'package.json',
  'tsconfig.json',
  'install.sh',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'package-lock.json',
]);
const LINES = 500;

const findings: string[] = [];
for (const path of sourceFiles('.')) {
  const top = path.split('/')[0] ?? '';
  if (!TOP.has(top) && !top.startsWith('.')) findings.push(`${path}: does not belong to the top level`);
}
for (const path of sourceFiles('daemon/**/*.ts', 'daemon/*.ts', 'panel/**/*.ts', 'scripts/**/*.ts')) {
  const lines = readFileSync(path, 'utf8').split('\n').length;
  if (lines > LINES) findings.push(`${path}: ${lines} lines; split it along its phases (limit ${LINES})`);
}
conclude('top level', findings);
