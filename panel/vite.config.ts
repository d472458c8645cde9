/*
 * How the panel is built and served while it is being worked on.
 * Owns: panel/dist. `vite build -c panel/vite.config.ts`.
 * 1. Nothing is inlined as data: or as script, so the page runs under `script-src 'self'; style-src 'self'; font-src 'self'`.
 * 2. The icon sprite is the one thing put into index.html, so that <use href="#i-…"> needs no request and never flashes.
 * 3. A development server forwards /api to MAILSTEAD_PANEL_API (an origin), else to the trial.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Puts styles/icons.svg where index.html says `<!-- icons -->`, hidden and out of the way of readers. */
const iconSprite = (): Plugin => ({
  name: 'icon-sprite',
  transformIndexHtml(html) {
    const sprite = readFileSync(`${root}styles/icons.svg`, 'utf8')
      .replace('<svg ', '<svg class="sprite" width="0" height="0" aria-hidden="true" ')
      .replace(/<!--.*?-->\s*/gs, '');
    return html.replace('<!-- icons -->', sprite);
  },
});

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  plugins: [iconSprite()],
  build: {
    outDir: process.env.MAILSTEAD_PANEL_DIST ?? `${root}dist`,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      '/api': { target: process.env.MAILSTEAD_PANEL_API ?? 'https://127.0.0.1:10443', secure: false, changeOrigin: false },
    },
  },
});
