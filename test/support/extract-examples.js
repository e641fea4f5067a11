/**
 * Writes the TypeScript examples of the documentation into test/examples/generated/, where they are type-checked and
 * run, or into the folder that is given. A page becomes a folder: each block of it is a file, named by its first line (`// src/main.ts`), and the files
 * of the README that the page does not show itself lie beside them. A docstring's example is a file of its own.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const OUTPUT = process.argv[2] ?? 'test/examples/generated';
const README = 'README.md';
/** What this page imports is installed in test/tools alone, where a test extracts it again. */
const WITH_ORMS = 'docs/orms.md';
const FENCE = /^```ts\n(?:\/\/ ([\w./-]+\.ts)\n)?([\s\S]*?)^```/gm;
const DOCSTRING = /\/\*\*[\s\S]*?\*\//g;

rmSync(OUTPUT, { recursive: true, force: true });

const basis = filesOf(README);
for (const page of [README, ...paths('docs', '.md')]) {
  const own = filesOf(page);
  if (own.size === 0) continue;
  const folder = page === WITH_ORMS ? 'orms' : join('pages', page.replaceAll('/', '_'));
  for (const [file, code] of new Map([...basis, ...own])) write(join(folder, file), code);
}
for (const source of paths('libs/callbacks/src', '.ts')) {
  const examples = [...readFileSync(source, 'utf8').matchAll(DOCSTRING)].flatMap(([comment]) => examplesOf(comment));
  examples.forEach((code, index) => {
    const name = `${source.replaceAll('/', '_')}-${index + 1}.ts`;
    write(join('docstrings', name), `// From ${source}\n${code}\nexport {};\n`);
  });
}

function paths(folder, ending) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const ignored = /\.spec\.ts$|^site\/(node_modules|generated)\//;
  const wanted = names.filter((name) => name.endsWith(ending) && !ignored.test(name));
  return wanted.map((name) => join(folder, name));
}

/** The code of a page's blocks by the names of their files. */
function filesOf(page) {
  const files = new Map();
  for (const [block, file, code] of readFileSync(page, 'utf8').matchAll(FENCE)) {
    if (file === undefined) {
      throw new Error(`A block of ${page} has no file name. Fix: begin it with "// src/name.ts".\n${block}`);
    }
    if (files.has(file)) throw new Error(`Two blocks of ${page} are ${file}. Fix: name one of them otherwise.`);
    files.set(file, code);
  }
  return files;
}

/** The texts of the `@example` tags of a docstring, whose decorators are written `\@Post()`. */
function examplesOf(comment) {
  const text = comment.replace(/^\s*\*\/?/gm, '').replace(/^\/\*\*/, '');
  return [...text.matchAll(/^ @example\n([\s\S]*?)(?=^ @|\n*$(?![\s\S]))/gm)].map(([, code]) =>
    code.replaceAll('\\@', '@'),
  );
}

function write(name, code) {
  const file = join(OUTPUT, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
}
