import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
// @ts-expect-error It is plain JavaScript, without types.
import { sidebarProblems } from '../../docs/site/pages.js';
import manifest from '../../libs/callbacks/package.json' with { type: 'json' };
import { FORMAT_VERSION } from '../../libs/callbacks/src/delivery/callback-delivery.js';
import { migrationsOf } from '../../libs/callbacks/src/postgres/schema.js';
import { SCHEMA } from '../../libs/callbacks/src/sqlite/schema.js';

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

it('the sidebar of the site has exactly the guides, and a missing or unknown one is reported', () => {
  const guides = inDocs.filter((page) => dirname(page) === 'docs').map((page) => basename(page));
  expect(sidebarProblems(guides)).toEqual([]);
  const others = [...guides.filter((name) => name !== 'egress.md'), 'unlisted.md'];
  expect(sidebarProblems(others)).toEqual([
    'docs/unlisted.md is not in the sidebar.',
    'docs/egress.md is in the sidebar, and does not exist.',
  ]);
});

const SOURCES = 'libs/callbacks/src';
const PAGE = readFileSync('docs/options.md', 'utf8');

const files = readdirSync(SOURCES, { recursive: true }).map((name) => join(SOURCES, String(name)));
const texts = files.filter((name) => /(?<!\.spec)\.ts$/.test(name)).map((name) => readFileSync(name, 'utf8'));
const exported = texts.flatMap((text) => [...text.matchAll(/^export (?:type )?\{[^}]*\} from/gm)]).join('\n');

/** The public types of options by their names, each with its own members. */
const types = texts
  .flatMap((text) => [...text.matchAll(/^export (?:interface|type) (\w+Options)\b([\s\S]*?)^(?:\}|>;|\s*\);)$/gm)])
  .map(([, name = '', body = '']) => {
    const members = [...body.matchAll(/^ +(\w+)\??: (?!never)/gm)].map(([, member]) => member!);
    return [name, members] as const;
  })
  .filter(([name, members]) => members.length > 0 && new RegExp(`\\b${name}\\b`).test(exported));

/** What the page says of a type, from its name to the next heading or type. */
function sectionOf(type: string): string {
  const [, from = ''] = PAGE.split(`\`${type}\``);
  const [section = ''] = from.split(/\n#|\n(?=[^|\n]*`\w+Options`)/);
  return section;
}

it('finds the types of options, the nested ones and the aliases too', () => {
  expect(Object.fromEntries(types)).toMatchObject({
    CallbacksModuleOptions: expect.arrayContaining(['callbacks', 'timeout', 'telemetry']),
    EgressTlsOptions: ['ca', 'clients'],
    SqliteQueueOptions: ['file', 'database'],
    DripOptions: ['interval'],
  });
});

it.each(types)('the page of options lists those of %s', (type, members) => {
  const section = sectionOf(type);
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, member]) => member);
  expect(listed).toEqual(expect.arrayContaining([...members]));
});

const page = readFileSync('docs/upgrading.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));
const rowOf = (name: string) => rows.find((row) => row.includes(`\`${name}\``)) ?? `no row of ${name}`;

it('the versions of packages that the page names are those that are checked, and those of the manifest', () => {
  const source = readFileSync('libs/callbacks/src/errors/require-peer.ts', 'utf8');
  const checked = [...source.matchAll(/^ {2}'?([@\w/-]+)'?: '(\d+\.\d+\.\d+)',$/gm)];
  expect(checked.length).toBeGreaterThan(5);
  for (const [, name = '', version] of checked) expect(rowOf(name)).toContain(version);
  for (const name of ['@nestjs/common', '@nestjs/core', '@nestjs/swagger'] as const) {
    const ranges = manifest.peerDependencies[name].match(/\d+\.\d+\.\d+/g)!;
    for (const version of ranges) expect(rowOf(name)).toContain(version);
  }
  const optional = Object.keys(manifest.peerDependenciesMeta);
  expect(optional.filter((name) => rowOf(name).startsWith('no row'))).toEqual([]);
});

it('the format and the layouts that the page names are those of the code', () => {
  expect(page).toContain(`of its format, which is currently ${FORMAT_VERSION}`);
  expect(rowOf('sqliteQueue()')).toContain(`now ${/-- layout (\d+)/.exec(SCHEMA)![1]}`);
  expect(rowOf('postgresQueue()')).toContain(`now ${migrationsOf('callbacks').length}`);
});
