import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Logger, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiExcludeController, ApiExcludeEndpoint, ApiProperty } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbacksModule,
  CallbackUrls,
  receiverDocument,
  WebhookController,
} from 'nestjs-callbacks';
import { z } from 'zod';
import { closeApps, createApp, createDocument, documentOf } from '../support/create-app.js';
import { Invoice, InvoiceCallbacks, InvoicesController } from '../support/invoices.js';
import { errorOf } from '../support/problems.js';

afterEach(closeApps);

describe('a model that cannot be described', () => {
  const DATES = z.object({ at: z.date() });
  @CallbackController('{$request.query.callback_url}')
  class Told {
    @Post('fine') fine(@Body() invoice: Invoice) {}
    @Post('dated') dated(@Body({ schema: DATES }) event: object) {}
  }
  @Controller('orders')
  class Orders {
    @Post() @ApiCallback(Told) create(@Query('callback_url') url: string) {}
  }
  const standardSchemaConverter = (schema: unknown) => z.toJSONSchema(schema as z.ZodType) as never;

  it('is a problem that names the callback, and the string to send instead', async () => {
    const app = await createApp({ controllers: [Orders] });
    const error = errorOf(() => documentOf(app, { create: { standardSchemaConverter } }));
    expect(error.message).toBe(`Cannot document 1 callback:

1. Told.dated, linked from POST /orders
   @nestjs/swagger cannot describe it: Date cannot be represented in JSON Schema
   Fix: JSON has no dates. Declare the date as the string that is sent: z.iso.datetime() instead of z.date().`);
  });

  it('leaves all others documented with onProblem: warn', async () => {
    const app = await createApp({ controllers: [Orders] });
    const document = documentOf(app, { create: { standardSchemaConverter }, callbacks: { onProblem: 'warn' } });
    expect(Object.keys(document.paths['/orders']?.post?.callbacks ?? {})).toEqual(['fine']);
  });

  it.each<[string, object, string]>([
    [
      'a factory that throws',
      { operationIdFactory: (_: string, method: string) => (method === 'dated' ? fail() : method) },
      'No id',
    ],
    ['a converter that throws what is not an error', { standardSchemaConverter: () => throwText() }, 'no schema'],
  ])('is also one if it is %s', async (_, create, reason) => {
    const app = await createApp({ controllers: [Orders] });
    expect(errorOf(() => documentOf(app, { create })).problems).toMatchObject([
      { code: 'unreadable-model', place: 'Told.dated', message: `@nestjs/swagger cannot describe it: ${reason}` },
    ]);
  });

  it('is a property of an unknown type, as in an import cycle', async () => {
    class Circle {
      @ApiProperty({ type: undefined as never }) other!: object;
    }
    Reflect.defineMetadata('design:type', undefined, Circle.prototype, 'other');
    Reflect.defineMetadata('swagger/apiModelProperties', { type: undefined }, Circle.prototype, 'other');
    @CallbackController('{$request.query.callback_url}')
    class Circular {
      @Post() told(@Body() circle: Circle) {}
    }
    @Controller('orders')
    class Linked {
      @Post() @ApiCallback(Circular) create(@Query('callback_url') url: string) {}
    }
    const app = await createApp({ controllers: [Linked] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([
      { code: 'unreadable-model', place: 'Circular.told', message: expect.stringContaining('circular dependency') },
    ]);
  });
});

function fail(): never {
  throw new Error('No id');
}

function throwText(): never {
  throw 'no schema' as unknown as Error;
}

describe('@CallbackUrls() of callbacks that the operation does not link', () => {
  const start = (controller: Type<object>, options = {}) =>
    createApp({ imports: [CallbacksModule.forRoot(options)], controllers: [controller] });

  function taking(callbacks: Type<object>, ...decorators: MethodDecorator[]): Type<object> {
    class Orders {
      create(urls: object) {
        return urls;
      }
    }
    CallbackUrls(callbacks)(Orders.prototype, 'create', 0);
    const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, 'create')!;
    for (const decorate of [Post(), ...decorators]) decorate(Orders.prototype, 'create', descriptor);
    Controller('orders')(Orders);
    return Orders;
  }

  it('stops the app, with the decorator to add', async () => {
    await expect(start(taking(InvoiceCallbacks))).rejects.toMatchObject({
      problems: [
        {
          code: 'unlinked-urls',
          place: 'Orders.create',
          message:
            'It takes the URLs of InvoiceCallbacks with @CallbackUrls() but does not link InvoiceCallbacks, so its documentation does not mention these callbacks.',
          fix: 'Put @ApiCallback(InvoiceCallbacks) on Orders.create, or @ApiExcludeController() on InvoiceCallbacks if its callbacks are not meant to be documented.',
        },
      ],
    });
  });

  it.each<[string, Type<object>, object]>([
    ['that the method links', taking(InvoiceCallbacks, ApiCallback(InvoiceCallbacks)), {}],
    ['that the app links', taking(InvoiceCallbacks), { callbacks: [InvoiceCallbacks] }],
    ['of an operation that no document has', taking(InvoiceCallbacks, ApiExcludeEndpoint()), {}],
    ['that no document is to have', taking(excluded(heirOf(InvoiceCallbacks))), {}],
    ['that a class links which extends it', taking(InvoiceCallbacks, ApiCallback(heirOf(InvoiceCallbacks))), {}],
  ])('is not a problem for callbacks %s', async (_, controller, options) => {
    await expect(start(controller, options)).resolves.toBeDefined();
  });

  it('of a class of another kind says of which kind it is', async () => {
    @WebhookController()
    class Hooks {
      @Post('paid') paid() {}
    }
    class Plain {}
    await expect(start(taking(Hooks))).rejects.toThrow('Hooks is a webhook class.');
    await expect(start(taking(Plain))).rejects.toThrow(
      'Plain is not a callback class: it lacks @CallbackController().',
    );
    await expect(start(taking(new InvoiceCallbacks() as never))).rejects.toThrow('An instance of InvoiceCallbacks');
  });
});

function excluded(callbacks: Type<object>): Type<object> {
  ApiExcludeController()(callbacks);
  return callbacks;
}

function heirOf(callbacks: Type<object>): Type<object> {
  @CallbackController('{$request.query.callback_url}')
  class Heir extends callbacks {}
  return Heir;
}

describe('receiverDocument() of a document that withCallbacks() has not completed', () => {
  it('says so, also after it has been through JSON', async () => {
    const document = createDocument(await createApp({ controllers: [InvoicesController] }));
    for (const given of [document, JSON.parse(JSON.stringify(document))]) {
      expect(errorOf(() => receiverDocument(given)).message).toBe(`Cannot document 1 callback:

1. receiverDocument(), linked from POST /invoices
   The document does not contain its callbacks yet: withCallbacks() adds them.
   Fix: Pass the result of withCallbacks(): receiverDocument(withCallbacks(app, document)).`);
    }
  });

  it('warns if it has neither callbacks nor webhooks: those of the whole app leave no mark', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    @Controller('orders')
    class Orders {
      @Post() create(@Query('callback_url') url: string) {}
    }
    const imports = [CallbacksModule.forRoot({ callbacks: [InvoiceCallbacks] })];
    const document = createDocument(await createApp({ imports, controllers: [Orders] }));
    expect(receiverDocument(document).paths).toEqual({});
    expect(warn.mock.calls.map(([line]) => String(line))).toEqual([
      'The document Invoices has neither callbacks nor webhooks. Fix: if the app has some, pass the result of withCallbacks(): receiverDocument(withCallbacks(app, document)).',
    ]);
    warn.mockRestore();
  });

  it('accepts the result of withCallbacks()', async () => {
    const document = documentOf(await createApp({ controllers: [InvoicesController] }));
    expect(Object.keys(receiverDocument(document).paths)).toEqual(['/invoices/{id}']);
  });
});
