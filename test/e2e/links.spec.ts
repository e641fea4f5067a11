import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiExcludeController, ApiExcludeEndpoint } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, receiverReplies } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { InvoiceEvent } from '../support/invoices.js';

afterEach(closeApps);

@CallbackController('https://audit.example/')
class AuditCallbacks {
  @Post('/log') audited(): void {
    return receiverReplies();
  }
}

@CallbackController('{$callback_url}')
class OrderCallbacks {
  @Post('orders/{$request.body.id}') orderPaid(@Body() event: InvoiceEvent): void {
    return receiverReplies(event);
  }
  @Delete('orders/{$request.body.id}') orderGone(): void {
    return receiverReplies();
  }
  @Post() ping(): void {
    return receiverReplies();
  }
}

const PAID = '{$request.query.callback_url}/orders/{$request.body#/id}';
const PING = '{$request.query.callback_url}';

/** Name, URL and method of every callback of an operation. */
async function linked(controller: new () => object, title: string, callbacks: (new () => object)[] = []) {
  const app = await createApp({ imports: [CallbacksModule.forRoot({ callbacks })], controllers: [controller] });
  const document = documentOf(app);
  return Object.entries(callbacksOf(document, title)).flatMap(([name, callback]) => {
    const shared = (callback as { $ref?: unknown }).$ref;
    const items = typeof shared === 'string' ? document.components?.callbacks?.[shared.split('/').pop()!] : callback;
    return Object.entries(items ?? {}).flatMap(([url, item]) =>
      Object.keys(item as object).map((method) => `${name}: ${method} ${url}`),
    );
  });
}

describe('@ApiCallback()', () => {
  it('gives each method a callback of its own, named after it, joined with exactly one slash', async () => {
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(OrderCallbacks)
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    expect(await linked(Orders, 'POST /orders')).toEqual([
      `orderPaid: post ${PAID}`,
      `orderGone: delete ${PAID}`,
      `ping: post ${PING}`,
    ]);
  });

  it('can be repeated, and keeps the order in which it is written', async () => {
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(OrderCallbacks, { only: ['ping'] })
      @ApiCallback(AuditCallbacks)
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    expect(await linked(Orders, 'POST /orders')).toEqual([
      `ping: post ${PING}`,
      'audited: post https://audit.example/log',
    ]);
  });

  it('links the methods that `only` names, under the one `name`', async () => {
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(OrderCallbacks, { only: ['orderPaid', 'orderGone'], name: 'order' })
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    expect(await linked(Orders, 'POST /orders')).toEqual([`order: post ${PAID}`, `order: delete ${PAID}`]);
  });

  it('takes the name that the callback class gives', async () => {
    @CallbackController({ url: '{$callback_url}', name: 'events' })
    class Events {
      @Post('a') first(): void {
        return receiverReplies();
      }
      @Patch('b') second(): void {
        return receiverReplies();
      }
    }
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(Events)
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    expect(await linked(Orders, 'POST /orders')).toEqual([
      'events: post {$request.query.callback_url}/a',
      'events: patch {$request.query.callback_url}/b',
    ]);
  });

  it('on a class links every operation of it, before the links of the method', async () => {
    @ApiCallback(AuditCallbacks)
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(OrderCallbacks, { only: ['ping'] })
      create(@Query('callback_url') url: string, @Body() order: object) {}
      @Get() findAll() {}
    }
    expect(await linked(Orders, 'POST /orders')).toEqual([
      'audited: post https://audit.example/log',
      `ping: post ${PING}`,
    ]);
    expect(await linked(Orders, 'GET /orders')).toEqual(['audited: post https://audit.example/log']);
  });

  it('on a class links the operations that it inherits, and only its own copy of them', async () => {
    abstract class Base {
      @Get() findAll() {
        return [this.constructor.name];
      }
    }
    @ApiCallback(AuditCallbacks)
    @Controller('audited')
    class Audited extends Base {}
    @Controller('plain')
    class Plain extends Base {}

    const app = await createApp({ controllers: [Audited, Plain] });
    const document = documentOf(app);
    expect(Object.keys(callbacksOf(document, 'GET /audited'))).toEqual(['audited']);
    expect(callbacksOf(document, 'GET /plain')).toEqual({});

    await app.listen(0, '127.0.0.1');
    const base = await app.getUrl();
    const replies = await Promise.all(['/audited', '/plain'].map(async (path) => (await fetch(base + path)).json()));
    expect(replies).toEqual([['Audited'], ['Plain']]);
  });

  it('is inherited with its method', async () => {
    abstract class Base {
      @Post()
      @ApiCallback(OrderCallbacks, { only: ['ping'] })
      create(@Query('callback_url') url: string, @Body() order: object): void {
        return receiverReplies(url, order);
      }
    }
    @Controller('orders')
    class Orders extends Base {}
    expect(await linked(Orders, 'POST /orders')).toEqual([`ping: post ${PING}`]);
  });

  it('leaves out callbacks that are excluded, and the models that only they use', async () => {
    @CallbackController('{$callback_url}')
    class Partly {
      @Post('a') shown(): void {
        return receiverReplies();
      }
      @ApiExcludeEndpoint()
      @Post('b')
      hidden(@Body() event: InvoiceEvent): void {
        return receiverReplies(event);
      }
    }
    @ApiExcludeController()
    @CallbackController('{$callback_url}')
    class Hidden {
      @Post('c') never(@Body() event: InvoiceEvent): void {
        return receiverReplies(event);
      }
    }
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(Partly)
      @ApiCallback(Hidden)
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    const document = documentOf(await createApp({ controllers: [Orders] }));
    expect(Object.keys(callbacksOf(document, 'POST /orders'))).toEqual(['shown']);
    expect(document.components?.schemas).toEqual({});
  });

  it('adds no model of the methods that `only` leaves out', async () => {
    @Controller('orders')
    class Orders {
      @Post()
      @ApiCallback(OrderCallbacks, { only: ['ping'] })
      create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    const document = documentOf(await createApp({ controllers: [Orders] }));
    expect(document.components?.schemas).toEqual({});
  });
});

describe('CallbacksModule', () => {
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(OrderCallbacks, { only: ['ping'] })
    create(@Query('callback_url') url: string, @Body() order: object) {}
    @Get() findAll() {}
  }

  it('links the callbacks of forRoot() to every operation', async () => {
    expect(await linked(Orders, 'GET /orders', [AuditCallbacks])).toEqual(['audited: post https://audit.example/log']);
    expect(await linked(Orders, 'POST /orders', [AuditCallbacks])).toEqual([
      'audited: post https://audit.example/log',
      `ping: post ${PING}`,
    ]);
  });

  it('links the callbacks of forRootAsync() too', async () => {
    const module = CallbacksModule.forRootAsync({
      provideInjectionTokensFrom: [{ provide: 'CLASSES', useValue: [AuditCallbacks] }],
      inject: ['CLASSES'],
      useFactory: (callbacks: (typeof AuditCallbacks)[]) => ({ callbacks }),
    });
    const document = documentOf(await createApp({ imports: [module], controllers: [Orders] }));
    expect(Object.keys(callbacksOf(document, 'GET /orders'))).toEqual(['audited']);
  });
});
