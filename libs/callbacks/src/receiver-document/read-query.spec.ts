import { expect, it } from '@jest/globals';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { readQuery } from './read-query.js';
import { describeExpression } from './value-source.js';

const EXPRESSIONS: RuntimeExpression[] = [
  { source: 'body', message: 'request', pointer: ['id'] },
  { source: 'query', message: 'request', name: 'kind' },
];
const read = (query: string) =>
  readQuery(query, EXPRESSIONS, (expression, name) => ({
    name,
    schema: { type: 'integer' },
    source: { phrase: describeExpression(expression), title: 'POST /orders' },
  }));
const literal = (name: string, value: string) => ({ name, schema: { type: 'string', enum: [value] } });
const source = (phrase: string) => ({ phrase, title: 'POST /orders' });
const id = source('`id` of the body of');

it.each([
  ['', []],
  ['&', []],
  ['a=1', [literal('a', '1')]],
  ['a=1&b=x=y', [literal('a', '1'), literal('b', 'x=y')]],
  ['a%5Bb%5D=c+d%20e', [literal('a[b]', 'c d e')]],
  ['a=100%', [literal('a', '100%')]],
  ['flag', [literal('flag', '')]],
  ['number={0}', [{ name: 'number', schema: { type: 'integer' }, source: id }]],
  ['{0}=1', [{ ...literal('id', '1'), schema: { type: 'integer' }, source: id }]],
  ['{0}', [{ name: 'id', schema: { type: 'integer' }, source: id }]],
  [
    'ref={1}-{0}',
    [
      {
        name: 'ref',
        schema: { type: 'string' },
        source: source('`{kind}-{id}`: `kind` of the query and `id` of the body of'),
      },
    ],
  ],
  ['a=1&a={0}', [{ ...literal('a', '1'), schema: { type: 'array', items: { type: 'string' } } }]],
])('the query %j has these parameters', (query, expected) => {
  expect(read(query)).toEqual(expected);
});
