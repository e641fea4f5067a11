/**
 * Writes the TypeScript examples of the documentation into test/examples/generated/, where they are type-checked and
 * run, or into the given folder. A page becomes a folder: each block is a file, named by its first line
 * (`// src/main.ts`), and the files of the README that the page does not show are added. The tutorial changes its files
 * as it goes on: its folder has the last version of each, `docs_getting-started.md-1` and so on have the earlier ones.
 * A docstring's example is a separate file.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const OUTPUT = process.argv[2] ?? 'test/examples/generated';
const README = 'README.md';
const TUTORIAL = 'docs/getting-started.md';
/** What this page imports is installed in test/tools alone, where a test extracts it again. */
const WITH_ORMS = 'docs/orms.md';
const FENCE = /^```ts\n(?:\/\/ ([\w./-]+\.ts)\n)?([\s\S]*?)^```/gm;
const DOCSTRING = /\/\*\*[\s\S]*?\*\//g;
/** It imports the same packages, and the same generated client: it is written into the same folder. */
const BESIDE_ORMS = 'docs/storing-urls.md';

const written = new Set();

const basis = filesOf(README);
for (const page of [README, ...paths('docs', '.md')]) {
  const own = filesOf(page);
  if (own.size === 0) continue;
  const isWithOrms = page === WITH_ORMS || page === BESIDE_ORMS;
  const folder = isWithOrms ? 'orms' : join('pages', page.replaceAll('/', '_'));
  for (const [file, code] of new Map([...basis, ...own])) write(join(folder, file), code);
}
versionsOf(TUTORIAL)
  .slice(0, -1)
  .forEach((files, index) => {
    const folder = join('pages', `${TUTORIAL.replaceAll('/', '_')}-${index + 1}`);
    for (const [file, code] of files) write(join(folder, file), code);
  });
for (const source of paths('libs/callbacks/src', '.ts')) {
  const examples = [...readFileSync(source, 'utf8').matchAll(DOCSTRING)].flatMap(([comment]) => examplesOf(comment));
  examples.forEach((code, index) => {
    const name = `${source.replaceAll('/', '_')}-${index + 1}.ts`;
    write(join('docstrings', name), `// From ${source}\n${code}\nexport {};\n`);
  });
}
removeOthers();

function paths(folder, ending) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const ignored = /\.spec\.ts$|^site\/(node_modules|generated)\//;
  const wanted = names.filter((name) => name.endsWith(ending) && !ignored.test(name));
  return wanted.map((name) => join(folder, name));
}

/** The code of a page's blocks by the names of their files. */
function filesOf(page) {
  return versionsOf(page).at(-1) ?? new Map();
}

/** The files of a page. Where the tutorial shows a file again, they become another version of all of them. */
function versionsOf(page) {
  const versions = [];
  let shown = new Set();
  for (const [block, file, code] of readFileSync(page, 'utf8').matchAll(FENCE)) {
    if (file === undefined) {
      throw new Error(`A block of ${page} has no file name. Fix: begin it with "// src/name.ts".\n${block}`);
    }
    if (shown.has(file) && page !== TUTORIAL) {
      throw new Error(`Two blocks of ${page} are ${file}. Fix: rename one of them.`);
    }
    if (versions.length === 0 || shown.has(file)) {
      versions.push(new Map(versions.at(-1)));
      shown = new Set();
    }
    shown.add(file);
    versions.at(-1).set(file, code);
  }
  return versions;
}

/** The texts of the `@example` tags of a docstring, whose decorators are written `\@Post()`. */
function examplesOf(comment) {
  const text = comment.replace(/^\s*\*\/?/gm, '').replace(/^\/\*\*/, '');
  return [...text.matchAll(/^ @example\n([\s\S]*?)(?=^ @|\n*$(?![\s\S]))/gm)].map(([, code]) =>
    code.replaceAll('\\@', '@'),
  );
}

/** Specs that run at the same time all call this and read it: a file that is right is left alone, others are replaced at once. */
function write(name, code) {
  const file = join(OUTPUT, name);
  written.add(file);
  if (existsSync(file) && readFileSync(file, 'utf8') === code) return;
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, file);
}

/** Removes the examples of earlier runs, but not what another process is writing. */
function removeOthers() {
  const entries = readdirSync(OUTPUT, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files) if (!written.has(file) && !/\.\d+$/.test(file)) rmSync(file, { force: true });
}
