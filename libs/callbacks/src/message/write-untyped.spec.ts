import { describe, expect, it } from '@jest/globals';
import { ApiProperty } from '@nestjs/swagger';
import { Exclude, Expose } from 'class-transformer';
import { toPlain } from './write-value.js';

describe('a value without declarations', () => {
  class Bare {
    [key: string]: unknown;
  }
  class Column {
    @ApiProperty() id = 1;
    @Exclude() secret = 'x';
  }
  /** What a decorator of another library leaves: the type of the property. */
  class Entity {
    column?: unknown;
    tags?: unknown;
  }
  Reflect.defineMetadata('design:type', Column, Entity.prototype, 'column');
  class Hiding {
    @Exclude() secret = 'x';
    shown = 1;
  }
  class Renaming {
    @Expose({ name: 'the_id' }) id = 1;
  }
  class Json {
    toJSON(key: string) {
      return { key };
    }
  }
  const of = <T extends object>(Class: new () => T, properties: object) => Object.assign(new Class(), properties);

  it.each<[title: string, value: unknown]>([
    ['rows', [{ id: 1, at: new Date(0), tags: ['a'], owner: { id: 2 }, none: null, left: undefined }]],
    ['an object without a prototype', Object.assign(Object.create(null), { id: 1 })],
    ['a query of Fastify', [Object.assign(Object.create(Object.create(null)), { id: 1 })]],
    ['instances of a class without decorators', [of(Bare, { id: 1, rows: [{ id: 2 }], inner: of(Bare, {}) })]],
    ['entities of another library', of(Entity, { tags: ['a'], column: 5 })],
    ['bytes', Buffer.from('a')],
  ])('is returned itself if JSON.stringify() writes it: %s', async (_title, value) => {
    expect(await toPlain(value)).toBe(value);
  });

  it.each<[title: string, value: unknown, json: unknown]>([
    ['a Map and a Set', { a: new Map([['b', new Set([1, of(Bare, { id: 1 })])]]) }, { a: { b: [1, { id: 1 }] } }],
    [
      'a Map of functions',
      new Map<string, unknown>([
        ['toJSON', () => 1],
        ['a', 1],
      ]),
      { a: 1 },
    ],
    ['a toJSON(), which is given the key', { a: new Json(), b: [new Json()] }, { a: { key: 'a' }, b: [{ key: '0' }] }],
    ['a function', { a: 1, f: () => 1 }, { a: 1 }],
    ['a collection in an instance without decorators', of(Bare, { ids: new Set([1]) }), { ids: [1] }],
    ['an instance that hides a property', [of(Bare, { inner: new Hiding() })], [{ inner: { shown: 1 } }]],
    ['an instance that renames one', { deep: [{ inner: new Renaming() }] }, { deep: [{ inner: { the_id: 1 } }] }],
    ['a plain object where an entity has a class', of(Entity, { column: { secret: 'y' } }), { column: { id: 1 } }],
    ['a key named __proto__', JSON.parse('{"f":1,"__proto__":{"a":1}}'), JSON.parse('{"f":1,"__proto__":{"a":1}}')],
  ])('is copied if it is not: %s', async (_title, value, json) => {
    expect(JSON.parse(JSON.stringify(await toPlain(value)))).toEqual(json);
  });
});
