/** A binary heap of things that come due: the earliest is on top. Entries are never removed from within; owners check what they pop. */

export interface Timed<T> {
  readonly atMs: number;
  readonly value: T;
}

export class TimeHeap<Entry extends { readonly atMs: number }> {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    const entries = this.#entries;
    let place = entries.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = entries[parent] as Entry;
      if (above.atMs <= entry.atMs) break;
      entries[place] = above;
      place = parent;
    }
    entries[place] = entry;
  }

  pop(): Entry | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return top;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= entries.length) break;
      const right = entries[child + 1];
      if (right !== undefined && right.atMs < (entries[child] as Entry).atMs) child += 1;
      const below = entries[child] as Entry;
      if (below.atMs >= last.atMs) break;
      entries[place] = below;
      place = child;
    }
    entries[place] = last;
    return top;
  }
}
