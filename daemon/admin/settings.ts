/** The server's settings: every one with its words, default and present value; changed together or not at all. */
import { putSetting, settingValue } from '../directory/records/server.ts';
import { checkSetting, SETTINGS, type SettingDefinition, type SettingValue, settingDefinition } from '../directory/settings.ts';
import { Invalid } from '../lib/errors.ts';
import { type Actor, requireHost } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';

export interface SettingItem {
  readonly key: string;
  readonly group: string;
  readonly label: string;
  readonly doc: string;
  readonly type: SettingDefinition['type'];
  readonly choices: readonly string[];
  readonly value: SettingValue;
  readonly default: SettingValue;
}

export function listSettings(context: AdminContext, actor: Actor, _args: Record<string, never>): { readonly items: SettingItem[] } {
  requireHost(actor);
  const { db } = context.control;
  return { items: SETTINGS.map((definition) => item(definition, settingValue(db, definition))) };
}

/** Key to value. Applies at once on every thread. */
export function changeSettings(
  context: AdminContext,
  actor: Actor,
  args: { readonly values: Readonly<Record<string, unknown>> },
): { readonly items: SettingItem[] } {
  requireHost(actor);
  if (typeof args.values !== 'object' || args.values === null) throw new Invalid('values', 'values is an object of settings');
  const changes = Object.entries(args.values).map(([key, value]) => {
    const definition = settingDefinition(key);
    if (definition === undefined) throw new Invalid(key, `There is no setting ${key}`);
    return { definition, value: checkSetting(definition, value) };
  });
  return commitChange(context, actor, (tx) => {
    const items = changes.map(({ definition, value }) => {
      const before = settingValue(tx.db, definition);
      putSetting(tx.db, definition, { value, at: tx.nowMs });
      tx.note({ action: 'setting.change', object: definition.key, customer: null, detail: { before, after: value } });
      tx.tell('settings', 'changed', { id: definition.key, name: definition.key, customer: null });
      return item(definition, value);
    });
    return { items };
  });
}

function item(definition: SettingDefinition, value: SettingValue): SettingItem {
  const { key, group, label, doc, type } = definition;
  return { key, group, label, doc, type, choices: definition.choices ?? [], value, default: definition.initial };
}
