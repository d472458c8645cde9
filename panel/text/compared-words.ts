/* Two texts compared word by word. Pure; at most 60 words of each are looked at. */
export interface Piece {
  readonly text: string;
  readonly kind: 'same' | 'gone' | 'new';
}

/** Compares two values word by word (longest common subsequence), so that what goes stands where it stood. */
export function comparedWords(before: string, after: string): Piece[] {
  const old = before.split(/\s+/).slice(0, 60);
  const now = after.split(/\s+/).slice(0, 60);
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = now.length - 1; column >= 0; column--) common[row]![column] = old[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  }
  const pieces: Piece[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < now.length) {
    const [gone = '', come = ''] = [old[row], now[column]];
    if (row < old.length && column < now.length && gone === come) pieces.push({ text: come, kind: 'same' }), row++, column++;
    else if (row < old.length && (column >= now.length || at(row + 1, column) >= at(row, column + 1))) pieces.push({ text: gone, kind: 'gone' }), row++;
    else pieces.push({ text: come, kind: 'new' }), column++;
  }
  return pieces;
}
