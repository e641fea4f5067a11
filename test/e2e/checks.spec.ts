import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiParam, ApiQuery, getSchemaPath } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbackDocumentError,
  CallbacksModule,
  receiverReplies,
} from 'nestjs-callbacks';
import { Card, declaring, Filter, linkedTo, Order, problemsOf, Receipt, Transfer } from '../support/checked-orders.js';
import { closeApps, createApp, documentOf } from '../support/create-app.js';

afterEach(closeApps);

const DECLARED = [
  '{$url}/{$method}/{$statusCode}',
  '{$request.query.callback_url}',
  '{$request.query.hub.callback}',
  '{$request.query.api_key}',
  '{$request.path.shop}',
  '{$request.header.x-callback-url}',
  '{$request.header.X-TRACE}',
  '{$request.header.Authorization}',
  '{$request.header.accept}',
  '{$request.header.content-type}',
  '{$request.body#/id}',
  '{$request.body#/number}',
  '{$request.body#/customer/home/owner/home/city}',
  '{$request.body#/guests/0/name}',
  '{$request.body#/places/anywhere/city}',
  '{$request.body#/labels/any}',
  '{$request.body#/anything/at/all}',
  '{$request.body#/payment/iban}',
  '{$request.body#/refund/number}',
  '{$request.body#/both/iban}',
  '{$request.body#/bill/city}',
  '{$response.body#/receipt_id}',
  '{$response.header.location}',
  '{$response.header.content-type}',
  '{$response.header.x-static}',
];

describe.each(['3.0.0', '3.1.0'])('in OpenAPI %s', (openapi) => {
  it.each(DECLARED)('%s is declared', async (url) => {
    expect(await problemsOf(declaring(url), { openapi })).toEqual([]);
  });

  it.each([
    ['{$request.query.calback_url}', 'did you mean {$request.query.callback_url}?'],
    ['{$request.query.Callback_Url}', 'did you mean {$request.query.callback_url}?'],
    [
      '{$request.query.nothing_like_it}',
      'declare nothing_like_it with @Query() and the plain type string, or @ApiQuery(), or use a declared parameter.',
    ],
    ['{$request.path.shopp}', 'did you mean {$request.path.shop}?'],
    ['{$request.header.x-calback-url}', 'did you mean {$request.header.X-Callback-Url}?'],
    ['{$request.body#/idd}', 'did you mean {$request.body#/id}?'],
    ['{$request.body#/id/more}', 'did you mean {$request.body#/id}/more?'],
    [
      '$request.body#/id/more/{$request.body#/number}',
      'did you mean {$request.body#/id}/more/{$request.body#/number}?',
    ],
    ['{$request.body#/payment/iban/more}', 'did you mean {$request.body#/payment/iban}/more?'],
    ['$request.query.callback_url/events', 'did you mean {$request.query.callback_url}/events?'],
    ['$request.query.callback_url?a={$url}', 'did you mean {$request.query.callback_url}?a={$url}?'],
    ['{$request.query.calback_url/events}', 'did you mean {$request.query.callback_url}/events?'],
    [
      '$request.query.nothing_like_it/events',
      'write {$request.query.nothing_like_it}/events, and declare nothing_like_it with @Query() and the plain type string, or @ApiQuery().',
    ],
    ['{$request.query.}', 'write the name of the parameter after the dot.'],
    ['{$request.body#/customer.name}', 'did you mean {$request.body#/customer/name}?'],
    ['{$response.query.calback_url}', 'did you mean {$request.query.callback_url}?'],
    ['{$response.query.nothing_like_it}', 'read it from the request.'],
    ['{$request.body#/customer/nam}', 'did you mean {$request.body#/customer/name}?'],
    ['{$request.body#/customer/home/towns}', 'declare the property with @ApiProperty(), or use a declared one.'],
    ['{$request.body#/custmer/name}', 'did you mean {$request.body#/customer/name}?'],
    ['{$request.body#/custmer/hme/ctiy}', 'did you mean {$request.body#/customer/home/city}?'],
    ['{$request.body#/guests/name}', 'did you mean {$request.body#/guests/0/name}?'],
    ['{$request.body#/guests/-/name}', 'did you mean {$request.body#/guests/0/name}?'],
    ['{$request.body#/guests/-1/home/city}', 'did you mean {$request.body#/guests/0/home/city}?'],
    ['{$request.body.guests[0].nme}', 'did you mean {$request.body#/guests/0/name}?'],
    ['{$request.query.shop}', 'did you mean {$request.path.shop}?'],
    ['{$request.query.id}', 'did you mean {$request.body#/id}?'],
    ['{$request.body#/guests/1/nmae}', 'did you mean {$request.body#/guests/1/name}?'],
    ['{$request.body#/places/here/citi}', 'did you mean {$request.body#/places/here/city}?'],
    ['{$request.body#/payment/ibn}', 'did you mean {$request.body#/payment/iban}?'],
    ['{$request.body#/refund/numbr}', 'did you mean {$request.body#/refund/number}?'],
    ['{$request.body#/both/ibann}', 'did you mean {$request.body#/both/iban}?'],
    ['{$request.body#/bill/cty}', 'did you mean {$request.body#/bill/city}?'],
    ['{$response.body#/recept_id}', 'did you mean {$response.body#/receipt_id}?'],
    ['{$response.header.Locaton}', 'did you mean {$response.header.Location}?'],
    ['{$response.query.callback_url}', 'did you mean {$request.query.callback_url}?'],
  ])('%s is not declared', async (url, fix) => {
    expect(await problemsOf(declaring(url), { openapi })).toMatchObject([
      { code: 'undeclared-value', place: 'Told.told', linkedFrom: ['POST /shops/{shop}/orders'], fix },
    ]);
  });
});

describe('a mistake is found', () => {
  it('in a body that the operation does not have', async () => {
    @Controller('orders')
    class Orders {
      @Get() @ApiCallback(linkedTo('{$request.body#/id}')) find() {}
    }
    expect(await problemsOf(Orders)).toMatchObject([
      { message: '{$request.body#/id} reads the body of the request, but GET /orders has none.', declared: [] },
    ]);
  });

  it('in the callbacks of every operation', async () => {
    @Controller('orders')
    class Orders {
      @Get() find() {}
      @Get('more') findMore(@Query('callback_url') url: string) {}
    }
    const callbacks = [linkedTo('{$request.query.callback_url}')];
    const app = await createApp({ imports: [CallbacksModule.forRoot({ callbacks })], controllers: [Orders] });
    expect(() => documentOf(app)).toThrow('Told.told, linked from GET /orders\n');
  });

  it('in a callback of a callback, whose operation is the outer one', async () => {
    @CallbackController('https://receiver.example')
    class Outer {
      @Post() @ApiCallback(linkedTo('{$request.body#/undo}')) outer(@Body() receipt: Receipt): void {
        return receiverReplies(receipt);
      }
    }
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(Outer) create(@Body() order: Order) {}
    }
    expect(await problemsOf(Orders)).toMatchObject([
      {
        place: 'Told.told',
        linkedFrom: ['Outer.outer'],
        message: '{$request.body#/undo} names a property that the request body of Outer.outer does not have.',
        declared: ['receipt_id'],
      },
    ]);
  });

  it('in a path parameter of a callback', async () => {
    @CallbackController('https://receiver.example')
    class Outer {
      @Post('{$request.body#/id}') taken(@Param('id') id: string): void {
        return receiverReplies(id);
      }
      @Post('b') @ApiParam({ name: 'id' }) declared(): void {
        return receiverReplies();
      }
    }
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(Outer) create(@Body() order: Order) {}
    }
    expect(await problemsOf(Orders)).toMatchObject([
      { code: 'path-parameter', place: 'Outer.taken' },
      { code: 'path-parameter', place: 'Outer.declared' },
    ]);
  });
});

it('four different mistakes of an app are one error, in the order of the document', async () => {
  class Other {}
  @Controller('orders')
  class Orders {
    @Post('1') @ApiCallback(linkedTo('{$request.query.calback_url}')) one(@Query() filter: Filter) {}
    @Post('2') @ApiCallback(linkedTo('{$request.cookie.url}')) two() {}
    @Post('3') @ApiCallback(Other) three() {}
    @Post('4') @ApiCallback(linkedTo('{$request.body#/customer/nam}')) four(@Body() order: Order) {}
  }
  const app = await createApp({ controllers: [Orders] });
  expect(() => documentOf(app, { create: { extraModels: [Card, Transfer] } })).toThrow(
    new CallbackDocumentError([
      {
        code: 'undeclared-value',
        place: 'Told.told',
        linkedFrom: ['POST /orders/1'],
        message: '{$request.query.calback_url} names a query parameter that POST /orders/1 does not declare.',
        declared: ['callback_url', 'limit'],
        fix: 'did you mean {$request.query.callback_url}?',
      },
      {
        code: 'expression-syntax',
        place: 'Told.told',
        linkedFrom: ['POST /orders/2'],
        message:
          '{$request.cookie.url} has {$request.cookie.url}, which does not name a part of the request (at position 10).',
        fix: 'OpenAPI has no expression for a cookie. Let the client send the value as a header, as a query parameter or in the body, and read it from there.',
      },
      {
        code: 'not-a-callback-controller',
        place: 'Other',
        linkedFrom: ['POST /orders/3'],
        message: 'Other is not a callback class: it lacks @CallbackController().',
        fix: "Put @CallbackController('{$request.query.callback_url}') on Other.",
      },
      {
        code: 'undeclared-value',
        place: 'Told.told',
        linkedFrom: ['POST /orders/4'],
        message:
          '{$request.body#/customer/nam} names a property that the request body of POST /orders/4 does not have.',
        declared: ['customer/name', 'customer/home'],
        fix: 'did you mean {$request.body#/customer/name}?',
      },
    ]),
  );
});

describe('what cannot be known is accepted:', () => {
  const accepting: [string, (url: string) => Type<object>, string][] = [
    [
      'an untyped body',
      (url) => {
        @Controller()
        class Orders {
          @Post() @ApiCallback(linkedTo(url)) create(@Body() body: unknown) {}
        }
        return Orders;
      },
      '{$request.body#/any/thing}',
    ],
    [
      'a part of a body',
      (url) => {
        @Controller()
        class Orders {
          @Post() @ApiCallback(linkedTo(url)) create(@Body('url') target: string) {}
        }
        return Orders;
      },
      '{$request.body#/url}',
    ],
    [
      'a free-form body',
      (url) => {
        @Controller()
        class Orders {
          @Post() @ApiBody({ schema: { type: 'object' } }) @ApiCallback(linkedTo(url)) create(@Body() body: object) {}
        }
        return Orders;
      },
      '{$request.body#/any/thing}',
    ],
    [
      'an untyped query',
      (url) => {
        @Controller()
        class Orders {
          @Post() @ApiCallback(linkedTo(url)) create(@Query() query: Record<string, string>) {}
        }
        return Orders;
      },
      '{$request.query.any}',
    ],
    [
      'an untyped response',
      (url) => {
        @Controller()
        class Orders {
          @Post() @ApiCallback(linkedTo(url)) create() {}
        }
        return Orders;
      },
      '{$response.body#/any}',
    ],
    [
      'a query that is declared as an object',
      (url) => {
        @Controller()
        class Orders {
          @Post()
          @ApiExtraModels(Filter)
          @ApiQuery({ name: 'filter', schema: { $ref: getSchemaPath(Filter) } })
          @ApiCallback(linkedTo(url))
          create(@Req() request: unknown) {}
        }
        return Orders;
      },
      '{$request.query.limit}',
    ],
  ];
  it.each(accepting)('%s', async (_title, controller, url) => {
    expect(await problemsOf(controller(url))).toEqual([]);
  });
});
