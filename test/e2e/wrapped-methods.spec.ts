import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Injectable, Post, Query } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  Callbacks,
  CallbacksModule,
  CallbackUrls,
  OnCallback,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbackDelivered } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { eventually } from '../support/eventually.js';
import { callbacksOf } from '../support/find-operation.js';
import { WRAPPING_DECORATORS } from '../support/wrapping-decorators.js';

afterEach(closeAll);
afterEach(closeApps);

class Event {
  @ApiProperty() id!: string;
}
class Reply {
  @ApiProperty() ok!: boolean;
}

const URL = '{$request.query.url}';

@CallbackController(URL)
class A {
  @Post('a') onA(@Body() event: Event) {}
}
@CallbackController(URL)
class B {
  @Post('b') onB(@Body() event: Event) {}
}

async function namesFor(controller: new () => object): Promise<string[]> {
  const app = await createApp({ imports: [CallbacksModule.forRoot()], controllers: [controller] });
  return Object.keys(callbacksOf(documentOf(app), 'POST /orders'));
}

describe.each(Object.entries(WRAPPING_DECORATORS))('a method that is wrapped (%s)', (_, Wrap) => {
  it('keeps the link below the wrapping decorator beside that of the class', async () => {
    @ApiCallback(B)
    @Controller('orders')
    class Orders {
      @Wrap()
      @ApiCallback(A)
      @Post()
      create(@Query('url') url: string) {}
    }
    expect(await namesFor(Orders)).toEqual(['onB', 'onA']);
  });

  it('keeps links above, between and below wrapping decorators', async () => {
    @CallbackController(URL)
    class C {
      @Post('c') onC(@Body() event: Event) {}
    }
    @Controller('orders')
    class Orders {
      @ApiCallback(B)
      @Wrap()
      @Post()
      @ApiCallback(A)
      @Wrap()
      @ApiCallback(C)
      create(@Query('url') url: string) {}
    }
    expect(await namesFor(Orders)).toEqual(['onB', 'onA', 'onC']);
  });

  it('has only the links of its own class if a class and its subclass wrap it', async () => {
    class Base {
      @Wrap()
      @ApiCallback(A)
      @Post()
      create(@Query('url') url: string) {}
    }
    @ApiCallback(B)
    @Controller('orders')
    class Orders extends Base {}
    // As a class decorator does that wraps whatever the class inherits.
    @Controller('others')
    class Others extends Base {}
    const descriptor = { ...Object.getOwnPropertyDescriptor(Base.prototype, 'create')! };
    Object.defineProperty(Others.prototype, 'create', Wrap()(Others.prototype, 'create', descriptor) ?? descriptor);
    ApiCallback(B)(Others);
    const app = await createApp({
      imports: [CallbacksModule.forRoot()],
      controllers: [Orders, Others, plainHeirOf(Base)],
    });
    const document = documentOf(app);
    const names = (title: string) => Object.keys(callbacksOf(document, title));
    expect([names('POST /orders'), names('POST /others'), names('POST /plain')]).toEqual([
      ['onB', 'onA'],
      ['onB', 'onA'],
      ['onA'],
    ]);
  });

  it('is sent, called with events and given its URLs like any other', async () => {
    @CallbackController('{$request.body#/id}')
    class Nested {
      @Post() onNested() {}
    }
    @CallbackController(URL)
    class Wrapped {
      @Wrap()
      @ApiCallback(Nested)
      @Post('w')
      @Wrap()
      onW(@Body() event: Event): Reply {
        return receiverReplies();
      }
    }
    @Controller('orders')
    class Orders {
      constructor(private readonly callbacks: Callbacks) {}
      @Wrap()
      @Post()
      @ApiCallback(Wrapped)
      async create(@Query('url') url: string, @CallbackUrls(Wrapped) urls: CallbackUrls<Wrapped>) {
        await this.callbacks.enqueue(Wrapped, urls).onW({ id: '7' });
      }
    }
    const told: string[] = [];
    @Injectable()
    class Listener {
      @Wrap()
      @OnCallback('delivered')
      note({ callback }: CallbackDelivered) {
        told.push(callback);
      }
    }
    const receiver = closing(await CallbackReceiver.listen(Wrapped));
    receiver.replyWith('onW', { ok: true });
    const app = await createApp({
      imports: [CallbacksModule.forRoot({ egress: receiver.egress })],
      controllers: [Orders],
      providers: [Listener],
    });
    await app.listen(0, '127.0.0.1');
    const url = encodeURIComponent(receiver.url);
    expect((await fetch(`${await app.getUrl()}/orders?url=${url}`, { method: 'POST' })).status).toBe(201);
    expect((await receiver.next('onW')).args).toEqual([{ id: '7' }]);
    await eventually(() => expect(told).toEqual(['Wrapped.onW']));
    const { post } = callbacksOf(documentOf(app), 'POST /orders')['onW']![`${URL}/w`]!;
    expect(post).toMatchObject({
      operationId: 'Wrapped_onW',
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } } },
      responses: { 201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Reply' } } } } },
      callbacks: { onNested: { '{$request.body#/id}': {} } },
    });
  });
});

function plainHeirOf(Base: new () => object): new () => object {
  @Controller('plain')
  class Plain extends Base {}
  return Plain;
}

it('a handler whose wrapping decorator loses its name is documented as the others are', async () => {
  const wrap: MethodDecorator = (_target, _key, descriptor) => {
    const method = descriptor.value as (...args: unknown[]) => unknown;
    const wrapper = (...args: unknown[]) => method(...args);
    for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapper);
    }
    Object.defineProperty(wrapper, 'name', { value: '' });
    (descriptor as PropertyDescriptor).value = wrapper;
  };
  @CallbackController(URL)
  class Nameless {
    @wrap
    @Post('a')
    onA(@Body() event: Event): Reply {
      return receiverReplies(event);
    }
  }
  @Controller('orders')
  class Orders {
    @Post() @ApiCallback(Nameless) create(@Query('url') url: string) {}
  }
  const app = await createApp({ imports: [CallbacksModule.forRoot()], controllers: [Orders] });
  expect(callbacksOf(documentOf(app), 'POST /orders')['onA']![`${URL}/a`]!['post']).toMatchObject({
    operationId: 'Nameless_onA',
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } } },
    responses: { 201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Reply' } } } } },
  });
});
