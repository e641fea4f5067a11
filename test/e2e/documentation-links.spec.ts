import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
// @ts-expect-error It is plain JavaScript, without types.
import { sidebarProblems } from '../../docs/site/pages.js';

const inDocs = ['docs', 'docs/decisions', 'docs/site']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.md'));
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'bench/README.md',
  'examples/minimal/README.md',
  ...inDocs,
];

/** The text of a page, without its code. */
const proseOf = (page: string) => readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a page that lead to files, as paths from the root. */
function linksOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => (target.startsWith('#') ? `${page}${target}` : join(dirname(page), target)));
}

it.each(PAGES)('every link of %s leads to a file, and to a heading in it', (page) => {
  const broken = linksOf(page).filter((link) => {
    const [file = '', anchor] = link.split('#');
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

it('the index lists every guide', () => {
  const guides = inDocs.filter((page) => dirname(page) === 'docs' && page !== 'docs/README.md');
  expect([...new Set(linksOf('docs/README.md').map((link) => link.split('#')[0]))]).toEqual(
    expect.arrayContaining(guides),
  );
});

it('the sidebar of the site has every guide and no other, and says so if it has not', () => {
  const guides = inDocs.filter((page) => dirname(page) === 'docs').map((page) => basename(page));
  expect(sidebarProblems(guides)).toEqual([]);
  const others = [...guides.filter((name) => name !== 'egress.md'), 'unlisted.md'];
  expect(sidebarProblems(others)).toEqual([
    'docs/unlisted.md is not in the sidebar.',
    'docs/egress.md is in the sidebar, and does not exist.',
  ]);
});
