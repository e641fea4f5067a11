import { expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Resolver } from '../openapi/resolve-reference.js';
import { reachableComponents } from './referenced-parts.js';

const ref = (path: string) => ({ $ref: `#/components/${path}` });
const document = {
  openapi: '3.1.0',
  info: { title: '', version: '' },
  paths: { '/a': { post: { requestBody: ref('requestBodies/Body') } } },
  components: {
    schemas: {
      Loop: { properties: { self: ref('schemas/Loop'), next: ref('schemas/Part/properties/a') } },
      Part: { properties: { a: ref('schemas/Leaf') } },
      Leaf: { type: 'string' },
      'a/b c': { type: 'string' },
      Parent: { discriminator: { propertyName: 'kind' } },
      Heir: { allOf: [ref('schemas/Parent')] },
      Mapped: { discriminator: { propertyName: 'kind', mapping: { a: '#/components/schemas/Leaf', b: 'Part' } } },
      Fallback: { discriminator: { propertyName: 'kind', defaultMapping: 'Leaf' } },
      // Properties with these names are not fields of OpenAPI.
      Words: { properties: { discriminator: { type: 'string' }, security: { type: 'string' } } },
    },
    requestBodies: { Body: { content: { 'application/json': { schema: ref('schemas/Leaf') } } } },
    securitySchemes: { key: { type: 'apiKey' }, other: { type: 'apiKey' } },
  },
} as unknown as OpenAPIObject;

it.each([
  [{}, {}],
  [ref('schemas/Gone'), {}],
  [{ $ref: 'other.yaml#/components/schemas/Leaf' }, {}],
  [{ deep: [ref('schemas/Loop')] }, { schemas: ['Loop', 'Part', 'Leaf'] }],
  [ref('schemas/a~1b%20c'), { schemas: ['a/b c'] }],
  [ref('requestBodies/Body'), { schemas: ['Leaf'], requestBodies: ['Body'] }],
  [{ $ref: '#/paths/~1a/post' }, { schemas: ['Leaf'], requestBodies: ['Body'] }],
  [ref('schemas/Parent'), { schemas: ['Parent', 'Heir'] }],
  [ref('schemas/Mapped'), { schemas: ['Part', 'Leaf', 'Mapped'] }],
  [ref('schemas/Fallback'), { schemas: ['Leaf', 'Fallback'] }],
  [ref('schemas/Words'), { schemas: ['Words'] }],
  [{ security: [{ key: [] }] }, { securitySchemes: ['key'] }],
])('%j needs %j', (root, expected) => {
  const reached = Object.entries(reachableComponents(root, document, new Resolver(document)));
  expect(Object.fromEntries(reached.map(([section, entries]) => [section, Object.keys(entries!)]))).toEqual(expected);
});
