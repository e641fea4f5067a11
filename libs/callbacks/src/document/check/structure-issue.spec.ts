import { describe, expect, it } from '@jest/globals';
import { Resolver } from '../../openapi/resolve-reference.js';
import { jsonTypesOf, scalarsWithin, structureOf } from './structure-issue.js';

const text = { type: 'string' };
const schemas = {
  Texts: { type: 'array', items: text },
  Hook: { type: 'object', properties: { id: { type: 'integer' }, urls: { $ref: '#/components/schemas/Texts' } } },
  Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } },
  Loop: { allOf: [{ $ref: '#/components/schemas/Loop' }] },
} as never;
const RESOLVER = new Resolver({ components: { schemas } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('a value that no URL can contain is named', () => {
  it.each<[unknown, string]>([
    [{ type: 'array', items: text }, 'an array'],
    [{ type: ['array', 'null'], items: text }, 'an array'],
    [{ type: 'array', nullable: true }, 'an array'],
    [{ items: text }, 'an array'],
    [{ prefixItems: [text] }, 'an array'],
    [{ type: 'object', properties: { id: text } }, 'an object'],
    [{ properties: {} }, 'an object'],
    [{ additionalProperties: text }, 'an object'],
    [ref('Texts'), 'an array'],
    [{ ...ref('Hook'), description: 'beside the reference' }, 'an object'],
    [{ allOf: [ref('Hook')], nullable: true }, 'an object'],
    [{ allOf: [{}, { type: ['array', 'string'] }, { type: 'array' }] }, 'an array'],
    [{ oneOf: [ref('Hook'), { type: 'null' }] }, 'an object'],
    [{ anyOf: [ref('Hook'), ref('Texts')] }, 'an array or an object'],
    [{ enum: [['a'], null] }, 'an array'],
    [{ const: { a: 1 } }, 'an object'],
    [{ type: 'null' }, 'nothing but null'],
  ])('for %j', (schema, structure) => {
    expect(structureOf([schema], RESOLVER)).toBe(structure);
  });

  it.each<[unknown]>([
    [undefined],
    [{}],
    // `@nestjs/swagger` writes this for `string | null` without a declared type.
    [{ type: 'object' }],
    [{ type: 'object', properties: {}, nullable: true }],
    [true],
    [text],
    [{ type: ['string', 'null'] }],
    [{ type: ['array', 'string'] }],
    [{ type: 'integer', nullable: true }],
    [{ enum: ['a', 1] }],
    [{ const: 'a' }],
    [{ oneOf: [ref('Texts'), text] }],
    [{ anyOf: [ref('Hook'), {}] }],
    [{ allOf: [{ type: ['array', 'string'] }, text] }],
    [ref('Gone')],
    [ref('Loop')],
    [{ $ref: 'other.yaml#/Texts' }],
  ])('but not for %j', (schema) => {
    expect(structureOf([schema], RESOLVER)).toBeUndefined();
  });

  it('only if no possible schema allows another', () => {
    expect(structureOf([ref('Texts'), ref('Hook')], RESOLVER)).toBe('an array or an object');
    expect(structureOf([ref('Texts'), text], RESOLVER)).toBeUndefined();
    expect(structureOf([ref('Texts'), undefined], RESOLVER)).toBeUndefined();
  });
});

it('an integer is a number', () => {
  expect(jsonTypesOf({ allOf: [{ type: 'integer' }, { type: 'number' }] }, RESOLVER)).toEqual(new Set(['number']));
});

describe('the values in a schema', () => {
  it.each<[unknown, string[]]>([
    [{ type: 'array', items: text }, ['0']],
    [ref('Hook'), ['id', 'urls/0']],
    [{ type: 'array', items: ref('Hook') }, ['0/id', '0/urls/0']],
    [{ oneOf: [ref('Hook'), { properties: { url: text } }] }, ['id', 'url', 'urls/0']],
    [ref('Node'), []],
    [ref('Loop'), []],
    [{ additionalProperties: text }, []],
    [text, []],
  ])('%j are listed by their pointers', (schema, pointers) => {
    expect(scalarsWithin(schema, RESOLVER).map((path) => path.join('/'))).toEqual(pointers);
  });
});
