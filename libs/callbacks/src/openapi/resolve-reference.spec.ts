import { expect, it } from '@jest/globals';
import { referenceIn, Resolver } from './resolve-reference.js';

const document = { a: { 'b/c d': 1, '100%': 2 }, chain: { $ref: '#/a' }, loop: { $ref: '#/loop' }, list: ['x'] };

it.each([
  [{ own: 1 }, { own: 1 }],
  [undefined, undefined],
  [{ $ref: { type: 'string' } }, { $ref: { type: 'string' } }],
  [{ $ref: '#' }, document],
  [{ $ref: '#/list/0' }, 'x'],
  [{ $ref: '#/a/b~1c%20d' }, 1],
  [{ $ref: '#/a/100%' }, 2],
  [{ $ref: '#/chain' }, document.a],
  [{ $ref: '#/loop' }, undefined],
  [{ $ref: '#/gone' }, undefined],
  [{ $ref: '#anchor' }, undefined],
  [{ $ref: 'other.yaml#/a' }, undefined],
])('%j refers to %j', (value, expected) => {
  const reference = referenceIn(value);
  expect(reference === undefined ? value : new Resolver(document as never).target(reference)).toEqual(expected);
});
