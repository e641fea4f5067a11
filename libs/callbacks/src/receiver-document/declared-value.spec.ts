import { describe, expect, it } from '@jest/globals';
import { parseRuntimeExpression } from '../expression/runtime-expression.js';
import { DeclaredExchange } from '../openapi/declared-exchange.js';
import { Resolver } from '../openapi/resolve-reference.js';
import { exampleOfValue, schemaOfValue } from './declared-value.js';

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
  DOCUMENT,
);

const anyText = { type: 'string' };

describe('of the value of an expression', () => {
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
  ])('%s is the schema %j, and the example %j', (expression, schema, example) => {
    const parsed = parseRuntimeExpression(expression);
    expect(schemaOfValue(parsed, EXCHANGE)).toEqual(schema);
    expect(exampleOfValue(parsed, EXCHANGE, new Resolver(DOCUMENT))).toEqual(example);
  });
});
