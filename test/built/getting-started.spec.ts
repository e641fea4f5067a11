import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from '@jest/globals';
import { blocksOf } from '../support/documentation.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/start-example.js';

const PAGE = 'docs/getting-started.md';
const run = promisify(execFile);
const children: ChildProcess[] = [];
const env = { ...process.env, NODE_OPTIONS: '' };

afterAll(async () => {
  for (const child of children) {
    const closed = once(child, 'close');
    child.kill();
    await closed;
  }
});

/** What a process has printed so far. */
function start(cwd: string, file: string): () => string {
  const child = spawn(process.execPath, [file], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  return () => output;
}

/** What `nest new` writes, and stricter. */
const COMPILER_OPTIONS = {
  module: 'nodenext',
  target: 'ES2023',
  outDir: 'dist',
  rootDir: 'src',
  types: ['node'],
  skipLibCheck: true,
  isolatedModules: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  esModuleInterop: true,
  noUnusedParameters: true,
  noUnusedLocals: true,
};

/** What differs in it. */
const APPS = [
  ['Nest 12', { type: 'module' }, { strict: true, strictPropertyInitialization: false }],
  ['Nest 11', { type: 'commonjs' }, { strictNullChecks: true, noImplicitAny: true, strictBindCallApply: true }],
] as const;

it.each(APPS)(
  'the walk, in an app as `nest new` of %s makes it, ends in a callback that is delivered',
  async (...app) => {
    const [, manifest, strictness] = app;
    const ports = { '3000': String(await freePort()), '3001': String(await freePort()) };
    const page = (await readFile(PAGE, 'utf8')).replaceAll(/\b300[01]\b/g, (port) => ports[port as keyof typeof ports]);
    const block = (language: string, holds: string) =>
      [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))]
        .map(([, text = '']) => text)
        .find((text) => text.includes(holds))!;

    const project = await mkdtemp(join(tmpdir(), 'getting-started-'));
    await mkdir(join(project, 'src'));
    // What `npm install` would put there stands in the workspace already.
    await symlink(resolve('node_modules'), join(project, 'node_modules'));
    const compilerOptions = { ...COMPILER_OPTIONS, ...strictness };
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    await writeFile(join(project, 'nest-cli.json'), block('json', 'introspectComments'));
    for (const [, file = '', code = ''] of page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```/gm)) {
      await writeFile(join(project, file), code);
    }
    await writeFile(join(project, 'receiver.mjs'), block('js', 'createServer'));
    await run(process.execPath, [resolve('node_modules/@nestjs/cli/bin/nest.js'), 'build'], { cwd: project, env });

    start(project, 'dist/main.js');
    const receiver = start(project, 'receiver.mjs');
    const url = `http://localhost:${ports['3000']}`;
    // Nest says that it has started before it listens.
    await eventually(async () => expect((await fetch(`${url}/docs`)).ok).toBe(true));
    const { paths } = (await (await fetch(`${url}/docs-json`)).json()) as { paths: Record<string, { post: object }> };
    const callback = '{$request.query.callback_url}/invoices/{$request.body#/id}';
    // The JSDoc of the callback is its summary: the CLI plugin is on, and reads comments.
    const summary = 'Sent once the customer has paid the invoice.';
    expect(paths['/invoices']!.post).toHaveProperty(
      ['callbacks', 'invoiceNotification', callback, 'post', 'summary'],
      summary,
    );
    await eventually(async () => expect((await fetch(`http://localhost:${ports['3001']}/up`)).ok).toBe(true));
    await run('bash', ['-c', block('sh', 'curl')], { env });
    await eventually(() => expect(receiver()).toContain(block('text', 'POST')));
  },
  120_000,
);

it('the walk shows the files of the README, and only its module differs', () => {
  const filesOf = (page: string) => blocksOf(page, 'ts').filter((block) => !block.startsWith('// src/app.module.ts'));
  expect(filesOf(PAGE)).toEqual(filesOf('README.md'));
});

it.each([PAGE, 'docs/compatibility.md'])('%s shows the nest-cli.json of the README', (page) => {
  expect(blocksOf(page, 'json')).toEqual(blocksOf('README.md', 'json'));
});
