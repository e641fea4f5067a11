import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/start-example.js';

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

it('the first guide, followed to the letter, ends in a callback in the document and one that is delivered', async () => {
  const ports = { '3000': String(await freePort()), '3001': String(await freePort()) };
  const page = (await readFile('docs/getting-started.md', 'utf8')).replaceAll(
    /\b300[01]\b/g,
    (port) => ports[port as keyof typeof ports],
  );
  const block = (language: string, nth = 0) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))][nth]![1]!;

  const project = await mkdtemp(join(tmpdir(), 'getting-started-'));
  await mkdir(join(project, 'src'));
  // What `npm install` would put there stands in the workspace already.
  await symlink(resolve('node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  await writeFile(join(project, 'tsconfig.json'), block('json'));
  await writeFile(join(project, 'src', 'main.ts'), block('ts'));
  await writeFile(join(project, 'receiver.mjs'), block('js'));
  await run(process.execPath, [resolve('node_modules/typescript/bin/tsc')], { cwd: project, env });

  start(project, 'dist/main.js');
  const receiver = start(project, 'receiver.mjs');
  const url = `http://localhost:${ports['3000']}`;
  // Nest says that it has started before it listens.
  await eventually(async () => expect((await fetch(`${url}/docs`)).ok).toBe(true));
  const document = (await (await fetch(`${url}/docs-json`)).json()) as { paths: Record<string, { post: object }> };
  expect(document.paths['/invoices']!.post).toHaveProperty([
    'callbacks',
    'invoiceNotification',
    '{$request.query.callback_url}/invoices/{$request.body#/id}',
    'post',
  ]);
  await eventually(async () => expect((await fetch(`http://localhost:${ports['3001']}/up`)).ok).toBe(true));
  await run('bash', ['-c', block('sh', 2)], { env });
  await eventually(() => expect(receiver()).toContain(block('text')));
}, 60_000);
