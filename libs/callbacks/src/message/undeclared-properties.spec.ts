import { describe, expect, it } from '@jest/globals';
import { Body, Headers, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiProperty,
  ApiQuery,
  ApiSchema,
  getSchemaPath,
  OmitType,
  PartialType,
  PickType,
} from '@nestjs/swagger';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { z } from 'zod';
import { CallbackContractError } from '../errors/contract.errors.js';
import { CallbackController } from '../decorators/callback-class.decorators.js';
import type { ModelClass } from '../metadata/model.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { renderRequest } from './render-request.js';
import { UndeclaredProperties } from './undeclared-properties.js';
import type { UndeclaredMode } from './undeclared-properties.js';

/** A callback class whose one method takes a body of this class. */
function callbackOf(type: unknown, decorate: MethodDecorator[] = []): ModelClass {
  class Callbacks {
    paid(body: unknown): void {
      void body;
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Callbacks.prototype, 'paid')!;
  Reflect.defineMetadata('design:paramtypes', [type], Callbacks.prototype, 'paid');
  Body()(Callbacks.prototype, 'paid', 0);
  for (const decorator of [Post('paid'), ...decorate]) decorator(Callbacks.prototype, 'paid', descriptor);
  CallbackController('https://x.example')(Callbacks);
  return Callbacks;
}

async function render(Callbacks: ModelClass, values: unknown[], mode: UndeclaredMode = 'remove') {
  const warnings: string[] = [];
  const undeclared = new UndeclaredProperties(mode, (message) => warnings.push(message));
  const [operation] = readCallbackContract(Callbacks).operations;
  const request = await renderRequest(operation!, 'https://x.example/a', values, undeclared);
  return { ...request, json: request.body === undefined ? undefined : (JSON.parse(request.body) as unknown), warnings };
}
const sent = async (type: unknown, value: unknown, decorate: MethodDecorator[] = []) =>
  (await render(callbackOf(type, decorate), [value])).json;

class Documented {
  @ApiProperty() text!: string;
}
class Validated {
  @IsString() text!: string;
}
class OfPlugin {
  text!: string;
  static _OPENAPI_METADATA_FACTORY() {
    return { text: { required: true, type: () => String } };
  }
}
class Exposed {
  @Expose({ name: 'the_text' }) text!: string;
  @Exclude() note?: string;
}
class Typed {
  @Type(() => Date) text!: string;
}
class Sub extends Documented {
  @ApiProperty() more!: number;
}
class Inner {
  @ApiProperty() id!: number;
}
class Nested {
  @ApiProperty() one!: Inner;
  @ApiProperty({ type: [Inner] }) many!: Inner[];
  @ApiProperty({ type: () => [Inner] }) lazy!: Inner[];
  @ApiProperty({ type: () => [[Inner]] }) deep!: Inner[][];
  @Type(() => Inner) typed!: Map<string, Inner>;
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(Inner) } })
  byName!: Record<string, Inner>;
  @IsOptional() reflected?: Inner;
  @ApiProperty({ type: 'object', properties: { id: { type: 'number' } } }) literal!: object;
}
ApiExtraModels(Inner)(Nested);
class Free {
  @ApiProperty({ type: 'object', additionalProperties: true }) record!: Record<string, unknown>;
  @ApiProperty() anything!: unknown;
  @IsOptional() tags?: Record<string, string>;
}
@ApiSchema({ name: 'Open', additionalProperties: true } as never)
class Open {
  @ApiProperty() text!: string;
}
const inner = { id: 1, hidden: 2 };
const text = { text: 'a', hidden: 'secret' };

describe('a property that is not declared is removed', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['@ApiProperty()', Documented, text, { text: 'a' }],
    ['class-validator', Validated, text, { text: 'a' }],
    ['the CLI plugin', OfPlugin, text, { text: 'a' }],
    ['@Expose(), by the name in the class', Exposed, { ...text, note: 'n' }, { the_text: 'a' }],
    ['@Expose(), by the name in JSON', Exposed, { the_text: 'a', hidden: 1 }, { the_text: 'a' }],
    ['@Type()', Typed, { text: new Date(0), hidden: 1 }, { text: '1970-01-01T00:00:00.000Z' }],
    ['a class and one that it extends', Sub, { ...text, more: 1 }, { text: 'a', more: 1 }],
    [
      'the declared class, of an instance of one that extends it',
      Documented,
      Object.assign(new Sub(), text, { more: 1 }),
      { text: 'a' },
    ],
    ['PartialType()', PartialType(Sub), { ...text, more: 1 }, { text: 'a', more: 1 }],
    ['PickType()', PickType(Sub, ['more']), { ...text, more: 1 }, { more: 1 }],
    ['OmitType()', OmitType(Validated, ['text']), text, text],
    ['OmitType() of what is validated', OmitType(Sub, ['more']), { ...text, more: 1 }, { text: 'a' }],
    ['PartialType() of what the CLI plugin read', PartialType(OfPlugin), text, { text: 'a' }],
    [
      'classes within',
      Nested,
      {
        one: inner,
        many: [inner],
        lazy: [inner],
        deep: [[inner]],
        typed: new Map([['a', inner]]),
        byName: { a: inner, b: inner },
        reflected: inner,
        literal: inner,
        hidden: 1,
      },
      {
        one: { id: 1 },
        many: [{ id: 1 }],
        lazy: [{ id: 1 }],
        deep: [[{ id: 1 }]],
        typed: { a: { id: 1 } },
        byName: { a: { id: 1 }, b: { id: 1 } },
        reflected: { id: 1 },
        literal: { id: 1 },
      },
    ],
  ])('declared by %s', async (_title, type, value, json) => {
    expect(await sent(type, value)).toEqual(json);
  });

  it('of an entity of another class, and of the result of its toJSON()', async () => {
    class Entity {
      text = 'a';
      passwordHash = 'secret';
    }
    class Row {
      readonly #data = { text: 'a', passwordHash: 'secret' };
      readonly internals = 'secret';
      toJSON() {
        return { ...this.#data };
      }
    }
    for (const type of [Documented, Validated]) {
      expect(await sent(type, new Entity())).toEqual({ text: 'a' });
      expect(await sent(type, new Row())).toEqual({ text: 'a' });
    }
    class Outer {
      @ApiProperty() @ValidateNested() inner!: Validated;
    }
    expect(await sent(Outer, { inner: new Entity() })).toEqual({ inner: { text: 'a' } });
    expect(await sent(Outer, { inner: new Row() })).toEqual({ inner: { text: 'a' } });
  });

  it.each([false, true])('of a class that a discriminator names, which keeps its property: %j', async (isKept) => {
    class Card {
      @IsString() number!: string;
    }
    class Transfer {
      @IsString() iban!: string;
    }
    const subTypes = [
      { value: Card, name: 'card' },
      { value: Transfer, name: 'transfer' },
    ];
    class Cart {
      @ValidateNested()
      @Type(() => Object, { discriminator: { property: 'kind', subTypes }, keepDiscriminatorProperty: isKept })
      payment!: Card | Transfer;
      @ValidateNested({ each: true })
      @Type(() => Object, { discriminator: { property: 'kind', subTypes }, keepDiscriminatorProperty: isKept })
      payments!: (Card | Transfer)[];
    }
    const card = { kind: 'card', number: '1', iban: 'x', hidden: 1 };
    const transfer = Object.assign(new Transfer(), { iban: 'a', number: 'x', hidden: 1 });
    expect(await sent(Cart, { payment: card, payments: [transfer, card] })).toEqual({
      payment: { kind: 'card', number: '1' },
      payments: [
        { kind: 'transfer', iban: 'a' },
        { kind: 'card', number: '1' },
      ],
    });
    await expect(sent(Cart, { payment: { kind: 'card', number: 1 }, payments: [] })).rejects.toMatchObject({
      issues: [{ path: 'payment.number' }],
    });
  });

  it('of one of several models, by the names that any of them declares', async () => {
    class Cat {
      @ApiProperty() meow!: string;
    }
    class Dog {
      @ApiProperty() bark!: string;
    }
    const decorators = [
      ApiExtraModels(Cat, Dog),
      ApiBody({ schema: { oneOf: [{ $ref: getSchemaPath(Cat) }, { $ref: getSchemaPath(Dog) }] } }),
    ];
    const pet = { meow: 'm', bark: 'b', hidden: 1 };
    expect(await sent(Object, pet, decorators)).toEqual({ meow: 'm', bark: 'b' });
    expect(await sent(Object, Object.assign(new Cat(), pet), decorators)).toEqual({ meow: 'm' });
    class Owner {
      @ApiProperty({ oneOf: [{ $ref: getSchemaPath(Cat) }, { type: 'string' }] }) pet!: unknown;
      @ApiProperty({ allOf: [{ $ref: getSchemaPath(Dog) }] }) dog!: unknown;
    }
    expect(await sent(Owner, { pet, dog: pet }, decorators)).toEqual({ pet: { meow: 'm' }, dog: { bark: 'b' } });
  });

  it('of a generic class, by its parameter', async () => {
    function PageOf<T>(Item: new () => T) {
      class Page {
        @ApiProperty({ type: [Item] }) items!: T[];
      }
      return Page;
    }
    expect(await sent(PageOf(Inner), { items: [inner], hidden: 1 })).toEqual({ items: [{ id: 1 }] });
    const schema = { allOf: [{ properties: { items: { type: 'array', items: { $ref: getSchemaPath(Inner) } } } }] };
    const decorators = [ApiExtraModels(Inner), ApiBody({ schema: schema as never })];
    expect(await sent(Object, { items: [inner], hidden: 1 }, decorators)).toEqual({ items: [{ id: 1 }] });
  });

  it('once the metadata of the CLI plugin is loaded', async () => {
    class Late {
      text!: string;
    }
    expect(await sent(Late, text)).toEqual(text);
    Object.assign(Late, { _OPENAPI_METADATA_FACTORY: () => ({ text: { required: true } }) });
    expect(await sent(Late, text)).toEqual({ text: 'a' });
  });

  it('of a query and of headers, but not what other decorators declare, or another case of a name', async () => {
    class Filter {
      @IsInt() limit!: number;
    }
    class Trace {
      @ApiProperty() 'X-Trace'!: string;
    }
    @CallbackController('https://x.example')
    class Callbacks {
      @Post() @ApiQuery({ name: 'tag', required: false }) paid(
        @Query() filter: Filter,
        @Headers() trace: Trace,
        @Query('one') one?: string,
      ): void {
        void [filter, trace, one];
      }
    }
    const values = [
      { limit: 1, tag: 'a', one: 'b', hidden: 1 },
      { 'x-trace': 't', hidden: '1' },
    ];
    const { url, headers } = await render(Callbacks, values);
    expect(url).toBe('https://x.example/a?limit=1&tag=a&one=b');
    expect(headers).toEqual({ accept: 'application/json', 'x-trace': 't' });
  });
});

describe('everything is kept', () => {
  it.each<[string, unknown, unknown]>([
    ['in a free-form property', Free, { record: { a: inner }, anything: { b: [inner] }, tags: { constructor: 'F' } }],
    ['of a class that says so', Open, text],
    ['of a class of which nothing is declared', class Unknown {}, text],
    ['of no class', Object, [inner, { constructor: 'F' }]],
  ])('%s', async (_title, type, value) => {
    expect(await sent(type, value)).toEqual(value);
  });
});

describe('a Standard Schema', () => {
  const bySchema = (schema: z.ZodType) => {
    class Dto {
      static readonly schema = schema;
    }
    return callbackOf(Dto);
  };
  const Line = z.object({ id: z.number(), at: z.coerce.date().optional() });

  it.each<[string, z.ZodType, unknown, unknown]>([
    [
      'its objects',
      z.object({ line: Line, lines: z.array(Line) }),
      { line: inner, lines: [inner], x: 1 },
      { line: { id: 1 }, lines: [{ id: 1 }] },
    ],
    ['values as they were given', Line, { id: 1, at: '2026-01-01', x: 1 }, { id: 1, at: '2026-01-01' }],
    ['a default', z.object({ id: z.number().default(7) }), { x: 1 }, {}],
    ['what it lets through', z.looseObject({ id: z.number() }), inner, inner],
    ['a record', z.record(z.string(), z.number()), inner, inner],
    ['what it renames', z.object({ a: z.string() }).transform(({ a }) => ({ b: a })), { a: 'x' }, { a: 'x' }],
    [
      'one of several',
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
      { b: 'x', c: 1 },
      { b: 'x' },
    ],
  ])('knows %s', async (_title, schema, value, json) => {
    expect((await render(bySchema(schema), [value])).json).toEqual(json);
    expect((await render(bySchema(schema), [value], 'send')).json).toEqual(value);
  });

  it('names unknown properties', async () => {
    const { warnings } = await render(bySchema(Line), [inner]);
    expect(warnings).toEqual([expect.stringContaining('is sent without "hidden": Dto does not declare it')]);
    await expect(render(bySchema(z.array(Line)), [[inner]], 'error')).rejects.toMatchObject({
      issues: [{ path: '[0].hidden' }],
    });
  });
});

describe('undeclaredProperties', () => {
  const value = { one: inner, many: [inner, { id: 2 }], hidden: 'secret' };

  it("'error' refuses every one, with its path and its class, and without its value", async () => {
    const rendering = render(callbackOf(Nested), [value], 'error');
    const message = (model: string) =>
      `is not declared by ${model}: declare it, for example with @ApiProperty(), or remove it`;
    await expect(rendering).rejects.toMatchObject({
      issues: [
        { path: 'one.hidden', message: message('Inner') },
        { path: 'many[0].hidden', message: message('Inner') },
        { path: 'hidden', message: message('Nested') },
      ],
    });
    await expect(rendering).rejects.toBeInstanceOf(CallbackContractError);
    await expect(rendering).rejects.not.toThrow('secret');
    expect((await render(callbackOf(Nested), [{ one: { id: 1, hidden: undefined } }], 'error')).json).toEqual({
      one: { id: 1 },
    });
  });

  it("'send' sends them", async () => {
    const { json, warnings } = await render(callbackOf(Nested), [value], 'send');
    expect(json).toEqual(value);
    expect(warnings).toEqual([]);
  });

  it("'remove' warns of each once, with its class and the fix, and says why a test runner does not know it", async () => {
    const { warnings } = await render(callbackOf(Nested), [{ ...value, text: undefined }]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Callbacks\.paid is sent without "hidden": Inner does not declare it\. Fix: .*@ApiProperty\(\)/,
      ),
      expect.stringMatching(/Nested does not declare it.*the plugin runs in `nest build` only, not in test runners/),
    ]);
    const known = await render(callbackOf(OfPlugin), [text]);
    expect(known.warnings).toEqual([expect.not.stringContaining('plugin')]);
  });

  it('warns about a class without declarations', async () => {
    class Unknown {}
    const { warnings } = await render(callbackOf(Unknown), [{ a: 1 }]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Callbacks\.paid sends Unknown, which has no declared properties: it is neither documented nor/,
      ),
    ]);
  });

  it('warns a thousand times at most', async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`key${index}`, 1]));
    const { warnings, json } = await render(callbackOf(Documented), [many]);
    expect(json).toEqual({});
    expect(warnings).toHaveLength(1_001);
    expect(warnings.at(-1)).toContain('More than 1000');
  });
});

describe('values are written as by JSON.stringify()', () => {
  class Account {
    readonly #cents: number;
    constructor(cents: number) {
      this.#cents = cents;
    }
    @ApiProperty() get amount() {
      return this.#cents / 100;
    }
    get undocumented() {
      return 'x';
    }
  }
  class Money {
    readonly #cents = 999;
    @ApiProperty() amount?: number;
    @ApiProperty({ type: [Inner] }) lines: object[] = [];
    internal = 'x';
    toJSON() {
      return { amount: this.#cents / 100, lines: this.lines, currency: 'EUR' };
    }
  }
  class Written {
    @ApiProperty() @Transform(({ value }: { value: number }) => value / 100) total = 999;
    @Exclude() secret = 'x';
    toJSON() {
      return { total: this.total / 100, secret: this.secret };
    }
  }
  class Functions {
    @ApiProperty() a = 1;
    b = () => {
      throw new Error('It was called.');
    };
    @Expose() c() {
      return this.a;
    }
  }

  it.each<[string, unknown, unknown, unknown]>([
    ['a key named constructor', Object, { tags: { constructor: 'Ferrari' } }, { tags: { constructor: 'Ferrari' } }],
    ['private fields behind getters', Account, new Account(150), { amount: 1.5 }],
    ['toJSON() that gives an object', Money, new Money(), { amount: 9.99, lines: [] }],
    [
      'toJSON() of an instance with plain parts',
      Money,
      Object.assign(new Money(), { lines: [inner] }),
      { amount: 9.99, lines: [{ id: 1 }] },
    ],
    ['toJSON() to which decorators were applied', Written, new Written(), { total: 9.99 }],
    ['functions', Functions, new Functions(), { a: 1, c: 1 }],
    ['holes of an array', Array, Object.assign([1], { 2: 3 }), [1, null, 3]],
    ['a string', Object, { toJSON: () => 'text' }, 'text'],
    ['a list', Object, { x: { toJSON: () => [1, new Functions()] } }, { x: [1, { a: 1, c: 1 }] }],
    ['boxed values', Object, { a: new String('a'), b: Object(1) }, { a: 'a', b: 1 }],
    ['a Map and a Set', Object, { a: new Map([['b', new Set([1])]]) }, { a: { b: [1] } }],
  ])('of %s', async (_title, type, value, json) => {
    const { json: written, warnings } = await render(callbackOf(type), [value]);
    expect(written).toEqual(json);
    expect(warnings.filter((warning) => !/"(hidden|internal|currency)"/.test(warning))).toEqual([]);
  });

  it('of a key named __proto__', async () => {
    const value = JSON.parse('{"a":{"__proto__":{"b":1},"constructor":2}}') as object;
    const Any = callbackOf(Object);
    expect((await render(Any, [value])).body).toBe(JSON.stringify(value));
    expect((await render(Any, [{ x: value, y: new Functions() }])).body).toBe(
      '{"x":{"a":{"__proto__":{"b":1},"constructor":2}},"y":{"a":1,"c":1}}',
    );
    expect((await render(callbackOf(Documented), [value], 'send')).body).toBe(JSON.stringify(value));
    const own = JSON.parse('{"text":"a","constructor":2,"__proto__":3}') as object;
    expect((await render(callbackOf(Documented), [own], 'send')).body).toBe(
      JSON.stringify(own).replace('"constructor":2,', '').replace('}', ',"constructor":2}'),
    );
    await expect(render(callbackOf(Validated), [own], 'error')).rejects.toMatchObject({
      issues: [{ path: '__proto__' }, { path: 'constructor' }],
    });
  });
});

it('all headers of a Headers are sent', async () => {
  @CallbackController('https://x.example')
  class Callbacks {
    @Post() paid(@Headers() all: globalThis.Headers): void {
      void all;
    }
  }
  const { headers } = await render(Callbacks, [new globalThis.Headers({ 'X-One': '1', 'x-two': '2' })]);
  expect(headers).toMatchObject({ 'x-one': '1', 'x-two': '2' });
});
