import { describe, expect, it } from '@jest/globals';
import { jsonTypesOf, scalarsWithin, structureOf } from './structure-issue.js';

const text = { type: 'string' };
const SCHEMAS = {
  Texts: { type: 'array', items: text },
  Hook: { type: 'object', properties: { id: { type: 'integer' }, urls: { $ref: '#/components/schemas/Texts' } } },
  Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } },
  Loop: { allOf: [{ $ref: '#/components/schemas/Loop' }] },
} as never;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('a value that no URL can hold is told', () => {
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
  ])('of %j', (schema, structure) => {
    expect(structureOf([schema], SCHEMAS)).toBe(structure);
  });

  it.each<[unknown]>([
    [undefined],
    [{}],
    // Of `string | null` without a type `@nestjs/swagger` knows no more.
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
  ])('and of %j it is not', (schema) => {
    expect(structureOf([schema], SCHEMAS)).toBeUndefined();
  });

  it('only if no possible schema allows another', () => {
    expect(structureOf([ref('Texts'), ref('Hook')], SCHEMAS)).toBe('an array or an object');
    expect(structureOf([ref('Texts'), text], SCHEMAS)).toBeUndefined();
    expect(structureOf([ref('Texts'), undefined], SCHEMAS)).toBeUndefined();
  });
});

it('an integer is a number', () => {
  expect(jsonTypesOf({ allOf: [{ type: 'integer' }, { type: 'number' }] }, SCHEMAS)).toEqual(new Set(['number']));
});

describe('the values within', () => {
  it.each<[unknown, string[]]>([
    [{ type: 'array', items: text }, ['0']],
    [ref('Hook'), ['id', 'urls/0']],
    [{ type: 'array', items: ref('Hook') }, ['0/id', '0/urls/0']],
    [{ oneOf: [ref('Hook'), { properties: { url: text } }] }, ['id', 'url', 'urls/0']],
    [ref('Node'), []],
    [ref('Loop'), []],
    [{ additionalProperties: text }, []],
    [text, []],
  ])('of %j are known by their pointers', (schema, pointers) => {
    expect(scalarsWithin(schema, SCHEMAS).map((path) => path.join('/'))).toEqual(pointers);
  });
});
