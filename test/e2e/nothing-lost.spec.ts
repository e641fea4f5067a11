import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query, QueryMethod } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiProperty, ApiWebhook } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, WebhookController } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import type { Platform } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { errorOf, LINKED_FROM, problemsOf } from '../support/problems.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

class Event {
  @ApiProperty() id!: string;
}

const URL = '{$request.query.callback_url}';
const documents: OpenAPIObject[] = [];

/** An app with one operation, `POST /orders`, that links to these callbacks, and with these webhooks. */
async function appOf(
  { callbacks, webhooks = [] }: { callbacks?: new () => object; webhooks?: (new () => object)[] },
  platform: Platform = 'express',
) {
  @Controller('orders')
  class Orders {
    @Post()
    create(@Query('callback_url') url: string) {}
  }
  if (callbacks) {
    const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, 'create')!;
    ApiCallback(callbacks)(Orders.prototype, 'create', descriptor);
  }
  return createApp({ imports: [CallbacksModule.forRoot({ webhooks })], controllers: [Orders] }, platform);
}

describe.each(PLATFORMS)('@ApiWebhook() on %s', (platform) => {
  @CallbackController(URL)
  class Marked {
    @Post('a') @ApiWebhook() onA(@Body() event: Event) {}
    @Post('b') @ApiWebhook('named') onB(@Body() event: Event) {}
  }
  @WebhookController()
  class MarkedWebhooks {
    @Post('paid') @ApiWebhook() paid(@Body() event: Event) {}
    @Post() @ApiWebhook('invoice.lost') lost(@Body() event: Event) {}
  }

  it.each([
    ['3.0.4', 'x-webhooks'],
    ['3.1.0', 'webhooks'],
    ['3.2.0', 'webhooks'],
  ])('on a callback or a webhook is documented where its class belongs, in OpenAPI %s', async (openapi, field) => {
    const app = await appOf({ callbacks: Marked, webhooks: [MarkedWebhooks] }, platform);
    const document = documentOf(app, { openapi });
    if (platform === 'express') documents.push(document);
    expect(Object.keys(callbacksOf(document, 'POST /orders'))).toEqual(['onA', 'onB']);
    expect((document as unknown as Record<string, object>)[field]).toEqual({
      paid: { post: expect.objectContaining({ operationId: 'MarkedWebhooks_paid' }) },
      'invoice.lost': { post: expect.objectContaining({ operationId: 'MarkedWebhooks_lost' }) },
    });
    expect(Object.keys(document.paths)).toEqual(['/orders']);
  });
});

describe('@QueryMethod()', () => {
  @CallbackController(URL)
  class Asking {
    @QueryMethod('q') onQuery(@Body() event: Event) {}
  }
  @WebhookController()
  class AskingWebhooks {
    @QueryMethod('asked') asked(@Body() event: Event) {}
  }

  it.each(['3.0.4', '3.1.1'])('needs OpenAPI 3.2, and %s says so', async (openapi) => {
    const app = await appOf({ callbacks: Asking, webhooks: [AskingWebhooks] });
    const problem = {
      code: 'unsupported-method',
      message: `It is sent with QUERY, which needs OpenAPI 3.2, but the document uses OpenAPI ${openapi}.`,
      fix: "Use new DocumentBuilder().setOpenAPIVersion('3.2.0'), or send it with @Post().",
    };
    expect(errorOf(() => documentOf(app, { openapi })).problems).toEqual([
      { ...problem, place: 'AskingWebhooks.asked' },
      { ...problem, place: 'Asking.onQuery', linkedFrom: LINKED_FROM },
    ]);
  });

  it('is documented in OpenAPI 3.2', async () => {
    const document = documentOf(await appOf({ callbacks: Asking, webhooks: [AskingWebhooks] }), { openapi: '3.2.0' });
    documents.push(document);
    expect(callbacksOf(document, 'POST /orders')['onQuery']).toEqual({ [`${URL}/q`]: { query: expect.any(Object) } });
    expect(document.webhooks).toEqual({ asked: { query: expect.any(Object) } });
  });
});

describe('what no document has', () => {
  it('is a problem, whatever decorator put it elsewhere', async () => {
    @CallbackController(URL)
    class Moved {
      // Imitates future decorators: the options of @ApiOperation() are merged into the explored route.
      @Post('a') @ApiOperation({ method: 'get' } as object) moved() {}
      @Post('b') @ApiExcludeEndpoint() hidden() {}
      @Post('c') @ApiExcludeEndpoint(false) shown() {}
    }
    expect(await problemsOf(Moved)).toEqual([
      {
        code: 'not-documented',
        place: 'Moved.moved',
        linkedFrom: LINKED_FROM,
        message:
          '@nestjs/swagger did not write an operation for it, because of a decorator that moves or hides operations.',
        fix: 'Remove that decorator from the method, or hide the callback on purpose with @ApiExcludeEndpoint().',
      },
    ]);
  });

  it('is a handler that cannot be called by its name', async () => {
    @CallbackController(URL)
    class Unreachable {
      @Post('a') static forAll() {}
      @Post('b') [Symbol('hidden')]() {}
      @Post('c') ['constructor']() {}
      @Post('d') ['__proto__']() {}
      @Post('e') toString() {
        return '';
      }
    }
    const problem = {
      code: 'unreachable-handler',
      message: 'It has an HTTP method decorator, but a static method or a method with such a name cannot be a handler.',
      fix: 'Make it an instance method with a plain name, such as invoiceNotification.',
    };
    await expect(appOf({ callbacks: Unreachable })).rejects.toMatchObject({
      problems: ['static forAll', 'constructor', '__proto__', 'Symbol(hidden)'].map((name) => ({
        ...problem,
        place: `Unreachable.${name}`,
      })),
    });
  });
});

describe('names that JavaScript has taken', () => {
  it('__proto__ is a problem, as the name of callbacks and of a webhook', async () => {
    @CallbackController({ url: URL, name: '__proto__' })
    class Named {
      @Post() onA() {}
    }
    @WebhookController()
    class NamedWebhooks {
      @Post('__proto__') onB() {}
    }
    const problem = { code: 'reserved-name', fix: 'Give it another name.' };
    await expect(appOf({ callbacks: Named, webhooks: [NamedWebhooks] })).rejects.toMatchObject({
      problems: [
        { ...problem, place: 'NamedWebhooks.onB' },
        {
          ...problem,
          place: 'Named.onA',
          message: 'Its callback is named __proto__, which most programs that read a document ignore.',
        },
      ],
    });
  });

  it('others are names like any other', async () => {
    class Odd {
      @ApiProperty({ name: 'constructor' }) own!: string;
      @ApiProperty({ type: String }) toString!: never;
    }
    Object.defineProperty(Odd, 'name', { value: 'constructor' });
    @CallbackController({ url: URL, name: 'constructor' })
    class Named {
      @Post('a') isPrototypeOf(@Body() event: Odd) {
        return true;
      }
    }
    @CallbackController(URL)
    class ByMethod {
      @Post('b') hasOwnProperty() {
        return true;
      }
    }
    @WebhookController()
    class NamedWebhooks {
      @Post('constructor') isPrototypeOf(@Body() event: Odd) {
        return true;
      }
    }
    ApiCallback(ByMethod)(
      Named.prototype,
      'isPrototypeOf',
      Object.getOwnPropertyDescriptor(Named.prototype, 'isPrototypeOf')!,
    );
    const document = documentOf(await appOf({ callbacks: Named, webhooks: [NamedWebhooks] }), {
      openapi: '3.1.0',
      callbacks: { onProblem: 'warn' },
    });
    const { post } = callbacksOf(document, 'POST /orders')['constructor']![`${URL}/a`]!;
    expect(post).toMatchObject({
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/constructor' } } } },
      callbacks: { hasOwnProperty: {} },
    });
    expect(document.webhooks).toEqual({ constructor: { post: expect.any(Object) } });
    expect(document.components?.schemas?.['constructor']).toEqual({
      type: 'object',
      properties: { constructor: { type: 'string' }, toString: { type: 'string' } },
      required: ['constructor', 'toString'],
    });
  });
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
}, 120_000);
