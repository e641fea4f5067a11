import { expect, it } from '@jest/globals';
import { Resolver } from '../openapi/resolve-reference.js';
import { pruneLinks } from './write-paths.js';

const kept = { operationId: 'kept' };
const gone = { operationId: 'gone' };
const elsewhere = { operationRef: 'https://other.example/openapi.json#/paths/~1a/get' };
const here = { operationRef: '#/paths/~1a/get' };
const RESOLVER = new Resolver({
  components: {
    links: { Kept: kept, Gone: gone },
    responses: { Shared: { description: 'shared', links: { kept, gone } } },
  },
});

const linksOf = (response: object) =>
  pruneLinks({ responses: { 200: response } } as never, new Set(['kept', undefined]), RESOLVER).responses['200'];

it('links to an operation of the receiver or to another document are kept', () => {
  const links = {
    kept,
    gone,
    elsewhere,
    here,
    nothing: {},
    referred: { $ref: '#/components/links/Kept' },
    other: { $ref: '#/components/links/Gone' },
  };
  expect(linksOf({ description: 'a', links })).toEqual({
    description: 'a',
    links: { kept, elsewhere, referred: { $ref: '#/components/links/Kept' } },
  });
});

it('a response without kept links has no links', () => {
  expect(linksOf({ description: 'a', links: { gone } })).toEqual({ description: 'a' });
  expect(linksOf({ $ref: '#/components/responses/Shared' })).toEqual({ description: 'shared', links: { kept } });
});

it('a response with all links is not changed, nor is an operation without responses', () => {
  const response = { description: 'a', links: { kept } };
  expect(linksOf(response)).toBe(response);
  const reference = { $ref: '#/components/responses/None' };
  expect(linksOf(reference)).toBe(reference);
  const operation = { operationId: 'a' };
  expect(pruneLinks(operation as never, new Set(), RESOLVER)).toBe(operation);
});
