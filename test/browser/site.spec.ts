import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { run } from '../compat/run.js';
import { eventually } from '../support/eventually.js';
import { openBrowser } from '../support/open-browser.js';
import { freePort } from '../support/start-example.js';

const SITE = 'docs/site/dist';
const PICTURES = 'docs/site/generated/pictures';
/** As GitHub Pages serves it, and as a workflow of GitHub builds it. */
const BASE = '/nestjs-callbacks/';
const REPOSITORY = 'https://git.example/invoices/nestjs-callbacks';
const ENVIRONMENT = {
  DOCS_BASE: BASE,
  GITHUB_SERVER_URL: 'https://git.example',
  GITHUB_REPOSITORY: 'invoices/nestjs-callbacks',
};
const SHOWN = [
  'index',
  'guides',
  'getting-started',
  'how-it-works',
  'egress',
  'options',
  'api/nestjs-callbacks',
  'decisions/007-egress-guard',
];

let server: ChildProcess | undefined;
let home: string;
let browser: Browser | undefined;

beforeAll(async () => {
  await run('npm', ['run', 'docs'], { cwd: process.cwd(), timeout: 240_000, env: ENVIRONMENT });
  mkdirSync(PICTURES, { recursive: true });
  const port = await freePort();
  home = `http://localhost:${port}${BASE}`;
  const vitepress = 'node_modules/vitepress/bin/vitepress.js';
  server = spawn(process.execPath, [vitepress, 'preview', '--port', String(port)], {
    cwd: 'docs/site',
    env: { ...process.env, NODE_OPTIONS: '', ...ENVIRONMENT },
    stdio: 'ignore',
  });
  await eventually(serves);
  browser = await openBrowser();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  if (server?.exitCode !== null) return;
  const closed = once(server, 'close');
  server.kill();
  await closed;
});

const serves = async () => void (await fetch(home));

const filesOf = (ending: string) =>
  readdirSync(SITE, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending));
const htmlOf = (file: string) => readFileSync(join(SITE, file), 'utf8');
const valuesOf = (html: string, attribute: string) =>
  [...html.matchAll(new RegExp(`<[^>]*\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value);
const linksOf = (file: string) =>
  [...htmlOf(file).matchAll(/<a\b[^>]*\shref="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

describe('the files of the site', () => {
  it('have a page of each guide, each decision and each entry point', () => {
    const pagesOf = (folder: string) => readdirSync(join('docs', folder)).filter((name) => name.endsWith('.md'));
    const expected = [
      ...pagesOf('.').map((name) => name.replace('README', 'guides')),
      ...pagesOf('decisions').map((name) => `decisions/${name.replace('README', 'index')}`),
    ].map((name) => name.replace('.md', '.html'));
    const reference = ['', '/sqlite', '/bullmq', '/postgres', '/bull-board', '/testing'].map(
      (path) => `api/nestjs-callbacks${path}.html`,
    );
    expect(filesOf('.html').toSorted()).toEqual(
      [...expected, ...reference, 'api/index.html', 'index.html', '404.html'].toSorted(),
    );
  });

  it('have no link that leads nowhere, or to a heading that does not exist', () => {
    const pages = filesOf('.html').filter((file) => file !== '404.html');
    const ids = new Map(pages.map((file) => [file, new Set(valuesOf(htmlOf(file), 'id'))]));
    const broken = pages.flatMap((file) =>
      linksOf(file)
        .filter((href) => !/^[a-z]+:/.test(href))
        .filter((href) => {
          const { pathname, hash } = new URL(href, `https://site.example${BASE}${file}`);
          const path = posix.relative(BASE, pathname) + (pathname.endsWith('/') ? '/index.html' : '');
          const target = ids.get(path.replace(/^\//, ''));
          return !target || (hash !== '' && !target.has(decodeURIComponent(hash.slice(1))));
        })
        .map((href) => `${file}: ${href}`),
    );
    expect([...new Set(broken)]).toEqual([]);
  });

  it('lead from each page to its source, and to files that are in the repository', () => {
    const links = filesOf('.html').flatMap((file) => linksOf(file).filter((href) => href.startsWith(REPOSITORY)));
    const targets = new Set(links.flatMap((href) => /\/(?:edit|blob)\/HEAD\/([^#]+)/.exec(href)?.[1] ?? []));
    expect([...targets]).toEqual(
      expect.arrayContaining([
        'docs/egress.md',
        'apps/invoices/src/outbox/table.outbox.ts',
        'libs/callbacks/src/sqlite/sqlite-queue.ts',
      ]),
    );
    expect([...targets].filter((file) => /generated|node_modules/.test(file) || !existsSync(file))).toEqual([]);
  });

  it('have plain text for links to the repository if nobody knows where it is', async () => {
    const script = `
      import { createMarkdownRenderer } from 'vitepress';
      import { resolveLinks } from './markdown.js';
      const renderer = await createMarkdownRenderer('..', { config: resolveLinks });
      const page = { path: process.cwd() + '/../sending.md', relativePath: 'sending.md' };
      console.log(renderer.render('[This](../README.md) and [that](egress.md#opening-it).', page));`;
    const html = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: 'docs/site',
      timeout: 60_000,
      env: { GITHUB_REPOSITORY: '' },
    });
    expect(html.trim()).toBe('<p>This and <a href="/egress.html#opening-it">that</a>.</p>');
  });

  it('have the name of a file above its code, and not in it', () => {
    const html = htmlOf('getting-started.html');
    expect(html).toContain('<div class="file-name">src/main.ts</div>');
    expect(html.replaceAll(/<[^>]*>/g, '')).not.toContain('// src/main.ts');
  });
});

/** What a page reports while `visit` runs: nothing, if all is well. */
async function problemsOf(page: Page, visit: () => Promise<void>): Promise<string[]> {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // What a page loads ahead for its links is dropped when it is left.
    if (reason !== 'net::ERR_ABORTED') problems.push(`${request.url()} failed: ${reason}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(home) && !request.url().startsWith('data:')) problems.push(`asks ${request.url()}`);
  });
  await visit();
  return problems;
}

const SCREENS = [1280, 390].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })));

describe.each(SCREENS)('the site in Chromium, $width wide, $scheme', ({ width, scheme }) => {
  const openPage = () => browser!.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });

  it('shows pages without an error, and without scrolling sideways', async () => {
    // Each page once, where it has the least room.
    const isShown = (file: string) =>
      (width === 390 && scheme === 'light') || SHOWN.includes(file.replace('.html', ''));
    const page = await openPage();
    const wide: string[] = [];
    const problems = await problemsOf(page, async () => {
      for (const file of filesOf('.html').filter(isShown)) {
        await page.goto(home + file, { waitUntil: 'load' });
        const root = page.locator('html');
        expect(await root.evaluate((element) => element.classList.contains('dark'))).toBe(scheme === 'dark');
        if (await root.evaluate((element) => element.scrollWidth > element.clientWidth)) wide.push(file);
        const name = file.replace('.html', '');
        if (!SHOWN.includes(name)) continue;
        await page.evaluate('document.fonts.ready.then(() => true)');
        const path = join(PICTURES, `${name.replaceAll('/', '-')}-${width}-${scheme}.png`);
        await page.screenshot({ path, fullPage: name === 'index' });
      }
    });
    expect({ problems, wide }).toEqual({ problems: [], wide: [] });
    await page.close();
  }, 240_000);

  it('finds "egress" without a server, and opens its page', async () => {
    const page = await openPage();
    const problems = await problemsOf(page, async () => {
      await page.goto(home, { waitUntil: 'networkidle' });
      await page.locator('.DocSearch-Button').click();
      await page.locator('.search-input').fill('egress');
      const result = page.locator('.result[href*="/egress.html"]').first();
      await result.waitFor();
      await page.screenshot({ path: join(PICTURES, `search-${width}-${scheme}.png`) });
      await result.click();
      await page.waitForURL(`${home}egress.html*`);
      await page.locator('h1', { hasText: /^Egress/ }).waitFor();
    });
    expect(problems).toEqual([]);
    await page.close();
  });
});
