import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import library from '../../libs/callbacks/package.json' with { type: 'json' };
import { run } from '../compat/run.js';
import { eventually } from '../support/eventually.js';
import { packLibrary } from '../support/pack-library.js';
import { freePort } from '../support/start-example.js';

const EXAMPLE = 'examples/minimal';
let example: ChildProcess | undefined;

afterAll(async () => {
  if (example?.exitCode !== null || example.pid === undefined) return;
  const closed = once(example, 'close');
  // npm starts it by a shell: the whole group ends.
  process.kill(-example.pid);
  await closed;
});

/** The example as a user has it, with the tarball in place of the version on the registry. */
async function installExample(): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'minimal-example-'));
  for (const file of ['main.ts', 'tsconfig.json']) await cp(join(EXAMPLE, file), join(project, file));
  const manifest = JSON.parse(await readFile(join(EXAMPLE, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // What `npm publish` will publish is what the example asks for.
  expect(manifest.dependencies['nestjs-callbacks']).toBe(`^${library.version}`);
  manifest.dependencies['nestjs-callbacks'] = `file:${(await packLibrary()).path}`;
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  await run('npm', args, { cwd: project, timeout: 240_000 });
  return project;
}

it('needs `npm install && npm start` and nothing else, and ends in a callback that is delivered', async () => {
  const cwd = await installExample();
  const ports = { PORT: String(await freePort()), RECEIVER_PORT: String(await freePort()) };
  const env = { ...process.env, NODE_OPTIONS: '', ...ports };
  example = spawn('npm', ['start'], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  example.stdout!.on('data', (chunk) => (output += String(chunk)));
  example.stderr!.on('data', (chunk) => (output += String(chunk)));

  // It is compiled before it starts.
  await new Promise<void>((resolve, reject) => {
    example!.stdout!.on('data', () => output.includes('Swagger UI: ') && resolve());
    example!.once('exit', () => reject(new Error(output)));
  });

  const received = 'The receiver got POST /invoices/2expen51ve {"description":"Payment celebration","paid":true}';
  await eventually(() => expect(output).toContain(received));
  // The log line of the attempt: the reply was read, and found to be right.
  await eventually(() => expect(output).toMatch(/delivered .*InvoiceCallbacks\.invoiceNotification/));

  const page = await fetch(`http://localhost:${ports.PORT}/docs-json`);
  const { paths } = (await page.json()) as { paths: Record<string, { post: object }> };
  const callback = '{$request.query.callback_url}/invoices/{$request.body#/id}';
  expect(paths['/invoices']!.post).toHaveProperty(
    ['callbacks', 'invoiceNotification', callback, 'post', 'summary'],
    'Sent once the customer has paid the invoice.',
  );
}, 330_000);
