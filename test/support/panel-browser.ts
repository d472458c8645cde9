/**
 * The built panel in Chromium, on the running server, used by keyboard: what is wanted is found by role and accessible name,
 * reached with Tab, and worked with the keys that people have.
 *
 * 1. One browser a test file; a page has its own cookies. Its certificate is the server's own, which nobody signed.
 * 2. A page notes what must never happen: a request to any other server, a breach of the policy, an error nobody caught.
 *    `assertQuiet` reads it; `close` of the browser does for all its pages.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { PANEL_LOGIN, type TestDaemon } from './daemon.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const TABS_MAX = 200;
const WAIT_MS = 30_000;

type Role = Parameters<Page['getByRole']>[0];
type Within = Pick<Page, 'getByRole'>;

export interface PageLook {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

export class PanelBrowser implements AsyncDisposable {
  readonly origin: string;
  readonly #browser: Browser;
  readonly #pages: PanelPage[] = [];

  private constructor(browser: Browser, origin: string) {
    this.#browser = browser;
    this.origin = origin;
  }

  static async open(daemon: TestDaemon): Promise<PanelBrowser> {
    buildIfAbsent();
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
    return new PanelBrowser(browser, `https://${daemon.network.own}:${daemon.port('https')}`);
  }

  /** A page of its own session, with nobody signed in. */
  async visit(path: string, { width = 1440, height = 900, dark = false }: PageLook = {}): Promise<PanelPage> {
    const narrow = width < 500;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      ignoreHTTPSErrors: true,
      hasTouch: narrow,
      isMobile: narrow,
    });
    const panel = new PanelPage(await context.newPage(), this.origin);
    this.#pages.push(panel);
    await panel.goTo(path);
    return panel;
  }

  /** As the host, or as the mailbox user given, at that page. */
  async signedIn(
    path: string,
    { login, password }: { login: string; password: string } = PANEL_LOGIN,
    look: PageLook = {},
  ): Promise<PanelPage> {
    const panel = await this.visit(path, look);
    await panel.signIn(login, password);
    return panel;
  }

  /** Throws what any of its pages noted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    for (const panel of this.#pages) panel.assertQuiet();
  }
}

export class PanelPage {
  readonly page: Page;
  readonly #origin: string;
  readonly #noted: string[] = [];
  #announced: RegExp[] = [];

  constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.setDefaultTimeout(WAIT_MS);
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${origin}/`))
        this.#noted.push(`asked another server: ${request.url()}`);
    });
    page.on('console', (message) => message.type() === 'error' && this.#noted.push(`console: ${message.text()} ${message.location().url}`));
    page.on('pageerror', (error) => this.#noted.push(`not caught: ${error.stack ?? String(error)}`));
  }

  /** Answers that the browser writes to its console and that belong to the test, such as a refused log-in. */
  expectNotes(...patterns: readonly RegExp[]): void {
    this.#announced.push(...patterns);
  }

  assertQuiet(): void {
    const unexpected = this.#noted.filter((note) => !this.#announced.some((pattern) => pattern.test(note)));
    assert.deepEqual(unexpected, []);
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.#origin}${path}`);
    await this.page.locator('h1:visible').first().waitFor();
  }

  async signIn(login: string, password: string): Promise<void> {
    // Nobody is signed in yet: the browser notes the 401 that says so.
    this.expectNotes(/status of 401 .*\/api\/v1\/session$/);
    await this.heading('Sign in to your mail');
    await this.fill('textbox', 'Address', login);
    await this.tabTo(this.page.getByLabel('Password', { exact: true }));
    await this.page.keyboard.type(password);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.shell h1:visible').first().waitFor();
  }

  /** Waits until the page's sentence says so. */
  async heading(name: string | RegExp): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name }).first().waitFor();
  }

  /** Waits for the toast that says so. */
  async toast(text: string | RegExp): Promise<void> {
    await this.page.getByRole('status').getByText(text).first().waitFor();
  }

  /** The open dialog of that name. */
  async dialog(name: string | RegExp): Promise<Locator> {
    const dialog = this.page.getByRole('dialog', { name });
    await dialog.waitFor();
    return dialog;
  }

  /** Moves the focus to a control with Tab, or Shift+Tab when it stands before. */
  async tabTo(target: Locator): Promise<void> {
    await target.waitFor();
    for (let step = 0; step < TABS_MAX; step++) {
      const way = await target.evaluate((element) => {
        const now = document.activeElement;
        if (now === element) return 'there';
        return now !== null && now !== document.body && (now.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0
          ? 'back'
          : 'on';
      });
      if (way === 'there') return;
      await this.page.keyboard.press(way === 'on' ? 'Tab' : 'Shift+Tab');
    }
    throw new Error(`${TABS_MAX} times Tab do not lead to ${String(target)}`);
  }

  /** Goes to a control and presses it: Enter for buttons and links, Space for switches and boxes. */
  async press(role: Role, name: string | RegExp, within: Within = this.page): Promise<void> {
    await this.tabTo(named(within, role, name));
    await this.page.keyboard.press(role === 'switch' || role === 'checkbox' ? 'Space' : 'Enter');
  }

  /** Goes to a field and types over what stands in it. */
  async fill(role: Role, name: string | RegExp, text: string, within: Within = this.page): Promise<void> {
    await this.tabTo(named(within, role, name));
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.type(text);
  }

  /** Opens a menu of three dots and takes one of its items by arrows. */
  async choose(menu: string, item: string): Promise<void> {
    await this.press('button', menu);
    const wanted = this.page.getByRole('menuitem', { name: item });
    await wanted.waitFor();
    for (let step = 0; step < 20; step++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return this.page.keyboard.press('Enter');
      await this.page.keyboard.press('ArrowDown');
    }
    throw new Error(`the arrows do not lead to ${item}`);
  }

  /** What axe finds wrong, one line each. */
  async accessFaults(): Promise<string[]> {
    // Through the debugger, so that the page's policy stays as strict as it is.
    await this.page.evaluate(axeSource());
    return this.page.evaluate(async () => {
      interface Violation {
        readonly id: string;
        readonly impact: string;
        readonly nodes: readonly { readonly html: string }[];
      }
      const { axe } = globalThis as unknown as {
        axe: { run: (context: Document, options: object) => Promise<{ violations: Violation[] }> };
      };
      const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.map(
        ({ id, impact, nodes }) =>
          `${id} (${impact}): ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 160))
            .join(' | ')}`,
      );
    });
  }
}

function named(within: Within, role: Role, name: string | RegExp): Locator {
  return within.getByRole(role, { name, ...(typeof name === 'string' ? { exact: true } : {}) }).first();
}

function axeSource(): string {
  return readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}

/** The server serves panel/dist, which `npm test` builds; a test run alone in a fresh checkout builds it here. */
function buildIfAbsent(): void {
  const dist = join(ROOT, 'panel/dist');
  if (existsSync(join(dist, 'index.html'))) return;
  const fresh = join(ROOT, `node_modules/.cache/panel-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '-c', join(ROOT, 'panel/vite.config.ts'), '--logLevel', 'warn'],
    {
      env: { ...process.env, MAILSTEAD_PANEL_DIST: fresh },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  try {
    renameSync(fresh, dist);
  } catch (error) {
    // Another test file was faster; its build is of the same sources.
    if (!existsSync(join(dist, 'index.html'))) throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
}
