/**
 * Writes every TypeScript example of the README, of docs/ and of the docstrings into test/examples/generated/, where
 * the type check finds them, or into the folder that is given. The blocks of a page are one module, in their order; a docstring's example is its own.
 * What a page declares is exported: the tests run it.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUT = process.argv[2] ?? 'test/examples/generated';
const FENCE = /^```ts\n([\s\S]*?)^```/gm;
const DOCSTRING = /\/\*\*[\s\S]*?\*\//g;
const DECLARATION = /^(?:class|const|(?:async )?function) (\w+)/gm;

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });

for (const page of ['README.md', 'libs/callbacks/README.md', ...files('docs', '.md')]) {
  const blocks = [...readFileSync(page, 'utf8').matchAll(FENCE)].map(([, code]) => code);
  if (blocks.length > 0) write(page, blocks.join('\n'));
}
for (const source of files('libs/callbacks/src', '.ts')) {
  const examples = [...readFileSync(source, 'utf8').matchAll(DOCSTRING)].flatMap(([comment]) => examplesOf(comment));
  examples.forEach((code, index) => write(`${source}-${index + 1}`, code));
}

function files(folder, ending) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const wanted = names.filter((name) => name.endsWith(ending) && !name.endsWith('.spec.ts'));
  return wanted.map((name) => join(folder, name));
}

/** The texts of the `@example` tags of a docstring, whose decorators are written `\@Post()`. */
function examplesOf(comment) {
  const text = comment.replace(/^\s*\*\/?/gm, '').replace(/^\/\*\*/, '');
  return [...text.matchAll(/^ @example\n([\s\S]*?)(?=^ @|\n*$(?![\s\S]))/gm)].map(([, code]) =>
    code.replaceAll('\\@', '@'),
  );
}

function write(name, code) {
  const file = `${OUTPUT}/${name.replaceAll(/[^\w.-]/g, '_')}.ts`;
  const declared = [...code.matchAll(DECLARATION)].map(([, declaration]) => declaration);
  writeFileSync(file, `// From ${name}\n${code}\nexport { ${declared.join(', ')} };\n`);
}
