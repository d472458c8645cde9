import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache } from '../../daemon/directory/bounded-cache.ts';

test('a cache keeps what is asked for and never more than its capacity', () => {
  const cache = new BoundedCache<number, string>(100);
  for (let at = 0; at < 10_000; at++) {
    cache.set(at, `value ${at}`);
    assert.equal(cache.get(0), 'value 0', 'asked for all the time');
  }
  const kept = Array.from({ length: 10_000 }, (_, at) => at).filter((at) => cache.get(at) !== undefined);
  assert.ok(kept.length <= 100 && kept.length >= 50, `${kept.length} kept`);
  cache.delete(0);
  assert.equal(cache.get(0), undefined);
  cache.clear();
  assert.equal(cache.get(9_999), undefined);
});
