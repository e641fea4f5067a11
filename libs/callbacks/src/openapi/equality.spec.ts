import { expect, it } from '@jest/globals';
import { Equality } from './equality.js';

it.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: '1' }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [{ 0: 'a' }, ['a'], false],
  [{}, { a: undefined }, false],
  [{ a: null }, { a: undefined }, false],
  ['#0', {}, false],
  [undefined, undefined, true],
  [null, 'null', false],
  [{ a: { b: {} } }, { a: { b: [] } }, false],
])('%j and %j are equal: %s', (one, other, expected) => {
  const equality = new Equality();
  expect(equality.areEqual(one, other)).toBe(expected);
  expect(equality.distinct([one, other, one])).toEqual(expected ? [one] : [one, other]);
});

it('is not limited by the depth of a value', () => {
  const deep = () => JSON.parse('[{"a":'.repeat(20_000) + '1' + '}]'.repeat(20_000)) as unknown;
  expect(new Equality().areEqual(deep(), deep())).toBe(true);
});
