/**
 * A browser on a built panel that talks to a fixture server: what every screen test starts from.
 * One browser a file; a context (own cookies, own size) a test. The panel is built when its sources are newer than the last build.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Role } from '../../../daemon/http/contract/api.ts';
import { FixtureServer } from './fixture-server.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);
const axePath = require.resolve('axe-core/axe.min.js');

function newest(folder: string): number {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

/** A build of the panel that is as new as its sources, in the cache beside the packages. */
export function builtPanel(): string {
  const dist = join(root, 'node_modules/.cache/mailstead-panel');
  const index = join(dist, 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs >= newest(join(root, 'panel'))) return dist;
  const fresh = `${dist}-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', '-c', join(root, 'panel/vite.config.ts'), '--logLevel', 'warn'],
    { env: { ...process.env, MAILSTEAD_PANEL_DIST: fresh }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  try {
    renameSync(fresh, dist);
  } catch (error) {
    // Another test file has put its build there in the meantime; either is as new as the sources.
    if (!existsSync(index)) throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
  return dist;
}

export interface ScreenOptions {
  readonly role?: Role | 'nobody';
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

export class Screens implements AsyncDisposable {
  readonly server: FixtureServer;
  readonly origin: string;
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];

  private constructor(parts: { server: FixtureServer; origin: string; browser: Browser }) {
    this.server = parts.server;
    this.origin = parts.origin;
    this.#browser = parts.browser;
  }

  static async open(now?: Date): Promise<Screens> {
    const server = new FixtureServer(builtPanel(), now);
    const [origin, browser] = await Promise.all([
      server.listen(),
      chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      }),
    ]);
    return new Screens({ server, origin, browser });
  }

  /** A page of the panel, signed in as `role`. Messages of the browser's console that are errors fail the test that reads `errors`. */
  async page(path: string, options: ScreenOptions = {}): Promise<{ page: Page; errors: string[] }> {
    const { role = 'host', width = 1440, height = 900, dark = false } = options;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      deviceScaleFactor: 1,
      hasTouch: width < 500,
      isMobile: width < 500,
    });
    this.#contexts.push(context);
    if (role !== 'nobody') await context.addCookies([{ name: 'session', value: role, url: this.origin }]);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
    page.setDefaultTimeout(20_000);
    await page.goto(`${this.origin}${path}`);
    try {
      await page.waitForSelector('h1:visible');
    } catch (error) {
      throw new Error(`no page came: ${errors.join('; ')}`, { cause: error });
    }
    return { page, errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.#browser.close();
    await this.server.close();
  }
}

/** What axe finds wrong, as one line each. */
export async function axeViolations(page: Page): Promise<string[]> {
  // Through the debugger, so that the page's policy stays as strict as it is.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(axePath, 'utf8'));
  const found = await page.evaluate(async () => {
    const axe = (
      globalThis as unknown as {
        axe: {
          run: (
            context: Document,
            options: object,
          ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
        };
      }
    ).axe;
    return (await axe.run(document, { resultTypes: ['violations'] })).violations.map((violation) => ({
      id: violation.id,
      nodes: violation.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${(node.failureSummary ?? '').slice(0, 200)}`),
    }));
  });
  return found.map((violation) => `${violation.id}: ${violation.nodes.join(' | ')}`);
}
