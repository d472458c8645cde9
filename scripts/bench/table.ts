/** The benchmark's table, as Markdown. */
import type { Load } from './load.ts';

export interface Row {
  readonly label: string;
  readonly server: string;
  readonly load: Load;
  readonly perSecond: number;
  readonly cpuMs: number;
  /** Work that follows the acknowledgement: filing what waited, previews, totals. */
  readonly laterCpuMs: number;
  readonly syncs: number | undefined;
  readonly residentMb: number;
}

const HEAD = ['accounts', 'connections', 'server', 'deliveries/s', 'times', 'CPU ms each', 'of it', 'later ms', 'syncs each', 'RSS MB'];

/** A line a load; ratios are to the other server's line of the same load. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const peer = rows.find(({ load, server }) => server !== row.server && sameLoad(load, row.load) && server.startsWith('Postfix'));
    const isOwn = peer !== undefined;
    return [
      row.load.accounts.toLocaleString('en'),
      row.load.isConnectionEach ? 'one a message' : '40 kept',
      row.label === 'default' ? row.server : `${row.server}, ${row.label}`,
      Math.round(row.perSecond).toLocaleString('en'),
      isOwn ? (row.perSecond / peer.perSecond).toFixed(1) : '',
      row.cpuMs.toFixed(2),
      isOwn ? `${((100 * row.cpuMs) / peer.cpuMs).toFixed(0)} %` : '',
      row.laterCpuMs < 0.005 ? '' : row.laterCpuMs.toFixed(2),
      row.syncs?.toFixed(2) ?? '?',
      Math.round(row.residentMb).toString(),
    ];
  });
  return [HEAD, HEAD.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function sameLoad(a: Load, b: Load): boolean {
  return a.accounts === b.accounts && a.isConnectionEach === b.isConnectionEach;
}
