import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Logger, Module, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiCallback, CallbackController, CallbacksModule, CallbackUrls } from 'nestjs-callbacks';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { createConsumer } from '../support/create-consumer.js';
import { blocksOf, PAGES, prepareExamples, runExamples, SECRET, TEST_RUNNER_TYPES } from '../support/documentation.js';
import type { Run } from '../support/documentation.js';
import { create, event, ok, receiving, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { callbacksOf } from '../support/find-operation.js';
import {
  CreateInvoiceQuery,
  Invoice,
  InvoiceCallbacks,
  InvoiceEvent,
  InvoicesController,
} from '../support/invoices.js';
import { errorOf } from '../support/problems.js';
import { transportTo } from '../support/transports.js';

const ROOT = process.cwd();

/** As the strictest apps are set: each of these flags has broken an example once. */
const STRICTEST = {
  target: 'ES2023',
  module: 'NodeNext',
  types: ['node'],
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
};
let folder: string;

beforeAll(async () => {
  folder = await prepareExamples();
  writeFileSync(`${folder}/openapi.json`, JSON.stringify({ openapi: '3.1.0', info: {}, paths: {} }));
  Object.assign(process.env, { CALLBACKS_SECRET: SECRET, INVOICES_SECRET: SECRET, PORT: '0' });
  Logger.overrideLogger(false);
});
afterEach(async () => {
  process.chdir(ROOT);
  await closeApps();
  await closeAll();
});
afterAll(() => {
  delete process.env['CALLBACKS_SECRET'];
  delete process.env['INVOICES_SECRET'];
  delete process.env['PORT'];
});

/** Runs a page; its examples may write files, and open what must be closed. */
async function run(page: string): Promise<Run> {
  process.chdir(folder);
  const came = await runExamples(page);
  for (const value of Object.values(came.exported)) {
    if (value instanceof Object && 'close' in value) closing(value as { close(): Promise<unknown> });
  }
  return came;
}

/** Returns the parts of a value that an excerpt shows; `{}` in the excerpt matches anything. */
function excerpt(value: unknown, shown: unknown): unknown {
  if (typeof value !== 'object' || value === null || typeof shown !== 'object' || shown === null) return value;
  if (Object.keys(shown).length === 0) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, excerpt(part, Reflect.get(shown, key) as unknown)]),
  );
}

const jsonOf = (page: string) =>
  blocksOf(page, 'json').map((block) => JSON.parse(`{${block}}`) as { callbacks: object });

describe('the code of a page', () => {
  const pages = readdirSync('docs').filter((name) => name.endsWith('.md'));
  // That of these is run by test/tools, which has the packages that it needs.
  const withOrms = ['docs/orms.md', 'docs/storing-urls.md'];
  const withCode = ['README.md', ...pages.map((name) => `docs/${name}`)].filter(
    (page) => blocksOf(page, 'ts').length > 0 && !withOrms.includes(page),
  );

  it.each(withCode)('runs: %s', async (page) => {
    await expect(run(page)).resolves.toBeDefined();
  });

  it.each([
    ['an ES module', 'module', { verbatimModuleSyntax: true }],
    ['CommonJS', 'commonjs', {}],
  ])(
    'compiles in %s, against the types of the package',
    async (_, type, options) => {
      const { installed } = await createConsumer();
      const modules = dirname(installed);
      for (const name of ['@types', 'standardwebhooks', 'prom-client', '@bull-board/express'])
        await symlink(resolve('node_modules', name), join(modules, name));
      const project = dirname(modules);
      await cp(PAGES, join(project, 'pages'), { recursive: true });
      const compilerOptions = { ...STRICTEST, ...options };
      await writeFile(join(project, 'package.json'), JSON.stringify({ type }));
      await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['pages'] }));
      await writeFile(join(project, 'pages', 'test-runner.d.ts'), TEST_RUNNER_TYPES);
      const compiled = spawnSync(process.execPath, [resolve('node_modules/typescript/bin/tsc')], { cwd: project });
      expect(String(compiled.stdout)).toBe('');
    },
    120_000,
  );
});

describe('what a page shows of a document is what its code gives', () => {
  it('under names', async () => {
    const page = 'docs/naming-and-grouping.md';
    const { exported } = await run(page);
    const InvoiceEvents = exported['InvoiceEvents'] as Type;
    @Controller('events')
    class Linked {
      @Post() @ApiCallback(InvoiceEvents) create(@Query('callback_url') url: string) {}
    }
    const app = await createApp({ controllers: [InvoicesController, Linked, exported['RemindersController'] as Type] });
    const document = documentOf(app);
    const [perMethod, grouped] = jsonOf(page);
    expect(excerpt(callbacksOf(document, 'POST /invoices'), perMethod!.callbacks)).toEqual(perMethod!.callbacks);
    expect(excerpt(callbacksOf(document, 'POST /events'), grouped!.callbacks)).toEqual(grouped!.callbacks);
    expect(Object.keys(callbacksOf(document, 'POST /reminders'))).toEqual(['reminder']);
  });

  it('of shared callbacks', async () => {
    @Controller('reminders')
    class Reminders {
      @Post() @ApiCallback(InvoiceCallbacks) create(@Body() invoice: Invoice, @Query() query: CreateInvoiceQuery) {}
    }
    const document = documentOf(await createApp({ controllers: [InvoicesController, Reminders] }));
    const [shared, reference] = blocksOf('docs/sharing.md', 'json').map(
      (block) => JSON.parse(`{${block}}`) as Record<string, { callbacks: object }>,
    );
    const { callbacks } = shared!['components']!;
    expect(excerpt(document.components?.callbacks, callbacks)).toEqual(callbacks);
    expect(callbacksOf(document, 'POST /reminders')).toEqual(reference!['callbacks']);
  });
});

describe('what a page quotes is what is said', () => {
  it('of expressions that name what is not there', async () => {
    function withMistakes(paths: Readonly<Record<string, string>>): Type {
      class Mistaken {
        invoiceNotification(@Body() told: InvoiceEvent) {}
        invoiceReminder(@Body() told: InvoiceEvent) {}
      }
      Object.defineProperty(Mistaken, 'name', { value: 'InvoiceCallbacks' });
      for (const [name, path] of Object.entries(paths)) {
        Post(path)(Mistaken.prototype, name, Object.getOwnPropertyDescriptor(Mistaken.prototype, name)!);
      }
      CallbackController()(Mistaken);
      return Mistaken;
    }
    async function said(paths: Readonly<Record<string, string>>) {
      @Controller('invoices')
      class Invoices {
        @Post()
        @ApiCallback(withMistakes(paths))
        create(@Body() invoice: Invoice, @Query() query: CreateInvoiceQuery) {}
      }
      const app = await createApp({ controllers: [Invoices] });
      return errorOf(() => documentOf(app)).message;
    }
    const invoiceNotification = '{$request.query.calback_url}/paid';
    const invoiceReminder = '{$request.query.callback_url}/{$request.body#/custommer}';
    expect(await said({ invoiceNotification })).toBe(blocksOf('README.md', '')[0]);
    expect(await said({ invoiceNotification, invoiceReminder })).toBe(blocksOf('docs/expressions.md', '')[0]);
  });

  it('of URLs that are blocked', async () => {
    const [toTheClient, toYou] = blocksOf('docs/egress.md', '');
    @Controller('invoices')
    class Invoices {
      @Post()
      @ApiCallback(InvoiceCallbacks)
      create(@Body() invoice: Invoice, @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>) {}
    }
    const app = closing(await create(undefined, { egress: {} }, { controllers: [Invoices] }));
    await app.listen(0, '127.0.0.1');
    const response = await fetch(`${await app.getUrl()}/invoices?callback_url=https://10.0.0.5/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: '2expen51ve' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: toTheClient });

    const transport = await transportTo([], { egress: { resolver: () => ['10.0.0.5'] } });
    const request = { method: 'POST', url: 'https://hooks.example.com/events?token=a', headers: {}, body: '{}' };
    // The page has no resolver of its own.
    await expect(transport.send(request)).rejects.toThrow(toYou!.replace(' } })', ', resolver } })'));
  });

  it('in the log', async () => {
    const receiver = await receiving(ok);
    const { callbacks, lines } = await start(receiver.port);
    const enqueue = (key: string) =>
      callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver), { key }).invoiceNotification(event);
    await enqueue('invoice-2expen51ve-paid');
    await eventually(() => expect(lines.join('\n')).toContain('[Callbacks] delivered'));
    await receiver.close();
    await enqueue('invoice-9kd02ns8zq-paid');
    await eventually(() => expect(lines.join('\n')).toContain('[Callbacks] retry'));
    const plain = (line: string) =>
      line
        .replace(/^\[Callbacks\] /, '')
        .replaceAll(/\b(id|host)=\S+/g, '$1=')
        .replace(/duration=\d+/, 'duration=')
        .replace(/next=\S+Z/, 'next=')
        .replace(/error=".*"/, 'error=""');
    const outcomes = lines.filter((line) => /^\[Callbacks\] (delivered|retry) /.test(line)).map(plain);
    expect(outcomes.slice(0, 2)).toEqual(blocksOf('docs/operating.md', '')[0]!.split('\n').map(plain));
  });
});

it('the shown receiver accepts only signed requests', async () => {
  const { exported } = await run('docs/signing.md');
  @Module({ controllers: [exported['EventsController'] as Type] })
  class ReceiverModule {}
  const receiver = closing(await NestFactory.create(ReceiverModule, { rawBody: true, logger: false }));
  await receiver.listen(0, '127.0.0.1');
  const { port } = new URL(await receiver.getUrl());
  const urls = { invoiceNotification: `http://127.0.0.1:${port}/events/invoices/2expen51ve` };
  const sent = async (secret: string) => {
    const { callbacks } = await start(Number(port), { signing: { secret } });
    return callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
  };
  expect(await sent(SECRET)).toMatchObject({ status: 'delivered', body: { ok: true } });
  await expect(sent('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD')).rejects.toMatchObject({ statusCode: 401 });
});

it('the command that makes a secret makes one', async () => {
  const line = blocksOf('docs/signing.md', 'sh')[0]!
    .split('\n')
    .find((command) => command.startsWith('node '))!;
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)('bash', ['-c', line], { env });
  expect(() => CallbacksModule.forRoot({ signing: { secret: stdout.trim() } })).not.toThrow();
});

it('the tests that are shown pass', async () => {
  const { tests } = await run('docs/testing.md');
  expect(tests.size).toBe(blocksOf('docs/testing.md', 'ts').length);
  for (const passes of tests.values()) await expect(passes()).resolves.toBeUndefined();
});
