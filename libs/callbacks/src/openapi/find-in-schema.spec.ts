import { describe, expect, it } from '@jest/globals';
import { findInSchema } from './find-in-schema.js';
import { Resolver } from './resolve-reference.js';

const SCHEMAS = {
  Person: {
    type: 'object',
    properties: { name: { type: 'string' }, friend: { $ref: '#/components/schemas/Person' } },
  },
  Loop: { allOf: [{ $ref: '#/components/schemas/Loop' }] },
  Employee: { $ref: '#/components/schemas/Person', properties: { staff: { type: 'integer' } } },
  'a/b': { type: 'object', properties: { c: { type: 'string' } } },
};
const RESOLVER = new Resolver({ components: { schemas: SCHEMAS as never } });
const person = { $ref: '#/components/schemas/Person' };
const text = { type: 'string' };

const search = (schema: unknown, pointer: string) =>
  findInSchema(schema, pointer === '' ? [] : pointer.slice(1).split('/'), RESOLVER);

describe('a pointer is found', () => {
  it.each<[string, unknown, string, unknown]>([
    ['the whole', text, '', text],
    ['a property', SCHEMAS.Person, '/name', text],
    ['a property behind references', person, '/friend/friend/name', text],
    ['an item', { type: 'array', items: text }, '/10', text],
    ['an item of a tuple', { prefixItems: [person, text], items: person }, '/1', text],
    ['an item behind a tuple', { prefixItems: [person], items: text }, '/1', text],
    ['a value of a map', { additionalProperties: text }, '/anything', text],
    ['a property of a pattern', { patternProperties: { '^x-': text }, additionalProperties: false }, '/x-a', text],
    [
      'one that may have a pattern',
      { patternProperties: { '^(a+)+$': text }, additionalProperties: false },
      '/y',
      text,
    ],
    ['a part that is combined twice', { allOf: [person, person] }, '/name', text],
    ['one of several', { oneOf: [{ properties: { a: text } }, { properties: { b: text } }] }, '/b', text],
    ['any of several', { anyOf: [{ properties: { a: text } }, { properties: { b: text } }] }, '/a', text],
    ['all of several', { allOf: [person], properties: { b: text } }, '/name', text],
    ['what a discriminator maps', { properties: {}, discriminator: { mapping: { p: person.$ref } } }, '/name', text],
    ['what it maps by a name', { properties: {}, discriminator: { mapping: { p: 'Person' } } }, '/name', text],
    ['what it maps by default', { properties: {}, discriminator: { defaultMapping: 'Person' } }, '/name', text],
    ['a property beside a reference', { $ref: '#/components/schemas/Employee' }, '/staff', { type: 'integer' }],
    ['a property of a part', { $ref: '#/components/schemas/Person/properties/friend' }, '/name', text],
    ['a property of a model with an escaped name', { $ref: '#/components/schemas/a~1b' }, '/c', text],
    ['a part that declares more than another', { allOf: [{ type: 'object' }, person] }, '/name', text],
  ])('as %s', (_, schema, pointer, found) => {
    expect(search(schema, pointer)).toEqual({ found: true, declared: [], schemas: [found] });
  });

  it('as each of the values that it can be', () => {
    const either = { oneOf: [{ properties: { a: text } }, { properties: { a: person } }, { type: 'object' }] };
    expect(search(either, '/a').schemas).toEqual([text, person, undefined]);
  });

  it.each<[string, unknown, string]>([
    ['no schema', undefined, '/a'],
    ['a schema that says nothing', {}, '/a/b'],
    ['a free-form object', { type: 'object' }, '/a'],
    ['an array of anything', { type: ['array', 'null'] }, '/0'],
    ['a map of anything', { additionalProperties: true }, '/a/b'],
    ['a reference to elsewhere', { $ref: 'other.json#/components/schemas/Person' }, '/a'],
  ])('if it cannot be known: %s', (_, schema, pointer) => {
    const { found, declared } = search(schema, pointer);
    expect({ found, declared }).toEqual({ found: true, declared: [] });
  });
});

describe('a pointer is not found', () => {
  it.each<[string, unknown, string, string[]]>([
    ['a property', SCHEMAS.Person, '/nme', ['name', 'friend']],
    ['a property behind references', person, '/friend/nme', ['friend/name', 'friend/friend']],
    ['what is inherited from Object', SCHEMAS.Person, '/constructor', ['name', 'friend']],
    ['a property of a string', text, '/a', []],
    ['a property of an array', { items: text }, '/a', ['0']],
    ['an index with a leading zero', { items: text }, '/01', ['0']],
    ['an index with letters after it', { items: text }, '/1a', ['0']],
    ['a negative index', { items: text }, '/-1', ['0']],
    ['the element after the last', { prefixItems: [text] }, '/-', ['0']],
    ['a value of a closed map', { additionalProperties: false }, '/a', []],
    ['one of several', { oneOf: [{ properties: { a: text } }, { properties: { b: text } }] }, '/c', ['a', 'b']],
    ['a property of a referenced part', { $ref: '#/components/schemas/Person/properties/name' }, '/a', []],
    ['a property of an escaped name', { $ref: '#/components/schemas/a~1b' }, '/d', ['c']],
    [
      'one of what a discriminator maps',
      { properties: {}, discriminator: { mapping: { p: 'Person', q: 7 }, defaultMapping: 'Person' } },
      '/nme',
      ['name', 'friend'],
    ],
    ['a schema that refers to itself', { $ref: '#/components/schemas/Loop' }, '/a', []],
  ])('as %s', (_, schema, pointer, declared) => {
    expect(search(schema, pointer)).toEqual({
      found: false,
      declared: declared.map((path) => path.split('/')),
      schemas: [],
    });
  });
});

describe('a schema of any size', () => {
  /** A schema of so many levels, each made from the one below it. */
  function nest(levels: number, above: (below: object) => object): object {
    let schema: object = { properties: { id: text } };
    for (let level = 0; level < levels; level += 1) schema = above(schema);
    return schema;
  }

  it.each<[string, object]>([
    ['twice all of the same, 10,000 deep', nest(10_000, (below) => ({ allOf: [below, below] }))],
    ['twice one of the same, 10,000 deep', nest(10_000, (below) => ({ oneOf: [below, below] }))],
  ])('is searched once: %s', (_, schema) => {
    expect(search(schema, '/id')).toEqual({ found: true, declared: [], schemas: [text] });
    expect(search(schema, '/none')).toEqual({ found: false, declared: [['id']], schemas: [] });
  });

  it('is searched to the end of a long pointer', () => {
    const deep = nest(10_000, (a) => ({ properties: { a } }));
    expect(search(deep, `${'/a'.repeat(10_000)}/id`).schemas).toEqual([text]);
  });
});
