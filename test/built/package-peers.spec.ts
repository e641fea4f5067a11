import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createConsumer } from '../support/create-consumer.js';
import type { Consumer } from '../support/create-consumer.js';

let consumer: Consumer;

beforeEach(async () => {
  consumer = await createConsumer();
});

/** Takes a package away from the project, or leaves an old version of it. */
async function replace(name: string, version?: string): Promise<void> {
  const place = join(dirname(consumer.installed), name);
  await rm(place, { recursive: true });
  if (version === undefined) return;
  await mkdir(place);
  await writeFile(join(place, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
  await writeFile(join(place, 'index.js'), '');
}

const messageOf = (code: string) => `
  import 'reflect-metadata';
  await (async () => { ${code} })().then(() => console.log('no error'), (error) => console.log(error.message));`;
const BULLMQ = `
  const { bullmqQueue } = await import('nestjs-callbacks/bullmq');
  bullmqQueue({ connection: 'redis://127.0.0.1:1' });`;
const CJS = `
  const { createRequire } = await import('node:module');
  createRequire(import.meta.url)('nestjs-callbacks/bullmq').bullmqQueue({ connection: 'redis://127.0.0.1:1' });`;
const POSTGRES = `
  const { postgresQueue } = await import('nestjs-callbacks/postgres');
  postgresQueue({ connection: 'postgres://127.0.0.1:1/app' });`;
const SQLITE = `
  const { sqliteQueue } = await import('nestjs-callbacks/sqlite');
  await sqliteQueue({ file: 'callbacks.db' }).stats();`;
const SEND = `
  const { Body, Module, Post } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const { CallbackController, Callbacks, CallbacksModule } = await import('nestjs-callbacks');
  class Event { paid = true; }
  class Events { notify() {} }
  Post('done')(Events.prototype, 'notify', Object.getOwnPropertyDescriptor(Events.prototype, 'notify'));
  Reflect.defineMetadata('design:paramtypes', [Event], Events.prototype, 'notify');
  Body()(Events.prototype, 'notify', 0);
  CallbackController('{$url}')(Events);
  class AppModule {}
  Module({ imports: [CallbacksModule.forRoot()] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  await app.get(Callbacks).send(Events, { notify: 'https://partner.example/done' }).notify({ paid: true });`;

describe('the packages of the app', () => {
  it.each([
    [
      'bullmq',
      undefined,
      BULLMQ,
      'bullmqQueue() needs bullmq 5.71.0 or later, which is not installed. Fix: npm install bullmq',
    ],
    [
      'bullmq',
      undefined,
      CJS,
      'bullmqQueue() needs bullmq 5.71.0 or later, which is not installed. Fix: npm install bullmq',
    ],
    [
      'bullmq',
      '5.40.2',
      BULLMQ,
      'bullmqQueue() needs bullmq 5.71.0 or later, and 5.40.2 is installed. Fix: npm install bullmq@^5.71.0',
    ],
    ['bullmq', '5.71.0-rc.1', BULLMQ, 'no error'],
    [
      'pg',
      undefined,
      POSTGRES,
      'postgresQueue() needs pg 8.11.0 or later, which is not installed. Fix: npm install pg',
    ],
    [
      'pg',
      '8.10.0',
      POSTGRES,
      'postgresQueue() needs pg 8.11.0 or later, and 8.10.0 is installed. Fix: npm install pg@^8.11.0',
    ],
    [
      'ioredis',
      undefined,
      BULLMQ,
      'bullmqQueue() needs ioredis 5.10.0 or later, which is not installed. Fix: npm install ioredis',
    ],
    [
      'ioredis',
      '5.9.3',
      BULLMQ,
      'bullmqQueue() needs ioredis 5.10.0 or later, and 5.9.3 is installed. Fix: npm install ioredis@^5.10.0',
    ],
    [
      'libsql',
      undefined,
      SQLITE,
      'sqliteQueue({ file }) needs libsql 0.5.1 or later, which is not installed. Fix: npm install libsql',
    ],
    [
      'axios',
      undefined,
      SEND.replace('forRoot()', 'forRoot({ axios: { request: async () => {} } })'),
      'CallbacksModule.forRoot({ axios }) needs axios 1.8.0 or later, which is not installed. Fix: npm install axios',
    ],
    [
      'class-validator',
      undefined,
      SEND,
      'nestjs-callbacks needs class-validator 0.14.0 or later, which is not installed. Fix: npm install class-validator',
    ],
    [
      'class-transformer',
      '0.4.1',
      SEND,
      'nestjs-callbacks needs class-transformer 0.5.1 or later, and 0.4.1 is installed. Fix: npm install class-transformer@^0.5.1',
    ],
  ])('is reported in one line: %s %s', async (name, version, code, message) => {
    await replace(name, version);
    expect(await consumer.execute('peer.mjs', messageOf(code))).toBe(message);
  });

  it('does not affect apps that do not need it', async () => {
    for (const name of [
      '@opentelemetry/api',
      'axios',
      'bullmq',
      'ioredis',
      'libsql',
      'pg',
      'class-validator',
      'class-transformer',
    ])
      await replace(name);
    const names = ['', '/sqlite', '/bullmq', '/postgres', '/testing'].map(
      (entry) => `await import('nestjs-callbacks${entry}');`,
    );
    expect(await consumer.execute('loads.mjs', messageOf(names.join('\n')))).toBe('no error');
  });

  it('is not missed by one who sends without OpenTelemetry', async () => {
    await replace('@opentelemetry/api');
    expect(await consumer.execute('sends.mjs', messageOf(SEND))).toMatch(/^POST to https:..partner.example failed: /);
  });

  it('finds the same build by the path of the package, as old resolvers do', async () => {
    const source = `
      import { createRequire } from 'node:module';
      const { CallbackController } = await import('nestjs-callbacks');
      console.log(createRequire(import.meta.url)(${JSON.stringify(consumer.installed)}).CallbackController === CallbackController);`;
    expect(await consumer.execute('path.mjs', source)).toBe('true');
  });
});
