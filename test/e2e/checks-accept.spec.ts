import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query, Req } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiQuery, getSchemaPath } from '@nestjs/swagger';
import { ApiCallback } from 'nestjs-callbacks';
import { Filter, linkedTo, problemsOf } from '../support/checked-orders.js';
import { closeApps } from '../support/create-app.js';

afterEach(closeApps);

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
