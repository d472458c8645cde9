/** The tables `setting` and `counter`: reads and writes for use cases and for main. */
import type { Control, ControlDatabase } from '../control.ts';
import { eq } from '../operators.ts';
import { counter, setting } from '../schema/server.ts';
import { type SettingDefinition, type SettingValue, storedSetting } from '../settings.ts';

export function settingValue(db: ControlDatabase, definition: SettingDefinition): SettingValue {
  return storedSetting(definition, db.select({ value: setting.value }).from(setting).where(eq(setting.key, definition.key)).get()?.value);
}

/** Stores the value, or nothing when it is the default. */
export function putSetting(db: ControlDatabase, definition: SettingDefinition, change: { value: SettingValue; at: number }): void {
  const text = JSON.stringify(change.value);
  if (text === JSON.stringify(definition.initial)) {
    db.delete(setting).where(eq(setting.key, definition.key)).run();
    return;
  }
  const row = { value: text, changedAt: change.at };
  db.insert(setting)
    .values({ key: definition.key, ...row })
    .onConflictDoUpdate({ target: setting.key, set: row })
    .run();
}

/**
 * Takes `count` numbers from a counter that only grows and answers the first; it starts at `first`.
 * UIDVALIDITYs of restored or repaired mailboxes come from here (rule 7 of the design).
 */
export function takeNumbers(control: Control, name: string, { count, first }: { count: number; first: number }): number {
  return control.record(({ db }) => {
    const present = db.select({ value: counter.value }).from(counter).where(eq(counter.name, name)).get()?.value ?? first;
    const next = Math.max(present, first);
    const row = { value: next + count };
    db.insert(counter)
      .values({ name, ...row })
      .onConflictDoUpdate({ target: counter.name, set: row })
      .run();
    return next;
  });
}
