import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Body, Controller, Module, Post, Query } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ApiCallbacks, SwaggerModule } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbackError,
  CallbacksModule,
  isCallbackError,
  receiverReplies,
  WebhookController,
} from 'nestjs-callbacks';
import { closeApps, createApp, createDocument, documentOf } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';
import { errorOf, LINKED_FROM, problemsOf } from '../support/problems.js';

afterEach(closeApps);

describe('a callback class that is wrong', () => {
  it('is not a callback controller', async () => {
    class Plain {
      @Post() notify(): void {
        return receiverReplies();
      }
    }
    expect(await problemsOf(Plain)).toEqual([
      {
        code: 'not-a-callback-controller',
        place: 'Plain',
        linkedFrom: LINKED_FROM,
        message: 'Plain is not a callback class: it lacks @CallbackController().',
        fix: "Put @CallbackController('{$request.query.callback_url}') on Plain.",
      },
    ]);
  });

  it('is not a class, as in an import cycle', async () => {
    const [problem] = await problemsOf(undefined as never);
    expect(problem).toMatchObject({ code: 'not-a-callback-controller', place: 'undefined', linkedFrom: LINKED_FROM });
    expect(problem?.message).toContain('two files import each other');
  });

  it('is given as an instance', async () => {
    expect(await problemsOf(new InvoiceCallbacks() as never)).toEqual([
      {
        code: 'not-a-callback-controller',
        place: 'InvoiceCallbacks',
        linkedFrom: LINKED_FROM,
        message: 'An instance of InvoiceCallbacks was passed instead of the class.',
        fix: 'Write InvoiceCallbacks instead of new InvoiceCallbacks().',
      },
    ]);
  });

  it('is a webhook class', async () => {
    @WebhookController()
    class Hooks {
      @Post('paid') paid() {}
    }
    expect(await problemsOf(Hooks)).toMatchObject([
      {
        code: 'not-a-callback-controller',
        message: 'Hooks is a webhook class. A webhook belongs to the whole API, not to one operation.',
        fix: 'Remove the link, and list the class in CallbacksModule.forRoot({ webhooks: [Hooks] }).',
      },
    ]);
  });

  it('has no operation', async () => {
    @CallbackController('{$callback_url}')
    class Empty {
      notify() {}
    }
    expect(await problemsOf(Empty)).toEqual([
      {
        code: 'no-operations',
        place: 'Empty',
        linkedFrom: LINKED_FROM,
        message: 'The class has no handlers.',
        fix: 'Add a method with an HTTP method decorator, such as @Post().',
      },
    ]);
  });

  it('has expressions that do not parse: every one is named', async () => {
    @CallbackController('{$request.query.callback_url}')
    class Orders {
      @Post('{$request.cookie.session}') first(): void {
        return receiverReplies();
      }
      @Post('{id}') second(): void {
        return receiverReplies();
      }
      @Post('fine') third(): void {
        return receiverReplies();
      }
    }
    expect(await problemsOf(Orders)).toEqual([
      {
        code: 'expression-syntax',
        place: 'Orders.first',
        linkedFrom: LINKED_FROM,
        message:
          '{$request.query.callback_url}/{$request.cookie.session} has {$request.cookie.session}, which does not name a part of the request (at position 40).',
        fix: 'OpenAPI has no expression for a cookie. Let the client send the value as a header, as a query parameter or in the body, and read it from there.',
      },
      {
        code: 'expression-syntax',
        place: 'Orders.second',
        linkedFrom: LINKED_FROM,
        message: '{$request.query.callback_url}/{id} has {id}, which is not a runtime expression (at position 30).',
        fix: 'A callback URL has no path parameters of its own: write {$request.path.id}, {$request.query.id} or {$request.body#/id}.',
      },
    ]);
  });

  it.each([
    ['', 'It has no URL.'],
    ['events', 'Its URL events begins with neither a runtime expression nor http:// or https://.'],
    ['ftp://x.example', 'Its URL ftp://x.example begins with neither a runtime expression nor http:// or https://.'],
  ])('has the URL %j', async (url, message) => {
    @CallbackController(url)
    class Orders {
      @Post() notify(): void {
        return receiverReplies();
      }
    }
    expect(await problemsOf(Orders)).toMatchObject([{ code: 'no-url', place: 'Orders.notify', message }]);
  });

  it.each([
    ['request.query.callback_url', 'Write {$request.query.callback_url}.'],
    ['<$request.query.callback_url>', 'Write {$request.query.callback_url}.'],
    ['%{request.body.url}', 'Write {$request.body#/url}.'],
    ['#{req.body.hooks[0].url}', 'Write {$request.body#/hooks/0/url}.'],
    ['{$request}', 'Use one of $url, $method, '],
    ['requests/{$request.body#/id}', 'Write the URL in the decorator of the class, '],
  ])('has the URL %j, whose fix can be pasted', async (url, fix) => {
    @CallbackController(url)
    class Orders {
      @Post() notify(): void {
        return receiverReplies();
      }
    }
    expect(await problemsOf(Orders)).toMatchObject([{ place: 'Orders.notify', fix: expect.stringContaining(fix) }]);
  });

  it('has a method with several paths', async () => {
    @CallbackController('{$callback_url}')
    class Orders {
      @Post(['a', 'b']) notify(): void {
        return receiverReplies();
      }
    }
    expect(await problemsOf(Orders)).toMatchObject([{ code: 'several-urls', place: 'Orders.notify' }]);
  });

  it('has an unsupported HTTP method', async () => {
    @CallbackController('{$callback_url}')
    class Orders {
      @All() notify(): void {
        return receiverReplies();
      }
    }
    expect(await problemsOf(Orders)).toMatchObject([{ code: 'unsupported-method', place: 'Orders.notify' }]);
  });
});

describe('a link that is wrong', () => {
  it('names an operation that does not exist', async () => {
    expect(await problemsOf(InvoiceCallbacks, { only: ['nope'] })).toEqual([
      {
        code: 'no-such-operation',
        place: 'InvoiceCallbacks.nope',
        linkedFrom: LINKED_FROM,
        message:
          '`only` names nope, which is not an operation of InvoiceCallbacks. Its operations: invoiceNotification.',
        fix: 'Use one of these names, or add an HTTP method decorator to nope.',
      },
    ]);
  });

  it('links one callback twice', async () => {
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(InvoiceCallbacks)
      @ApiCallback(InvoiceCallbacks)
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([
      { code: 'duplicate-operation', place: 'InvoiceCallbacks.invoiceNotification', linkedFrom: LINKED_FROM },
    ]);
  });

  it("has the name, the URL and the method of one of @nestjs/swagger's own @ApiCallbacks()", async () => {
    const callbackUrl = '{$request.query.callback_url}/invoices/{$request.body#/id}';
    const own = { method: 'post', requestBody: { type: Object }, expectedResponse: { status: 200 } };
    @Controller('orders')
    class Orders {
      @Post('clash')
      @ApiCallback(InvoiceCallbacks)
      @ApiCallbacks({ ...own, name: 'invoiceNotification', callbackUrl })
      clash(@Query('callback_url') url: string, @Body() order: object) {}
      @Post('beside')
      @ApiCallback(InvoiceCallbacks)
      @ApiCallbacks(
        { ...own, name: 'other', callbackUrl },
        { ...own, name: 'invoiceNotification', callbackUrl: '{$url}' },
      )
      beside(@Query('callback_url') url: string, @Body() order: object) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([
      {
        code: 'duplicate-operation',
        place: 'InvoiceCallbacks.invoiceNotification',
        linkedFrom: ['POST /orders/clash'],
      },
    ]);
    const callbacks = callbacksOf(documentOf(app, { callbacks: { onProblem: 'warn' } }), 'POST /orders/beside');
    expect(Object.entries(callbacks).map(([name, urls]) => [name, Object.keys(urls)])).toEqual([
      ['other', [callbackUrl]],
      ['invoiceNotification', ['{$url}', callbackUrl]],
    ]);
  });
});

describe('a callback class that is listed in the controllers of a module', () => {
  @CallbackController('{$callback_url}')
  class Orders {
    @Post('{$request.body#/url}?x=1') notify(): void {
      return receiverReplies();
    }
  }
  @Module({ controllers: [Orders] })
  class OrdersModule {}
  const problem = {
    code: 'mounted-callback-controller',
    place: 'Orders',
    message: 'Orders is listed in the controllers of OrdersModule. The receiver serves it; your API never does.',
    fix: 'Remove it from the controllers, and link it to an operation with @ApiCallback(Orders).',
  };

  it('is refused when the document is built', async () => {
    const app = await createApp({ imports: [OrdersModule] });
    expect(createDocument(app).paths).toEqual({});
    expect(errorOf(() => documentOf(app)).problems).toEqual([problem]);
  });

  it('is refused when an app with CallbacksModule starts', async () => {
    const starting = createApp({ imports: [OrdersModule, CallbacksModule.forRoot()] });
    await expect(starting).rejects.toMatchObject({ problems: [problem] });
  });
});

describe('several mistakes', () => {
  @CallbackController('{$request.cookie.url}')
  class Broken {
    @Post('a') a(): void {
      return receiverReplies();
    }
    @Post('b') b(): void {
      return receiverReplies();
    }
  }
  @Controller('orders')
  class Orders {
    @Post('1') @ApiCallback(Broken) one(@Query('callback_url') url: string, @Body() order: object) {}
    @Post('2') @ApiCallback(Broken, { only: ['a'] }) two(@Query('callback_url') url: string, @Body() order: object) {}
    @Post('3') @ApiCallback(Broken) three(@Query('callback_url') url: string, @Body() order: object) {}
    @Post('4') @ApiCallback(Broken) four(@Query('callback_url') url: string, @Body() order: object) {}
    @Post('5') @ApiCallback(InvoiceCallbacks) five(@Query('callback_url') url: string, @Body() order: object) {}
  }

  it('are one error, which lists each of them once', async () => {
    const app = await createApp({ controllers: [Orders] });
    const error = errorOf(() => documentOf(app));
    expect(error).toBeInstanceOf(CallbackError);
    expect([error, new Error('other'), undefined, 'text'].map(isCallbackError)).toEqual([true, false, false, false]);
    expect(error).toMatchObject({ name: 'CallbackDocumentError', code: 'CALLBACK_DOCUMENT' });
    expect(error.message).toBe(`Cannot document 2 callbacks:

1. Broken.a, linked from POST /orders/1, POST /orders/2, POST /orders/3 and 1 more
   {$request.cookie.url}/a has {$request.cookie.url}, which does not name a part of the request (at position 10).
   Fix: OpenAPI has no expression for a cookie. Let the client send the value as a header, as a query parameter or in the body, and read it from there.

2. Broken.b, linked from POST /orders/1, POST /orders/2, POST /orders/3 and 1 more
   {$request.cookie.url}/b has {$request.cookie.url}, which does not name a part of the request (at position 10).
   Fix: OpenAPI has no expression for a cookie. Let the client send the value as a header, as a query parameter or in the body, and read it from there.`);
  });

  it('stop an app with CallbacksModule when it starts, with or without a document', async () => {
    const starting = createApp({ imports: [CallbacksModule.forRoot()], controllers: [Orders] });
    await expect(starting).rejects.toMatchObject({
      code: 'CALLBACK_DOCUMENT',
      problems: [
        { place: 'Broken.a', linkedFrom: ['Orders.one', 'Orders.two', 'Orders.three', 'Orders.four'] },
        { place: 'Broken.b', linkedFrom: ['Orders.one', 'Orders.two', 'Orders.three', 'Orders.four'] },
      ],
    });
  });

  it('are found in the callbacks of forRoot() even without an operation', async () => {
    const starting = createApp({ imports: [CallbacksModule.forRoot({ callbacks: [Broken] })] });
    await expect(starting).rejects.toMatchObject({ problems: [{ place: 'Broken.a' }, { place: 'Broken.b' }] });
  });

  it('are logged with onProblem: warn, and all other callbacks documented', async () => {
    const app = await createApp({ controllers: [Orders, InvoicesController] });
    const logged: unknown[] = [];
    const logger = { log() {}, error() {}, warn: (...message: unknown[]) => logged.push(message) };
    (app as INestApplication).useLogger(logger);
    const document = documentOf(app, { callbacks: { onProblem: 'warn' } });
    expect(logged).toEqual([[expect.stringContaining('1. Broken.a, linked from POST /orders/1'), 'withCallbacks']]);
    expect(callbacksOf(document, 'POST /orders/1')).toEqual({});
    expect(Object.keys(callbacksOf(document, 'POST /orders/5'))).toEqual(['invoiceNotification']);
    expect(() => SwaggerModule.setup('docs', app, document)).not.toThrow();
  });
});
