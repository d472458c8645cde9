/*
 * Light or dark: the system's choice unless this person chose.
 * Owns: the key "theme" in local storage and data-theme on the root element.
 */
import { Store } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';

const stored = (): Theme => {
  try {
    const value = localStorage.getItem('theme');
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    // Storage may be forbidden; the system's choice then stands.
    return 'system';
  }
};

export const theme = new Store<Theme>('system');

/** Applies and remembers a choice. */
export function chooseTheme(choice: Theme): void {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    if (choice === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', choice);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  theme.set(choice);
}

/** Applies what was chosen earlier on this device. */
export function restoreTheme(): void {
  chooseTheme(stored());
}
