import { expect, it } from '@jest/globals';
import { Equality } from '../openapi/equality.js';
import { Resolver } from '../openapi/resolve-reference.js';
import { createMerger, unionSchema } from './merge-operations.js';

const json = (type: string) => ({ content: { 'application/json': { schema: { type } } } });
const either = (one: string, other: string) => ({
  content: { 'application/json': { schema: { anyOf: [{ type: one }, { type: other }] } } },
});
const header = (name: string, fields: object = {}) => ({ name, in: 'header', ...fields });
const document = {
  openapi: '3.1.0',
  info: { title: '', version: '' },
  paths: {},
  components: {
    requestBodies: { Text: { required: true, ...json('string') } },
    responses: { Ok: { description: 'fine', ...json('string') } },
  },
};
const body = { $ref: '#/components/requestBodies/Text' };
const ok = { $ref: '#/components/responses/Ok' };

it.each([
  ['the same body', { requestBody: body }, { requestBody: body }, { requestBody: body }],
  ['a body in one of them', {}, { requestBody: body }, { requestBody: { ...json('string'), required: false } }],
  [
    'two bodies',
    { requestBody: body },
    { requestBody: { required: true, ...json('integer') } },
    { requestBody: { required: true, ...either('string', 'integer') } },
  ],
  [
    'bodies of two media types',
    { requestBody: { content: { 'text/plain': {} } } },
    { requestBody: { content: { 'text/csv': {} } } },
    { requestBody: { required: false, content: { 'text/plain': {}, 'text/csv': {} } } },
  ],
  [
    'responses of one status',
    { responses: { 200: ok } },
    { responses: { 200: { description: 'good', ...json('integer') } } },
    { responses: { 200: { description: 'fine / good', ...either('string', 'integer') } } },
  ],
  ['responses of two', { responses: { 200: ok } }, { responses: { 204: ok } }, { responses: { 200: ok, 204: ok } }],
  [
    'a header in any case',
    { parameters: [header('X-A', { required: true, schema: { type: 'string' } })] },
    { parameters: [header('x-a', { required: true, schema: { type: 'integer' } })] },
    {
      parameters: [
        header('X-A', {
          description: '',
          required: true,
          schema: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
        }),
      ],
    },
  ],
  [
    'a header in one of them',
    { parameters: [header('X-A', { required: true })] },
    {},
    { parameters: [header('X-A', { required: false })] },
  ],
  [
    'summaries and descriptions',
    { summary: 'a', description: 'a' },
    { summary: 'b' },
    { summary: 'a / b', description: 'a' },
  ],
  ['deprecation of one', { deprecated: true }, {}, {}],
  ['deprecation of both', { deprecated: true }, { deprecated: true }, { deprecated: true }],
  ['no security', {}, { security: [] }, { security: [] }],
  ['security of one', {}, { security: [{ key: [] }] }, { security: [{}, { key: [] }] }],
])('%s', (_, one, other, expected) => {
  const mergeOperations = createMerger(new Resolver(document), new Equality());
  const merged = mergeOperations([one, other].map((operation) => ({ responses: {}, ...operation }) as never));
  expect(merged).toEqual({ responses: {}, parameters: [], ...expected });
});

it('a summary that several operations share is written once', () => {
  const mergeOperations = createMerger(new Resolver(document), new Equality());
  const operations = ['a', 'b', 'a'].map((summary) => ({ summary, operationId: summary, responses: { 200: ok } }));
  expect(mergeOperations(operations)).toMatchObject({
    summary: 'a / b',
    operationId: 'a_or_b',
    responses: { 200: ok },
  });
});

const A = { $ref: '#/components/schemas/A' };
const B = { $ref: '#/components/schemas/B' };
const C = { type: 'integer' };
const texts = (...values: string[]) => ({ type: 'string', enum: values });

it.each([
  [A, A, A],
  [A, { ...A }, A],
  [A, B, { anyOf: [A, B] }],
  [{ anyOf: [A, B] }, C, { anyOf: [A, B, C] }],
  [{ anyOf: [A, B] }, B, { anyOf: [A, B] }],
  [{ anyOf: [A], nullable: true }, B, { anyOf: [{ anyOf: [A], nullable: true }, B] }],
  [undefined, A, { anyOf: [{}, A] }],
  [undefined, undefined, {}],
  [texts('a'), texts('b', 'a'), texts('a', 'b')],
  [texts('a'), { type: 'string' }, { anyOf: [texts('a'), { type: 'string' }] }],
])('either of %j and %j is %j', (one, other, expected) => {
  expect(unionSchema([one, other], new Equality())).toEqual(expected);
});
