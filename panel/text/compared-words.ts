/* Two texts compared word by word. Pure; quadratic in the number of words, so whoever calls bounds the lengths. */
export interface Piece {
  readonly text: string;
  readonly kind: 'same' | 'gone' | 'new';
}

/** Compares two values word by word (longest common subsequence), so that what goes stands where it stood. */
export function comparedWords(before: string, after: string): Piece[] {
  const old = before.split(/\s+/);
  const now = after.split(/\s+/);
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    const line = common[row] ?? [];
    for (let column = now.length - 1; column >= 0; column--)
      line[column] = old[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  }
  const pieces: Piece[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < now.length) {
    const [gone = '', come = ''] = [old[row], now[column]];
    const same = row < old.length && column < now.length && gone === come;
    const goes = !same && row < old.length && (column >= now.length || at(row + 1, column) >= at(row, column + 1));
    pieces.push(goes ? { text: gone, kind: 'gone' } : { text: come, kind: same ? 'same' : 'new' });
    if (same || goes) row++;
    if (!goes) column++;
  }
  return pieces;
}
