import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Headers, Param, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiParam,
  ApiProperty,
  ApiPropertyOptional,
  getSchemaPath,
} from '@nestjs/swagger';
import { ApiCallback } from 'nestjs-callbacks';
import { linkedTo, problemsOf } from '../support/checked-orders.js';
import { closeApps } from '../support/create-app.js';

afterEach(closeApps);

class Hook {
  @ApiProperty() id!: string;
  @ApiProperty() url!: string;
}

class Subscription {
  @ApiProperty({ type: [String] }) event_url!: string[];
  @ApiProperty({ type: Hook }) hook!: Hook;
  @ApiProperty({ type: [Hook] }) hooks!: Hook[];
  @ApiPropertyOptional({ type: Hook, nullable: true }) maybe?: Hook | null;
  @ApiProperty({ allOf: [{ $ref: getSchemaPath(Hook) }] }) all!: object;
  @ApiProperty({ oneOf: [{ $ref: getSchemaPath(Hook) }, { type: 'array', items: { type: 'string' } }] })
  either!: object;
  @ApiProperty({ anyOf: [{ $ref: getSchemaPath(Hook) }, { type: 'string' }] }) perhaps!: unknown;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } }) lists!: object;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) labels!: object;
  @ApiProperty({ type: Object }) free!: unknown;
  @ApiProperty({ type: String, nullable: true }) text!: string | null;
}

class Filter {
  @ApiProperty({ type: [String] }) urls!: string[];
}

function declaring(url: string): Type<object> {
  @Controller('shops/:ids')
  class Subscriptions {
    @Post()
    @ApiExtraModels(Hook)
    @ApiHeader({ name: 'X-Urls', schema: { type: 'array', items: { type: 'string' } } })
    @ApiParam({ name: 'ids', schema: { type: 'array', items: { type: 'string' } } })
    @ApiCreatedResponse({
      type: Subscription,
      headers: { 'X-Links': { schema: { type: 'array', items: { type: 'string' } } } },
    })
    @ApiCallback(linkedTo(url))
    create(
      @Body() body: Subscription,
      @Query() query: Filter,
      @Headers('X-Urls') urls: string,
      @Param('ids') ids: string,
    ) {}
  }
  return Subscriptions;
}

const AN_ELEMENT = 'or name another value in it.';
const SINGLE = 'Only a string, a number or a boolean can be a part of a URL.';
const OF_BODY = 'in the request body of POST /shops/{ids}';

describe.each(['3.0.0', '3.1.0'])('in OpenAPI %s a value that no URL can hold is a problem:', (openapi) => {
  it.each([
    ['body#/event_url', `an array ${OF_BODY}`, `write {$request.body#/event_url/0}, ${AN_ELEMENT}`],
    ['body#/hook', `an object ${OF_BODY}`, `write {$request.body#/hook/url}, ${AN_ELEMENT}`],
    ['body#/hooks', `an array ${OF_BODY}`, `write {$request.body#/hooks/0/url}, ${AN_ELEMENT}`],
    ['body#/hooks/0', `an object ${OF_BODY}`, `write {$request.body#/hooks/0/url}, ${AN_ELEMENT}`],
    ['body#/maybe', `an object ${OF_BODY}`, `write {$request.body#/maybe/url}, ${AN_ELEMENT}`],
    ['body#/all', `an object ${OF_BODY}`, `write {$request.body#/all/url}, ${AN_ELEMENT}`],
    ['body#/either', `an array or an object ${OF_BODY}`, `write {$request.body#/either/url}, ${AN_ELEMENT}`],
    ['body#/lists/any', `an array ${OF_BODY}`, `write {$request.body#/lists/any/0}, ${AN_ELEMENT}`],
    [
      'body#/labels',
      `an object ${OF_BODY}`,
      'declare its type, such as @ApiProperty({ type: String }), or name a value in it.',
    ],
    [
      'body',
      'the request body of POST /shops/{ids}, which is an object',
      `write {$request.body#/event_url/0}, ${AN_ELEMENT}`,
    ],
    [
      'query.urls',
      'a query parameter of POST /shops/{ids} that is an array',
      "declare it as one value, @ApiQuery({ name: 'urls', type: String }), or let the client send it in the body: {$request.body#/urls/0}.",
    ],
    [
      'header.x-urls',
      'a header parameter of POST /shops/{ids} that is an array',
      "declare it as one value, @ApiHeader({ name: 'x-urls', schema: { type: 'string' } }), or let the client send it in the body: {$request.body#/x-urls/0}.",
    ],
    [
      'path.ids',
      'a path parameter of POST /shops/{ids} that is an array',
      "declare it as one value, @ApiParam({ name: 'ids', type: String }), or let the client send it in the body: {$request.body#/ids/0}.",
    ],
  ])('{$request.%s}', async (value, what, fix) => {
    expect(await problemsOf(declaring(`{$request.${value}}`), { openapi })).toMatchObject([
      {
        code: 'unusable-value',
        place: 'Told.told',
        linkedFrom: ['POST /shops/{ids}'],
        message: `{$request.${value}} names ${what}. ${SINGLE}`,
        fix,
      },
    ]);
  });

  it.each([
    ['body#/hooks/0', `an object in the successful response`, `write {$response.body#/hooks/0/url}, ${AN_ELEMENT}`],
    [
      'header.X-Links',
      'a response header of POST /shops/{ids} that is an array',
      "declare it as one value: headers: { 'X-Links': { schema: { type: 'string' } } } in the @ApiResponse().",
    ],
  ])('{$response.%s}', async (value, what, fix) => {
    const [problem, ...others] = await problemsOf(declaring(`{$response.${value}}`), { openapi });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'unusable-value', fix });
    expect(problem?.message).toContain(what);
  });

  it('after the beginning of the URL too, where an id is meant rather than a URL', async () => {
    expect(await problemsOf(declaring('https://x.example/{$request.body#/hook}'), { openapi })).toMatchObject([
      { declared: ['hook/id', 'hook/url'], fix: `write {$request.body#/hook/id}, ${AN_ELEMENT}` },
    ]);
  });

  it.each([
    'body#/event_url/0',
    'body#/hooks/1/url',
    'body#/perhaps',
    'body#/labels/any',
    'body#/free',
    'body#/free/any',
    'body#/text',
  ])('but not {$request.%s}, which may have one', async (value) => {
    expect(await problemsOf(declaring(`{$request.${value}}`), { openapi })).toEqual([]);
  });
});

it('a list of types in 3.1 is accepted if a URL can hold one of them', async () => {
  const items = { type: 'string' };
  const properties = {
    url: { type: ['array', 'string'], items },
    maybe: { type: ['string', 'null'] },
    list: { type: ['array', 'null'], items },
  };
  // `@nestjs/swagger` types the schemas of OpenAPI 3.0 only.
  const schema = { type: 'object', properties } as never;
  @Controller('either')
  class Subscriptions {
    @Post('1') @ApiBody({ schema }) @ApiCallback(linkedTo('{$request.body#/url}')) one(@Body() body: object) {}
    @Post('2') @ApiBody({ schema }) @ApiCallback(linkedTo('{$request.body#/maybe}')) two(@Body() body: object) {}
    @Post('3') @ApiBody({ schema }) @ApiCallback(linkedTo('{$request.body#/list}')) three(@Body() body: object) {}
  }
  expect(await problemsOf(Subscriptions, { openapi: '3.1.0' })).toMatchObject([
    { linkedFrom: ['POST /either/3'], fix: `write {$request.body#/list/0}, ${AN_ELEMENT}` },
  ]);
});
