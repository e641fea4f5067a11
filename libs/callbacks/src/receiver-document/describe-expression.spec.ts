import { expect, it, describe } from '@jest/globals';
import { parseRuntimeExpression } from '../expression/runtime-expression.js';
import {
  describeExpression,
  describeSources,
  nameExpressions,
  exampleOfValue,
  schemaOfValue,
} from './describe-expression.js';
import { DeclaredExchange } from '../openapi/declared-exchange.js';
import { Resolver } from '../openapi/resolve-reference.js';

it.each([
  ['$request.query.callback_url', '`callback_url` in the query of'],
  ['$request.path.shop', '`shop` in the path of'],
  ['$request.header.X-Hub', 'the header `X-Hub` of'],
  ['$request.body#/customer/id', '`customer.id` in the body of'],
  ['$request.body', 'the body of'],
  ['$response.body#/id', '`id` in the body of the response to'],
  ['$response.header.Location', 'the header `Location` of the response to'],
  ['$url', 'the URL of'],
  ['$method', 'the method of'],
  ['$statusCode', 'the status of the response to'],
])('%s is %s', (text, expected) => {
  expect(describeExpression(parseRuntimeExpression(text))).toBe(expected);
});

it.each([
  [[['id of', 'POST /a']], 'id of POST /a'],
  [
    [
      ['id of', 'POST /a'],
      ['id of', 'POST /a'],
      ['id of', 'PUT /a'],
    ],
    'id of POST /a or PUT /a',
  ],
  [
    [
      ['id of', 'POST /a'],
      ['number of', 'PUT /a'],
    ],
    'id of POST /a, or number of PUT /a',
  ],
  [['a', 'b', 'c'].map((title) => ['id of', title]), 'id of a, b or c'],
  [['a', 'b', 'c', 'd', 'e'].map((title) => ['id of', title]), 'id of a, b, c and 2 more'],
])('the sources %j are described together', (sources, expected) => {
  const found = sources.map(([phrase, title]) => ({ phrase: phrase!, title: title! }));
  expect(describeSources(found)).toBe(expected);
});

it.each([
  [['$request.query.callback_url'], ['callback_url']],
  [['$request.query.hub.callback'], ['hub_callback']],
  [['$request.header.X-Hub'], ['X_Hub']],
  [['$request.body#/customer/id'], ['id']],
  [['$request.body#/urls/0'], ['urls_0']],
  [['$request.body#/a/2/1'], ['a_2_1']],
  [['$request.body#/0'], ['body_0']],
  [['$request.body'], ['body']],
  [['$request.body#'], ['body']],
  [['$request.query.'], ['query']],
  [
    ['$url', '$method', '$statusCode'],
    ['request_url', 'request_method', 'status_code'],
  ],
  [
    ['$request.body#/id', '$response.body#/id'],
    ['id', 'response_id'],
  ],
  [
    ['$response.body#/id', '$request.query.id', '$request.path.id'],
    ['id', 'query_id', 'path_id'],
  ],
  [
    ['$request.body#/id', '$request.body#/id', '$request.body#/other/id'],
    ['id', 'body_id', 'id_2'],
  ],
])('%j are named %j', (texts, names) => {
  expect(nameExpressions(texts.map(parseRuntimeExpression))).toEqual(names);
});

const text = { type: 'string', minLength: 2 };
const count = { type: 'integer', example: 7 };
const json = (schema: object) => ({ content: { 'application/json': { schema } } });

const DOCUMENT = {
  components: {
    examples: { Url: { value: 'https://shared.example' } },
    schemas: { Plan: { enum: ['free', 'paid'] } },
  },
} as never;

const EXCHANGE = new DeclaredExchange(
  {
    title: 'POST /orders',
    item: {},
    operation: {
      parameters: [
        {
          in: 'query',
          name: 'url',
          schema: text,
          examples: { none: { $ref: '#/nowhere' }, url: { $ref: '#/components/examples/Url' } },
        },
        { in: 'query', name: 'filter', content: { 'application/json': { schema: count } } },
        { in: 'path', name: 'plan', schema: { $ref: '#/components/schemas/Plan' } },
        { in: 'header', name: 'X-Given', schema: { type: 'string', default: 'by default' }, example: 'given' },
        { in: 'header', name: 'X-Default', schema: { type: 'string', default: 'by default' } },
        { in: 'header', name: 'X-Only', schema: { const: 'only' } },
        { in: 'header', name: 'X-Listed', schema: { examples: ['first', 'second'] } },
        { in: 'header', name: 'X-Bare' },
      ],
      requestBody: json({ title: 'whole', properties: { id: text, count } }),
      responses: {
        201: {
          ...json({ properties: { state: text } }),
          headers: { Location: { schema: text, example: '/orders/1' } },
        },
      },
    },
  } as never,
  new Resolver(DOCUMENT),
);

const anyText = { type: 'string' };

describe('the value of an expression', () => {
  it.each<[string, object, unknown]>([
    ['$url', { type: 'string', format: 'uri' }, undefined],
    ['$method', anyText, undefined],
    ['$statusCode', { type: 'integer' }, undefined],
    ['$request.query.url', text, 'https://shared.example'],
    ['$request.query.filter', count, 7],
    ['$request.query.none', anyText, undefined],
    ['$request.path.plan', { $ref: '#/components/schemas/Plan' }, 'free'],
    ['$request.header.x-given', { type: 'string', default: 'by default' }, 'given'],
    ['$request.header.X-Default', { type: 'string', default: 'by default' }, 'by default'],
    ['$request.header.X-Only', { const: 'only' }, 'only'],
    ['$request.header.X-Listed', { examples: ['first', 'second'] }, 'first'],
    ['$request.header.X-Bare', anyText, undefined],
    ['$request.body#/id', text, undefined],
    ['$request.body#/count', count, 7],
    ['$request.body', { title: 'whole', properties: { id: text, count } }, undefined],
    ['$response.body#/state', text, undefined],
    ['$response.header.location', text, '/orders/1'],
    ['$response.header.None', anyText, undefined],
    ['$response.query.url', anyText, undefined],
  ])('%s has the schema %j and the example %j', (expression, schema, example) => {
    const parsed = parseRuntimeExpression(expression);
    expect(schemaOfValue(parsed, EXCHANGE)).toEqual(schema);
    expect(exampleOfValue(parsed, EXCHANGE)).toEqual(example);
  });
});
