import { beforeAll, describe, expect, it } from '@jest/globals';
import * as index from 'nestjs-callbacks';
import * as bullmq from 'nestjs-callbacks/bullmq';
import * as postgres from 'nestjs-callbacks/postgres';
import * as sqlite from 'nestjs-callbacks/sqlite';
import * as testing from 'nestjs-callbacks/testing';
import { createConsumer } from '../support/create-consumer.js';
import type { Consumer } from '../support/create-consumer.js';

describe('the packed tarball', () => {
  let consumer: Consumer;
  const execute: Consumer['execute'] = (...args) => consumer.execute(...args);

  beforeAll(async () => {
    consumer = await createConsumer();
  });

  const document = `
    class Callbacks { notify() { return receiverReplies(); } }
    Post('done')(Callbacks.prototype, 'notify', Object.getOwnPropertyDescriptor(Callbacks.prototype, 'notify'));
    CallbackController('{$url}')(Callbacks);
    class Orders { create() {} }
    const create = Object.getOwnPropertyDescriptor(Orders.prototype, 'create');
    Post()(Orders.prototype, 'create', create);
    ApiCallback(Callbacks)(Orders.prototype, 'create', create);
    Controller('orders')(Orders);
    class AppModule {}
    Module({ imports: [CallbacksModule.forRoot()], controllers: [Orders] })(AppModule);
    NestFactory.create(AppModule, { logger: false }).then((app) => {
      const document = withCallbacks(app, SwaggerModule.createDocument(app, new DocumentBuilder().build()));
      console.log(Object.keys(document.paths['/orders'].post.callbacks.notify)[0]);
    });`;
  const imports = {
    'nestjs-callbacks': 'ApiCallback, CallbackController, CallbacksModule, receiverReplies, withCallbacks',
    '@nestjs/common': 'Controller, Module, Post',
    '@nestjs/core': 'NestFactory',
    '@nestjs/swagger': 'DocumentBuilder, SwaggerModule',
  };

  it('documents a callback when it is imported from an ES module', async () => {
    const lines = Object.entries(imports).map(([from, names]) => `import { ${names} } from '${from}';`);
    expect(await execute('esm.mjs', [...lines, document].join('\n'))).toBe('{$url}/done');
  });

  it('documents a callback when it is required from CommonJS', async () => {
    const lines = Object.entries(imports).map(([from, names]) => `const { ${names} } = require('${from}');`);
    expect(await execute('cjs.cjs', [...lines, document].join('\n'))).toBe('{$url}/done');
  });

  it('is served by Swagger UI on Fastify', async () => {
    const lines = Object.entries({ ...imports, '@nestjs/platform-fastify': 'FastifyAdapter' }).map(
      ([from, names]) => `import { ${names} } from '${from}';`,
    );
    const serve = `
      const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
      const config = new DocumentBuilder().build();
      SwaggerModule.setup('docs', app, withCallbacks(app, SwaggerModule.createDocument(app, config)));
      await app.listen(0, '127.0.0.1');
      const pages = await Promise.all(['/docs', '/docs-json'].map((path) => app.getUrl().then((url) => fetch(url + path))));
      const { paths } = await pages[1].json();
      console.log(pages[0].status, Object.keys(paths['/orders'].post.callbacks));
      await app.close();`;
    const source = [...lines, document.slice(0, document.indexOf('NestFactory')), serve].join('\n');
    expect(await execute('fastify.mjs', source)).toBe("200 [ 'notify' ]");
  });

  it('receives callbacks in a test of node:test, in plain JavaScript', async () => {
    const source = `
      import assert from 'node:assert/strict';
      import { test } from 'node:test';
      import { Body, Module, Post } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import { CallbackController, Callbacks, CallbacksModule, receiverReplies } from 'nestjs-callbacks';
      import { CallbackReceiver } from 'nestjs-callbacks/testing';
      class Events { notify(event) { return receiverReplies(event); } }
      Post('done')(Events.prototype, 'notify', Object.getOwnPropertyDescriptor(Events.prototype, 'notify'));
      Body()(Events.prototype, 'notify', 0);
      CallbackController('{$url}')(Events);
      test('is called back', async () => {
        const receiver = await CallbackReceiver.listen(Events);
        class AppModule {}
        Module({ imports: [CallbacksModule.forRoot({ egress: receiver.egress })] })(AppModule);
        const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
        await app.get(Callbacks).send(Events, { notify: receiver.url + '/done' }).notify({ paid: true });
        const { args } = await receiver.next('notify');
        assert.deepEqual(args, [{ paid: true }]);
        await app.close();
        await receiver.close();
      });`;
    const stdout = await execute('receiver.test.mjs', source, { NODE_OPTIONS: '--test-reporter=tap' });
    expect(stdout).toMatch(/^# pass 1$/m);
  });

  it('exports its package.json, and nothing but its entry points', async () => {
    const source = `
      const load = (name) => import(name, name.endsWith('json') ? { with: { type: 'json' } } : undefined);
      const outcome = (name) => load(name).then(() => 'yes', (error) => error.code);
      const names = ['', '/testing', '/package.json', '/dist/document/with-callbacks.js'];
      console.log(JSON.stringify(await Promise.all(names.map((name) => outcome('nestjs-callbacks' + name)))));`;
    expect(JSON.parse(await execute('exports.mjs', source))).toEqual([
      'yes',
      'yes',
      'yes',
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    ]);
  });
});

it('the package exports these names, and no others', () => {
  expect(Object.keys(index).toSorted()).toEqual([
    'ApiCallback',
    'CALLBACKS_OPTIONS',
    'CallbackContractError',
    'CallbackController',
    'CallbackDeliveryError',
    'CallbackDocumentError',
    'CallbackError',
    'CallbackOutbox',
    'CallbackQueueError',
    'CallbackReplyError',
    'CallbackUrlError',
    'CallbackUrls',
    'Callbacks',
    'CallbacksModule',
    'OnCallback',
    'WebhookController',
    'deliveryOf',
    'isCallbackError',
    'memoryQueue',
    'receiverDocument',
    'receiverReplies',
    'withCallbacks',
  ]);
});

it('has a short list of exports at each further entry point', () => {
  expect(Object.keys(testing).toSorted()).toEqual(['CallbackReceiver', 'callbackQueueTests']);
  expect(Object.keys(sqlite)).toEqual(['sqliteQueue']);
  expect(Object.keys(bullmq)).toEqual(['bullmqQueue']);
  expect(Object.keys(postgres).toSorted()).toEqual([
    'fromDrizzle',
    'fromKysely',
    'fromPg',
    'fromPrisma',
    'fromTypeOrm',
    'postgresQueue',
    'postgresQueueSchema',
  ]);
});
