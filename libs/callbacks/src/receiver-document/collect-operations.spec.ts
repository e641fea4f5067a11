import { describe, expect, it } from '@jest/globals';
import { Resolver } from '../openapi/resolve-reference.js';
import { completeOperation } from './collect-operations.js';
import { parameterKey } from '../openapi/document-operations.js';

const parameters = { Id: { in: 'query', name: 'Id' } };
const RESOLVER = new Resolver({ components: { parameters: parameters as never } });
const complete = (operation: object, item: object) => completeOperation(operation as never, item as never, RESOLVER);

it.each([
  [{ in: 'query', name: 'Id' }, 'query Id'],
  [{ in: 'header', name: 'X-Id' }, 'header x-id'],
  [{ $ref: '#/components/parameters/Id' }, 'query Id'],
  [{ $ref: '#/components/parameters/None' }, 'undefined undefined'],
  [{ in: 'header' }, 'header undefined'],
])('the key of the parameter %j is %s', (parameter, key) => {
  expect(parameterKey(parameter as never, RESOLVER)).toBe(key);
});

describe('an operation', () => {
  it('has the fields of its path item, unless it has its own', () => {
    const item = { summary: 'of the item', description: 'of the item' };
    expect(complete({ responses: {} }, item)).toEqual({ ...item, responses: {} });
    expect(complete({ summary: 'own', description: 'own' }, item)).toEqual({ summary: 'own', description: 'own' });
    expect(Object.keys(complete({ responses: {} }, {}))).toEqual(['responses']);
  });

  it('has the parameters of its path item before its own, unless it declares them itself', () => {
    const [a, b] = [
      { in: 'query', name: 'a' },
      { in: 'query', name: 'b' },
    ];
    const own = { in: 'header', name: 'X-A' };
    const item = { parameters: [a, b, { in: 'header', name: 'x-a' }, { $ref: '#/components/parameters/Id' }] };
    expect(complete({ parameters: [{ ...b, description: 'own' }, own] }, item).parameters).toEqual([
      a,
      { $ref: '#/components/parameters/Id' },
      { ...b, description: 'own' },
      own,
    ]);
    expect(complete({}, { parameters: [a] }).parameters).toEqual([a]);
    expect(complete({ parameters: [a] }, { parameters: [a] }).parameters).toEqual([a]);
    expect(complete({}, { parameters: [] })).toEqual({});
  });

  it("lacks what is written elsewhere in the receiver's document", () => {
    expect(complete({ callbacks: {}, servers: [], tags: ['a'], operationId: 'paid' }, {})).toEqual({
      operationId: 'paid',
    });
  });
});
