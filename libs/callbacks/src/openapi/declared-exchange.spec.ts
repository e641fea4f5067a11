import { describe, expect, it } from '@jest/globals';
import { Body, Header, Headers, Param, Query } from '@nestjs/common';
import type { LinkedMethod } from '../metadata/operation-links.js';
import { DeclaredExchange } from './declared-exchange.js';
import { Resolver } from './resolve-reference.js';

type Json = Record<string, unknown>;

const text = { type: 'string' };
const number = { type: 'number' };
const parameter = (place: string, name: string, schema: unknown = text) => ({ in: place, name, schema });

const DOCUMENT = {
  components: {
    schemas: { Filter: { properties: { since: text, until: number } } },
    parameters: { Shared: parameter('query', 'shared') },
    headers: { Shared: { schema: number } },
    securitySchemes: {
      key: { type: 'apiKey', in: 'query', name: 'api_key' },
      headerKey: { type: 'apiKey', in: 'header', name: 'X-Key' },
      basic: { type: 'http', scheme: 'basic', in: 'query', name: 'none' },
      referred: { $ref: '#/components/securitySchemes/key' },
    },
  },
};

class Methods {
  untyped(@Body() body: unknown, @Query() query: Record<string, string>, @Headers() headers: object) {}
  typed(@Query() query: Date, @Param('id') id: string, @Query('named') named: object) {}
  nothing() {}
  @Header('X-Total', '1')
  @Header('Location', '/')
  static() {}
}

function linked(methodName: keyof Methods): LinkedMethod {
  return { controller: Methods, methodName };
}

interface Given {
  readonly operation?: Json;
  readonly item?: Json;
  readonly title?: string;
  readonly security?: Json[];
  readonly linked?: LinkedMethod;
}

function exchangeOf({ operation = {}, item = {}, title = 'POST /orders', security, linked: method }: Given) {
  const document = { ...DOCUMENT, ...(security && { security }) };
  return new DeclaredExchange({ operation, item, title } as never, new Resolver(document as never), method);
}

describe('the parameters of an operation', () => {
  it('are its own and those of its path item, at the wanted location, through references', () => {
    const exchange = exchangeOf({
      item: { parameters: [parameter('query', 'ofItem'), parameter('path', 'id')] },
      operation: {
        parameters: [{ $ref: '#/components/parameters/Shared' }, parameter('header', 'X-A'), { $ref: '#/nowhere' }],
      },
    });
    expect(exchange.parameters('query')).toEqual(['ofItem', 'shared']);
    expect(exchange.parameters('path')).toEqual(['id']);
    expect(exchange.parameters('header')).toEqual(['X-A']);
  });

  it('are empty if neither has any', () => {
    expect(exchangeOf({}).parameters('query')).toEqual([]);
    expect(exchangeOf({ operation: { parameters: [] } }).parameters('path')).toEqual([]);
  });

  it('include those of an object that is spread over the query', () => {
    const operation = { parameters: [parameter('query', 'filter', { $ref: '#/components/schemas/Filter' })] };
    const exchange = exchangeOf({ operation });
    expect(exchange.parameters('query')).toEqual(['filter', 'since', 'until']);
    expect(exchange.parameter('query', 'until')).toEqual({ schema: number });
    expect(exchange.parameter('query', 'toString')).toBeUndefined();
    expect(exchange.parameter('path', 'until')).toBeUndefined();
  });

  it.each<[string, Given, string[], string[]]>([
    [
      'the operation requires',
      { operation: { security: [{ key: [] }, { basic: [], headerKey: [] }] } },
      ['api_key'],
      ['X-Key'],
    ],
    ['the document requires', { security: [{ headerKey: [] }] }, [], ['X-Key']],
    ['are a reference', { operation: { security: [{ referred: [] }, { unknown: [] }] } }, ['api_key'], []],
    ['the operation does not require', { operation: { security: [] }, security: [{ key: [] }] }, [], []],
    ['nothing requires', {}, [], []],
  ])('are API keys that %s', (_, given, query, header) => {
    const exchange = exchangeOf(given);
    expect(exchange.parameters('query')).toEqual(query);
    expect(exchange.parameters('header')).toEqual(header);
  });

  it('can be any if the method takes this part of the request untyped, and nothing is declared', () => {
    const exchange = exchangeOf({ linked: linked('untyped') });
    expect(exchange.parameters('query')).toBeUndefined();
    expect(exchange.parameters('header')).toBeUndefined();
    expect(exchange.parameters('path')).toEqual([]);
  });

  it('are the declared ones if there are some, although the method takes all', () => {
    const operation = { parameters: [parameter('query', 'a')] };
    expect(exchangeOf({ operation, linked: linked('untyped') }).parameters('query')).toEqual(['a']);
  });

  it('are empty if the method takes one by its name, or all as a class', () => {
    const exchange = exchangeOf({ linked: linked('typed') });
    expect(exchange.parameters('query')).toEqual([]);
    expect(exchange.parameters('path')).toEqual([]);
  });
});

describe('one parameter', () => {
  const item = { parameters: [parameter('query', 'a', text), parameter('header', 'X-A', text)] };
  const exchange = exchangeOf({ item, operation: { parameters: [parameter('query', 'a', number)] } });

  it('of the operation replaces the one of its path item', () => {
    expect(exchange.parameter('query', 'a')).toEqual(parameter('query', 'a', number));
  });

  it('is found in upper and lower case if it is a header, otherwise exactly as written', () => {
    expect(exchange.parameter('header', 'x-a')).toEqual(parameter('header', 'X-A'));
    expect(exchange.parameter('header', 'x-b')).toBeUndefined();
    expect(exchange.parameter('query', 'A')).toBeUndefined();
  });
});

describe('the body of a request', () => {
  it.each<[boolean, string, Given]>([
    [true, 'the document says so', { title: 'GET /orders', operation: { requestBody: {} } }],
    [
      true,
      'the document says so, and the method does not',
      { operation: { requestBody: {} }, linked: linked('nothing') },
    ],
    [true, 'the method takes it', { title: 'DELETE /orders', linked: linked('untyped') }],
    [false, 'the method does not take it', { linked: linked('nothing') }],
    [true, 'the HTTP method has one, and nothing is known of the method', { title: 'PATCH /orders' }],
    [false, 'the HTTP method has none', { title: 'GET /POST /orders' }],
  ])('exists (%s): %s', (hasBody, _, given) => {
    expect(exchangeOf(given).hasBody()).toBe(hasBody);
  });

  it('is searched in each of its media types', () => {
    const content = { 'text/plain': { schema: text }, 'application/json': { schema: { properties: { id: number } } } };
    const exchange = exchangeOf({ operation: { requestBody: { content } } });
    expect(exchange.findInRequest(['id'])).toEqual({ found: true, declared: [], schemas: [number] });
    expect(exchange.findInRequest(['none'])).toMatchObject({ found: false, declared: [['id']] });
  });

  it('can be anything if nothing is declared', () => {
    expect(exchangeOf({}).findInRequest(['id']).found).toBe(true);
    expect(exchangeOf({ operation: { requestBody: { content: {} } } }).findInRequest(['id']).found).toBe(true);
  });
});

describe('the response', () => {
  const json = (schema: unknown, headers: Json = {}) => ({ content: { 'application/json': { schema } }, headers });
  const exchange = exchangeOf({
    operation: {
      responses: {
        201: json(
          { properties: { id: number } },
          { Location: { schema: text }, 'X-Ref': { $ref: '#/components/headers/Shared' } },
        ),
        default: json({ properties: { other: text } }, { 'X-Default': {} }),
        '4XX': json({ properties: { error: text } }, { 'X-Error': {} }),
        422: json({ properties: { error: text } }, { 'X-Error': {} }),
      },
    },
    linked: linked('static'),
  });

  it('has the headers of successful responses, and those that the method sets', () => {
    expect(exchange.responseHeaders()).toEqual(['Location', 'X-Ref', 'X-Default', 'Location', 'X-Total']);
    expect(exchangeOf({ operation: { responses: {} } }).responseHeaders()).toEqual([]);
    expect(exchangeOf({}).responseHeaders()).toEqual([]);
  });

  it('has a header in upper and lower case, through references', () => {
    expect(exchange.responseHeader('location')).toEqual({ schema: text });
    expect(exchange.responseHeader('x-ref')).toEqual({ schema: number });
    expect(exchange.responseHeader('X-Error')).toBeUndefined();
    expect(exchangeOf({}).responseHeader('location')).toBeUndefined();
  });

  it('is searched if it is successful', () => {
    expect(exchange.findInResponse(['id'])).toEqual({ found: true, declared: [['other']], schemas: [number] });
    expect(exchange.findInResponse(['other'])).toMatchObject({ found: true, schemas: [text] });
    expect(exchange.findInResponse(['error'])).toMatchObject({ found: false, declared: [['id'], ['other']] });
  });
});
