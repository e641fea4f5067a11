import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post, Query, Version, VersioningType } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, receiverReplies } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

const documents: OpenAPIObject[] = [];

class Event {
  @ApiProperty() id!: string;
}

@CallbackController('{$request.query.callback_url}')
class Events {
  @Post('created') created(@Body() event: Event): void {
    return receiverReplies(event);
  }
  @Post('deleted') deleted(@Body() event: Event): void {
    return receiverReplies(event);
  }
}

@CallbackController({ url: 'https://audit.example', name: 'audit' })
class Audit {
  @Post('log') logged(@Body() event: Event): void {
    return receiverReplies(event);
  }
}

const operationIds = (document: OpenAPIObject) =>
  [...JSON.stringify(document).matchAll(/"operationId":"(.*?)"/g)].map(([, id]) => id);

it('a callback that several operations have is written once, and referenced', async () => {
  @Controller('orders')
  class Orders {
    @Post() @ApiCallback(Events, { only: ['created'] }) create(@Query('callback_url') url: string) {}
    @Post('import') @ApiCallback(Events) import(@Query('callback_url') url: string) {}
  }
  const document = documentOf(await createApp({ controllers: [Orders] }));
  documents.push(document);
  const reference = { $ref: '#/components/callbacks/Events.created' };
  expect(callbacksOf(document, 'POST /orders')).toEqual({ created: reference });
  expect(callbacksOf(document, 'POST /orders/import')).toMatchObject({
    created: reference,
    deleted: { '{$request.query.callback_url}/deleted': { post: {} } },
  });
  expect(Object.keys(document.components?.callbacks ?? {})).toEqual(['Events.created']);
  expect(operationIds(document).toSorted()).toEqual([
    'Events_created',
    'Events_deleted',
    'Orders_create',
    'Orders_import',
  ]);
});

it('every version and every path of one operation shares its callback', async () => {
  @Controller({ path: ['orders', 'bills'], version: ['1', '2'] })
  class Orders {
    @Post() @ApiCallback(Audit) create() {}
    @Version('3') @Get() @ApiCallback(Audit) find() {}
  }
  const app = await createApp({ controllers: [Orders] });
  app.enableVersioning({ type: VersioningType.URI });
  const document = documentOf(app);
  documents.push(document);
  expect(Object.keys(document.paths)).toEqual([
    '/v1/orders',
    '/v1/bills',
    '/v2/orders',
    '/v2/bills',
    '/v3/orders',
    '/v3/bills',
  ]);
  const references = Object.values(document.paths).map((item) => (item.post ?? item.get)?.callbacks);
  expect(references).toEqual(references.map(() => ({ audit: { $ref: '#/components/callbacks/Audit.audit' } })));
  expect(operationIds(document).filter((id) => id?.startsWith('Audit'))).toEqual(['Audit_logged']);
});

it('the same operations under another name, or others under the same name, are callbacks of their own', async () => {
  @Controller('orders')
  class Orders {
    @Post('1') @ApiCallback(Events, { name: 'events' }) one(@Query('callback_url') url: string) {}
    @Post('2') @ApiCallback(Events, { name: 'events' }) two(@Query('callback_url') url: string) {}
    @Post('3') @ApiCallback(Events, { name: 'events', only: ['created'] }) three(@Query('callback_url') url: string) {}
    @Post('4') @ApiCallback(Events, { name: 'events', only: ['created'] }) four(@Query('callback_url') url: string) {}
    @Post('5') @ApiCallback(Events, { name: 'a/b' }) five(@Query('callback_url') url: string) {}
  }
  const document = documentOf(await createApp({ controllers: [Orders] }));
  documents.push(document);
  const references = ['1', '2', '3', '4'].map((path) => callbacksOf(document, `POST /orders/${path}`)['events']);
  expect(references).toEqual(
    ['events', 'events', 'events_2', 'events_2'].map((name) => ({ $ref: `#/components/callbacks/Events.${name}` })),
  );
  expect(Object.keys(callbacksOf(document, 'POST /orders/5'))).toEqual(['a/b']);
  const ids = operationIds(document);
  expect(new Set(ids).size).toBe(ids.length);
});

it('keeps the callbacks that are in the components already', async () => {
  @Controller('orders')
  class Orders {
    @Post('1') @ApiCallback(Audit) one() {}
    @Post('2') @ApiCallback(Audit) two() {}
  }
  const document = documentOf(await createApp({ controllers: [Orders] }), {
    configure: (builder) => {
      builder.build().components = { callbacks: { 'Audit.audit': { '{$url}': {} } } };
      return builder;
    },
  });
  documents.push(document);
  expect(Object.keys(document.components?.callbacks ?? {})).toEqual(['Audit.audit', 'Audit.audit_2']);
});

describe('an app with a thousand operations that share one callback', () => {
  const controllers = Array.from({ length: 100 }, (_, index) => {
    class Orders {}
    for (let method = 0; method < 10; method += 1) {
      const descriptor = { value: () => undefined, configurable: true, writable: true };
      Object.defineProperty(Orders.prototype, `find${method}`, descriptor);
      Object.defineProperty(descriptor.value, 'name', { value: `find${method}` });
      Get(`${method}`)(Orders.prototype, `find${method}`, descriptor);
    }
    Object.defineProperty(Orders, 'name', { value: `Orders${index}` });
    Controller(`orders${index}`)(Orders);
    return Orders as Type<object>;
  });

  it('has one copy of it', async () => {
    const app = await createApp({ imports: [CallbacksModule.forRoot({ callbacks: [Audit] })], controllers });
    const text = JSON.stringify(documentOf(app));
    expect(text.match(/"\$ref":"#\/components\/callbacks\/Audit\.audit"/g)).toHaveLength(1_000);
    expect(text.match(/https:\/\/audit\.example\/log/g)).toHaveLength(1);
    expect(text.match(/"operationId":"Audit_logged"/g)).toHaveLength(1);
  });
});

describe('callbacks of callbacks', () => {
  class Reply {
    @ApiProperty() confirm_url!: string;
  }
  class Confirmation {
    @ApiProperty() confirmed!: boolean;
  }
  @CallbackController('{$response.body#/confirm_url}')
  class Third {
    @Post() confirmed(@Body() confirmation: Confirmation): void {
      return receiverReplies(confirmation);
    }
  }
  @CallbackController('{$request.query.callback_url}')
  class Second {
    @Post()
    @ApiCallback(Third)
    asked(): Reply {
      return receiverReplies();
    }
  }
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(Second)
    create(@Query('callback_url') url: string) {}
  }

  it('are documented to any depth', async () => {
    const document = documentOf(await createApp({ controllers: [Orders] }));
    documents.push(document);
    expect(callbacksOf(document, 'POST /orders')).toMatchObject({
      asked: {
        '{$request.query.callback_url}': {
          post: {
            callbacks: { confirmed: { '{$response.body#/confirm_url}': { post: { responses: { '2XX': {} } } } } },
          },
        },
      },
    });
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(['Reply', 'Confirmation']);
  });

  it('may form a cycle', async () => {
    @CallbackController('{$request.query.next}')
    class Circle {
      @Post()
      hop(@Query('next') next: string): void {
        return receiverReplies(next);
      }
    }
    ApiCallback(Circle)(Circle.prototype, 'hop', Object.getOwnPropertyDescriptor(Circle.prototype, 'hop')!);
    @Controller('start')
    class Start {
      @Post()
      @ApiCallback(Circle)
      start(@Query('next') next: string) {}
    }
    const document = documentOf(await createApp({ controllers: [Start] }));
    documents.push(document);
    const reference = { hop: { $ref: '#/components/callbacks/Circle.hop' } };
    expect(callbacksOf(document, 'POST /start')).toEqual(reference);
    expect(document.components?.callbacks).toMatchObject({
      'Circle.hop': { '{$request.query.next}': { post: { callbacks: reference, parameters: [{ name: 'next' }] } } },
    });
  });
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
});
