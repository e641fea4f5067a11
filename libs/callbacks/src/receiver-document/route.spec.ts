import { expect, it } from '@jest/globals';
import { parseUrlTemplate } from '../expression/url-template.js';
import { describeExpression } from './describe-expression.js';
import { queryParameters } from './route.js';
import { splitUrl } from './url-segments.js';

const read = (query: string) =>
  queryParameters(splitUrl(parseUrlTemplate(`https://hooks.example?${query}`)).query, (expression, name) => ({
    name,
    schema: { type: 'integer' },
    source: { phrase: describeExpression(expression), title: 'POST /orders' },
  }));
const literal = (name: string, value: string) => ({ name, schema: { type: 'string', enum: [value] } });
const source = (phrase: string) => ({ phrase, title: 'POST /orders' });
const id = source('`id` in the body of');

it.each([
  ['', []],
  ['&', []],
  ['a=1', [literal('a', '1')]],
  ['a=1&b=x=y', [literal('a', '1'), literal('b', 'x=y')]],
  ['a%5Bb%5D=c+d%20e', [literal('a[b]', 'c d e')]],
  ['a=100%', [literal('a', '100%')]],
  ['flag', [literal('flag', '')]],
  ['number={$request.body#/id}', [{ name: 'number', schema: { type: 'integer' }, source: id }]],
  ['{$request.body#/id}=1', [{ ...literal('id', '1'), schema: { type: 'integer' }, source: id }]],
  ['{$request.body#/id}', [{ name: 'id', schema: { type: 'integer' }, source: id }]],
  [
    'ref={$request.query.kind}-{$request.body#/id}',
    [
      {
        name: 'ref',
        schema: { type: 'string' },
        source: source('`{kind}-{id}`, with `kind` in the query and `id` in the body of'),
      },
    ],
  ],
  ['a=1&a={$request.body#/id}', [{ ...literal('a', '1'), schema: { type: 'array', items: { type: 'string' } } }]],
])('the query %j has these parameters', (query, expected) => {
  expect(read(query)).toEqual(expected);
});
