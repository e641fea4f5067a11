import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from '@jest/globals';
import { blocksOf } from '../support/documentation.js';
import { eventually, START_PATIENCE } from '../support/eventually.js';
import { freePort } from '../support/start-example.js';

const PAGE = 'docs/getting-started.md';
const run = promisify(execFile);
const env = { ...process.env, NODE_OPTIONS: '' };

interface Running {
  /** What the process has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

const running = new Set<Running>();

afterEach(async () => {
  for (const one of running) await one.stop();
});

function start(cwd: string, ...args: readonly string[]): Running {
  const child: ChildProcess = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout!.on('data', (chunk) => (output += String(chunk)));
  child.stderr!.on('data', (chunk) => (output += String(chunk)));
  const started: Running = {
    output: () => output,
    async stop() {
      running.delete(started);
      const closed = once(child, 'close');
      // As Ctrl+C ends an app without shutdown hooks, or harder.
      child.kill('SIGKILL');
      await closed;
    },
  };
  running.add(started);
  return started;
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

/** The transform of `jest.config.js`, for the spec of the walk. */
const SWC = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
};

/** The steps of the page, with free ports: `blocks(5, 'sh')` are the commands of step 5. */
async function readSteps(ports: Readonly<Record<string, string>>) {
  const page = (await readFile(PAGE, 'utf8')).replaceAll(/\b300[01]\b/g, (port) => ports[port]!);
  const steps = page.split(/^## \d\. /m);
  return (step: number, language: string): [string, ...string[]] => {
    const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
    const [first, ...others] = [...steps[step]!.matchAll(fence)].map(([, code = '']) => code.trimEnd());
    if (first === undefined) throw new Error(`Step ${step} of ${PAGE} has no block of ${language}.`);
    return [first, ...others];
  };
}

it.each(APPS)(
  'the walk, in an app as `nest new` of %s makes it, ends in a signed callback that survives a crash, and a test',
  async (...app) => {
    const [, manifest, strictness] = app;
    const ports = { '3000': String(await freePort()), '3001': String(await freePort()) };
    const blocks = await readSteps(ports);
    const url = `http://localhost:${ports['3000']}`;

    const project = await mkdtemp(join(tmpdir(), 'getting-started-'));
    await mkdir(join(project, 'src'));
    // What `npm install` would put there stands in the workspace already.
    await symlink(resolve('node_modules'), join(project, 'node_modules'));
    const compilerOptions = { ...COMPILER_OPTIONS, ...strictness };
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
    const tsconfig = { compilerOptions, include: ['src'], exclude: ['src/*.spec.ts'] };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
    await writeFile(join(project, 'nest-cli.json'), blocks(1, 'json')[0]);

    const write = async (step: number, language: string) => {
      for (const code of blocks(step, language)) {
        await writeFile(join(project, /^\/\/ (\S+)/.exec(code)![1]!), code);
      }
    };
    const build = () =>
      run(process.execPath, [resolve('node_modules/@nestjs/cli/bin/nest.js'), 'build'], { cwd: project, env });
    const shell = async (command: string) => (await run('bash', ['-c', command], { cwd: project, env })).stdout;
    const startApi = async (...options: readonly string[]) => {
      const api = start(project, ...options, 'dist/main.js');
      // Nest says that it has started before it listens.
      await eventually(async () => expect((await fetch(`${url}/docs`)).ok).toBe(true), START_PATIENCE);
      return api;
    };
    const startReceiver = async (...options: readonly string[]) => {
      const receiver = start(project, ...options, 'receiver.mjs');
      const isUp = () => fetch(`http://localhost:${ports['3001']}/up`).then(() => undefined);
      await eventually(isUp, START_PATIENCE);
      return receiver;
    };
    const callbackOf = async () => {
      const { paths } = (await (await fetch(`${url}/docs-json`)).json()) as { paths: Record<string, { post: object }> };
      return paths['/invoices']!.post;
    };
    const callback = ['callbacks', 'invoiceNotification', '{$request.query.callback_url}/invoices/{$request.body#/id}'];

    // Step 4: in Swagger UI. The JSDoc of the callback is its summary: the CLI plugin is on, and reads comments.
    for (const step of [2, 3, 4]) await write(step, 'ts');
    await build();
    let api = await startApi();
    const summary = 'Sent once the customer has paid the invoice.';
    expect(await callbackOf()).toHaveProperty([...callback, 'post', 'summary'], summary);

    // Step 5: delivered.
    await write(5, 'js');
    let receiver = await startReceiver();
    const [, create] = blocks(5, 'sh');
    await shell(create!);
    const [printed] = blocks(5, 'text');
    await eventually(() => expect(receiver.output()).toContain(printed));

    // Step 6: retried.
    await receiver.stop();
    const [pay] = blocks(6, 'sh');
    expect(await shell(pay)).toContain('"status":"queued"');
    await eventually(() => expect(api.output()).toContain('retry id='));
    receiver = await startReceiver();
    await eventually(() => expect(receiver.output()).toContain(printed));
    await api.stop();
    await receiver.stop();

    // Step 7: signed, and verified by the receiver.
    const [makeSecret, , , send] = blocks(7, 'sh');
    await shell(makeSecret.split('\n').find((line) => line.startsWith('node '))!);
    await write(7, 'ts');
    await write(7, 'js');
    await build();
    api = await startApi('--env-file=.env');
    receiver = await startReceiver('--env-file=.env');
    await shell(send!);
    const [verified, refused] = blocks(7, 'text')[0].split('\n');
    await eventually(() => expect(receiver.output().split('\n')).toEqual(expect.arrayContaining([verified, refused])));
    expect(await callbackOf()).toHaveProperty(
      [...callback, 'post', 'parameters'],
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => expect.objectContaining({ name })),
    );
    await api.stop();
    await receiver.stop();

    // Step 8: in a file, which a process that is killed leaves to the next one.
    await write(8, 'ts');
    await build();
    api = await startApi('--env-file=.env');
    const [, payTwice] = blocks(8, 'sh');
    const replies = (await shell(payTwice!)).replaceAll(/msg_[\w-]+/g, 'msg_…');
    const [shown, arrived] = blocks(8, 'text');
    expect(replies.split('}{').join('}\n{')).toContain(shown);
    await api.stop();
    receiver = await startReceiver('--env-file=.env');
    await startApi('--env-file=.env');
    await eventually(() => expect(receiver.output()).toContain(arrived));

    // Step 9: tested, by jest with ES modules, since those of the workspace are. test/compat has the runners of `nest new`.
    await write(9, 'ts');
    const { moduleNameMapper } = JSON.parse(`{${blocks(9, 'json')[0]}}`) as { moduleNameMapper: object };
    const transform = { '^.+\\.ts$': ['@swc/jest', SWC] };
    const config = {
      rootDir: 'src',
      testEnvironment: 'node',
      moduleNameMapper,
      transform,
      extensionsToTreatAsEsm: ['.ts'],
    };
    await writeFile(join(project, 'jest.config.json'), JSON.stringify(config));
    const jest = [
      '--experimental-vm-modules',
      resolve('node_modules/jest/bin/jest.js'),
      '--config',
      'jest.config.json',
    ];
    const { stderr } = await run(process.execPath, jest, { cwd: project, env });
    expect(stderr).toContain('1 passed');
  },
  600_000,
);

it('the walk begins with the files of the README, and only its module differs', () => {
  const firstFilesOf = (page: string) => {
    const files = new Map<string, string>();
    for (const block of blocksOf(page, 'ts')) {
      const [file] = /^\/\/ \S+/.exec(block)!;
      if (!files.has(file)) files.set(file, block);
    }
    files.delete('// src/app.module.ts');
    return Object.fromEntries(files);
  };
  expect(firstFilesOf(PAGE)).toMatchObject(firstFilesOf('README.md'));
});

it('the walk shows the nest-cli.json of the page on compatibility', () => {
  expect(blocksOf(PAGE, 'json')).toEqual(expect.arrayContaining(blocksOf('docs/compatibility.md', 'json')));
});
