import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Logger, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiQuery } from '@nestjs/swagger';
import { ApiCallback, CallbackController, receiverReplies } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { errorOf, LINKED_FROM } from '../support/problems.js';

afterEach(closeApps);

describe('two different models of one name', () => {
  const model = (property: string) => {
    class InvoiceEvent {}
    ApiProperty({ type: String })(InvoiceEvent.prototype, property);
    return InvoiceEvent;
  };
  function callbacksWith(first: Type<object>, second: Type<object>) {
    @CallbackController('{$callback_url}')
    class First {
      @Post('1')
      @ApiExtraModels(first)
      one(): void {
        return receiverReplies();
      }
    }
    @CallbackController('{$callback_url}')
    class Second {
      two(event: unknown) {}
    }
    Post('2')(Second.prototype, 'two', Object.getOwnPropertyDescriptor(Second.prototype, 'two')!);
    Reflect.defineMetadata('design:paramtypes', [second], Second.prototype, 'two');
    Body()(Second.prototype, 'two', 0);
    return [First, Second];
  }

  it('among the callbacks, under whatever operation', async () => {
    const [first, second] = callbacksWith(model('a'), model('b')) as [Type<object>, Type<object>];
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(first) create(@Query('callback_url') url: string, @Body() order: object) {}
      @Post('more') @ApiCallback(second) createMore(@Query('callback_url') url: string, @Body() order: object) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([{ code: 'model-clash', place: 'Second.two' }]);
  });

  it('between the API and a callback', async () => {
    const [, second] = callbacksWith(model('a'), model('b')) as [Type<object>, Type<object>];
    @Controller('orders')
    class Orders {
      @Post() @ApiExtraModels(model('c')) @ApiCallback(second) create(
        @Query('callback_url') url: string,
        @Body() order: object,
      ) {}
    }
    const app = await createApp({ controllers: [Orders] });
    const error = errorOf(() => documentOf(app));
    expect(error.problems).toEqual([
      {
        code: 'model-clash',
        place: 'Second.two',
        linkedFrom: LINKED_FROM,
        message: 'A model of the API and a different model of callbacks have the name InvoiceEvent.',
        fix: 'Rename one of them, or name it with @ApiSchema({ name }), an enum with enumName. If they are the same class, pass the options of createDocument() to withCallbacks().',
      },
    ]);
  });

  it.each<[title: string, wrap: (model: Type<object>) => unknown]>([
    ['a class that is given late', (found) => () => found],
    ['the items of a list', (found) => [found]],
    ['the items of lists that are given late', (found) => () => [[found]]],
    ['a property of an object', (found) => ({ inner: { type: () => found } })],
  ])('within a model, as %s', async (_title, wrap) => {
    const given = wrap(model('b'));
    class Outer {}
    // `@nestjs/swagger` knows a function that gives a type by its name.
    const type = typeof given === 'function' ? { type: () => (given as () => unknown)() }.type : given;
    ApiProperty({ type } as never)(Outer.prototype, 'events');
    const [first, second] = callbacksWith(model('a'), Outer) as [Type<object>, Type<object>];
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(first) @ApiCallback(second) create(
        @Query('callback_url') url: string,
        @Body() order: object,
      ) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([
      { code: 'model-clash', message: 'Two different models of callbacks have the name InvoiceEvent.' },
    ]);
  });

  it('is not a clash if one of them is a query, which has no model in the document', async () => {
    const filter = model('b');
    @CallbackController('{$callback_url}')
    class Filtered {
      told(query: unknown) {}
    }
    Post('filtered')(Filtered.prototype, 'told', Object.getOwnPropertyDescriptor(Filtered.prototype, 'told')!);
    Reflect.defineMetadata('design:paramtypes', [filter], Filtered.prototype, 'told');
    Query()(Filtered.prototype, 'told', 0);
    const [, second] = callbacksWith(model('a'), model('a')) as [Type<object>, Type<object>];
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(second) @ApiCallback(Filtered) create(
        @Query('callback_url') url: string,
        @Body() order: object,
      ) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(Object.keys(documentOf(app).components?.schemas ?? {})).toEqual(['InvoiceEvent']);
  });

  it('is found without replacing anything global', async () => {
    const { getMetadata } = Reflect;
    const { warn, error } = Logger;
    const seen: unknown[] = [];
    class Outer {}
    const given = {
      type: () => {
        seen.push(Reflect.getMetadata, Logger.warn, Logger.error);
        return String;
      },
    };
    ApiProperty(given)(Outer.prototype, 'a');
    const [, second] = callbacksWith(model('a'), Outer) as [Type<object>, Type<object>];
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(second) create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    documentOf(await createApp({ controllers: [Orders] }));
    expect(new Set(seen)).toEqual(new Set([getMetadata, warn, error]));
  });

  it('is not a clash if both are the same', async () => {
    const [, second] = callbacksWith(model('a'), model('a')) as [Type<object>, Type<object>];
    @Controller('orders')
    class Orders {
      @Post() @ApiExtraModels(model('a')) @ApiCallback(second) create(
        @Query('callback_url') url: string,
        @Body() order: object,
      ) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(Object.keys(documentOf(app).components?.schemas ?? {})).toEqual(['InvoiceEvent']);
  });
});

describe('two different enums of one enumName', () => {
  const enumName = 'State';
  const model = (options: object, name = 'Model') => {
    class Model {}
    Object.defineProperty(Model, 'name', { value: name });
    ApiProperty({ enumName, ...options })(Model.prototype, 'state');
    return Model;
  };
  function linked(...extra: Type<object>[]) {
    @CallbackController('{$callback_url}')
    class Told {
      @Post('1')
      @ApiExtraModels(...extra)
      @ApiQuery({ name: 'state', enum: ['open', 'paid'], enumName })
      told(@Query('state') state: string): void {
        return receiverReplies(state);
      }
    }
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(Told) create(@Query('callback_url') url: string, @Body() order: object) {}
    }
    return Orders;
  }

  it.each([
    ['a property', { enum: ['open', 'sent'] }],
    ['an array', { enum: ['open', 'sent'], isArray: true }],
  ])('are a problem if one of them is of %s', async (_title, options) => {
    const app = await createApp({ controllers: [linked(model(options))] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([
      {
        code: 'model-clash',
        place: 'Told.told',
        message: 'Two different models of callbacks have the name State.',
      },
    ]);
  });

  it('are not a problem if their values are the same', async () => {
    const values = { open: 'open', paid: 'paid' };
    const app = await createApp({
      controllers: [linked(model({ enum: values }), model({ enum: values, isArray: true }, 'Models'))],
    });
    expect(documentOf(app).components?.schemas).toMatchObject({ State: { enum: ['open', 'paid'] } });
  });
});
