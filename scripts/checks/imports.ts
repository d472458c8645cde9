/**
 * Imports go one way: a folder of daemon/ may import its own files and those of lower layers, never sideways or upwards,
 * and no file takes part in a cycle. The panel imports nothing of the daemon but types of the contract.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { conclude, sourceFiles } from './sources.ts';

const LAYERS: readonly (readonly string[])[] = [
  ['lib'],
  ['wire'],
  ['authentication', 'database', 'dns'],
  ['directory', 'limits', 'mailstore', 'queue', 'tracking'],
  ['mta', 'mda', 'admin', 'jobs', 'certificates', 'clientconfig', 'domaincheck'],
  ['access', 'http', 'admin-socket'],
  ['assembly'],
  ['main', 'cli'],
];
/** Within a layer these may look at the others named: their direction is fixed too. */
const SIDEWAYS: Readonly<Record<string, readonly string[]>> = {
  mta: ['mda'],
  jobs: ['admin', 'certificates', 'domaincheck'],
  admin: ['domaincheck', 'certificates', 'clientconfig'],
  directory: ['limits'],
  authentication: ['dns'],
  // `mailstead serve` is the command line becoming the daemon; nothing else of the top level is the command's.
  cli: ['main'],
};
const IMPORT = /(?:^|\n)\s*(?:import|export)\s+(?<type>type\s+)?[^'";]*?from\s+'(?<path>[^']+)'|import\(\s*'(?<dynamic>[^']+)'\s*\)/g;

const layerOf = (folder: string): number => LAYERS.findIndex((layer) => layer.includes(folder));

function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length === 2 ? 'main' : (parts[1] ?? '');
}

interface Edge {
  readonly to: string;
  readonly typeOnly: boolean;
}

function edgesOf(path: string): Edge[] {
  const edges: Edge[] = [];
  for (const match of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    const target = match.groups?.['path'] ?? match.groups?.['dynamic'] ?? '';
    if (target.startsWith('.')) edges.push({ to: normalize(join(dirname(path), target)), typeOnly: match.groups?.['type'] !== undefined });
  }
  return edges;
}

function checkLayers(path: string, edges: readonly Edge[]): string[] {
  const from = folderOf(path);
  const findings: string[] = [];
  for (const { to } of edges) {
    if (!to.startsWith('daemon/')) {
      findings.push(`${path}: imports ${to}, outside daemon/`);
      continue;
    }
    const target = folderOf(to);
    if (target === from || target === 'config' || from === 'config') continue;
    if (layerOf(target) < 0) findings.push(`${path}: ${target} has no layer`);
    else if (layerOf(target) > layerOf(from)) findings.push(`${path}: imports upwards from ${target}`);
    else if (layerOf(target) === layerOf(from) && !(SIDEWAYS[from] ?? []).includes(target))
      findings.push(`${path}: imports sideways from ${target}`);
  }
  return findings;
}

function findCycles(graph: ReadonlyMap<string, readonly Edge[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const findings: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      findings.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`);
      return;
    }
    state.set(path, 'open');
    for (const edge of graph.get(path) ?? []) if (!edge.typeOnly) visit(edge.to, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, []);
  return findings;
}

const graph = new Map(sourceFiles('daemon/*.ts', 'daemon/**/*.ts').map((path) => [path, edgesOf(path)]));
const findings = [...graph].flatMap(([path, edges]) => checkLayers(path, edges));
findings.push(...findCycles(graph));
for (const path of sourceFiles('panel/**/*.ts')) {
  for (const edge of edgesOf(path)) {
    if (!edge.to.startsWith('daemon/')) continue;
    if (!edge.typeOnly || !edge.to.startsWith('daemon/http/contract/'))
      findings.push(`${path}: may import only types of daemon/http/contract, not ${edge.to}`);
  }
}
conclude('imports', findings);
