/**
 * Makes the README's picture anew: the panel's domain page with the example data of its tests.
 *
 *   node test/panel/support/readme-picture.ts
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Screens } from './screen.ts';

const folder = fileURLToPath(new URL('../../../panel/screenshots/', import.meta.url));
mkdirSync(folder, { recursive: true });
await using screens = await Screens.open();
const { page } = await screens.page('/domains/juniperbakery.example');
await page.waitForSelector('.route');
await page.screenshot({ path: `${folder}domain.png` });
