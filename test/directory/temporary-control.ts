/** A control.db in a temporary directory, removed with everything in it when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Control, openControl } from '../../daemon/directory/control.ts';

export function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'mailstead-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function temporaryControl(t: TestContext): { readonly control: Control; readonly dataDir: string } {
  const dataDir = temporaryDirectory(t);
  const control = openControl(dataDir);
  t.after(() => control.close());
  return { control, dataDir };
}
