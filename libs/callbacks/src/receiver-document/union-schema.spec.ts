import { expect, it } from '@jest/globals';
import { Equality } from '../openapi/equality.js';
import { unionSchema } from './union-schema.js';

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
