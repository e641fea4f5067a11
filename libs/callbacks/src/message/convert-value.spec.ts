import { describe, expect, it } from '@jest/globals';
import { Body, Post, Query } from '@nestjs/common';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { Allow } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { InstanceMaker } from './convert-value.js';
import { loadModelPlans } from './model-plans.js';
import type { Shape } from './model-shape.js';
import { keysOf, valueOf } from './own-properties.js';
import { renderRequest } from './render-request.js';

describe('an object that is written as one string', () => {
  class Money {
    constructor(private readonly cents: number) {}
    toJSON() {
      return (this.cents / 100).toFixed(2);
    }
  }
  class Payment {
    @Transform(({ value }: { value: number }) => value + 1) count = 1;
    @Transform(({ value }: { value: Money }) => ({ amount: value.toJSON() })) fee = new Money(50);
    @Type(() => Money) total = new Money(999);
    @Allow() parts = [new Money(1), { of: new Money(2) }];
    @Allow() link = new URL('https://x.example/a?b=c');
    @Allow() at = new Date(0);
  }
  class Secret {
    constructor(public secret = 'secret') {}
    toJSON() {
      return { ...this, shown: 1 };
    }
  }
  Exclude()(Secret.prototype, 'secret');

  @CallbackController('https://x.example')
  class Payments {
    @Post('1') body(@Body() payment: Payment): void {
      return receiverReplies(payment);
    }
    @Post('2') any(@Body() payment: unknown): void {
      return receiverReplies(payment);
    }
    @Post('3') query(@Query('total') total: unknown, @Query('link') link: URL): void {
      return receiverReplies(total, link);
    }
  }
  const send = (methodName: string, ...values: unknown[]) => {
    const { operations } = readCallbackContract(Payments);
    const operation = operations.find((candidate) => candidate.methodName === methodName)!;
    return renderRequest(operation, 'https://x.example/a', values);
  };

  it('is sent as that string', async () => {
    const sent = {
      count: 2,
      fee: { amount: '0.50' },
      total: '9.99',
      parts: ['0.01', { of: '0.02' }],
      link: 'https://x.example/a?b=c',
      at: '1970-01-01T00:00:00.000Z',
    };
    expect(JSON.parse((await send('body', new Payment())).body!)).toEqual(sent);
    expect(JSON.parse((await send('any', { inner: new Payment() })).body!)).toEqual({ inner: sent });
    expect((await send('query', new Money(999), new URL('https://y.example'))).url).toBe(
      'https://x.example/a?total=9.99&link=https%3A%2F%2Fy.example%2F',
    );
  });

  it('is sent as the result of toJSON() if that is an object, without properties that have @Exclude()', async () => {
    expect((await send('any', { inner: new Secret() })).body).toBe('{"inner":{"shown":1}}');
  });
});

describe('what is checked of an argument', () => {
  class Item {
    @ApiProperty() id!: number;
    currency = 'EUR';
  }
  class LongItem extends Item {}
  class Other {
    @Allow() id = 1;
  }
  class Bare {
    [key: string]: unknown;
  }
  class Order {
    @ApiProperty() item?: Item;
    @Type(() => Date) at?: unknown;
    @Expose({ name: 'the_note' }) @Transform(() => 'changed') note?: string;
    @ApiProperty() any?: unknown;
  }
  class Json {
    constructor(readonly json: unknown) {}
    toJSON() {
      return this.json;
    }
  }
  class Card {
    @ApiProperty() number!: string;
  }
  class Transfer {
    @ApiProperty() iban!: string;
  }
  const subTypes = [
    { name: 'card', value: Card },
    { name: 'transfer', value: Transfer },
  ];
  const of = (Class: new () => object): Shape => ({ kind: 'class', Class, isMade: true });
  const free: Shape = { kind: 'free' };
  const oneOf: Shape = { kind: 'oneOf', shapes: [of(Card), of(Transfer)] };
  const discriminated: Shape = {
    kind: 'class',
    Class: Object,
    isMade: true,
    discriminator: { property: 'kind', subTypes },
  };
  const instance = <T extends object>(Class: new () => T, properties: object) => Object.assign(new Class(), properties);
  const make = async (shape: Shape, value: unknown) => new InstanceMaker(await loadModelPlans(), []).make(shape, value);
  const item = { id: 1 };
  const made = instance(Item, item);

  it.each<[title: string, shape: Shape, given: unknown, checked: unknown]>([
    ['a plain object, declared as a class', of(Item), item, made],
    ['... with properties that are not declared', of(Item), { id: 1, more: 2 }, instance(Item, { id: 1, more: 2 })],
    ['... under the names of the class, untransformed', of(Order), { note: 'n' }, instance(Order, { note: 'n' })],
    ['an instance of another class', of(Item), instance(Other, { id: 2 }), instance(Item, { id: 2 })],
    ['... with a toJSON()', of(Item), new Json({ id: 3 }), instance(Item, { id: 3 })],
    ['... whose toJSON() gives an instance of the class', of(Item), new Json(made), made],
    ['a toJSON() that gives a string', of(Item), new Json('1'), '1'],
    ['... or an array', of(Item), new Json([item]), [item]],
    ['an array', of(Item), [item, 'x', null], [made, 'x', null]],
    ['an array of arrays', of(Item), [[item]], [[made]]],
    ['a Set', of(Item), new Set([item]), new Set([made])],
    ['a Map', of(Item), new Map([['a', item]]), new Map([['a', made]])],
    ['a property of a class', of(Order), { item }, instance(Order, { item: made })],
    ['... of an instance', of(Order), instance(Order, { item }), instance(Order, { item: made })],
    ['... of a frozen instance', of(Order), Object.freeze(instance(Order, { item })), instance(Order, { item: made })],
    ['... of an instance, if no class is declared', free, instance(Order, { item }), instance(Order, { item: made })],
    ['... in a property without a class', of(Order), { any: { item } }, instance(Order, { any: { item } })],
    [
      'a string under @Type(() => Date)',
      of(Order),
      { at: '2026-01-01' },
      instance(Order, { at: new Date('2026-01-01') }),
    ],
    ['a number under it', of(Order), { at: 0 }, instance(Order, { at: new Date(0) })],
    ['anything else under it', of(Order), { at: true }, instance(Order, { at: true })],
    ['one of several classes, by its properties', oneOf, { iban: 'a' }, instance(Transfer, { iban: 'a' })],
    ['... if two declare all of them', oneOf, { x: 1 }, { x: 1 }],
    ['... if none declares all of them', oneOf, { iban: 'a', number: 1 }, { iban: 'a', number: 1 }],
    ['... by a discriminator', discriminated, { kind: 'card' }, instance(Card, { kind: 'card' })],
    ['... of which it is unknown', discriminated, { kind: 'cash' }, { kind: 'cash' }],
  ])('%s', async (_title, shape, given, checked) => {
    const before = structuredClone(given);
    expect(await make(shape, given)).toStrictEqual(checked);
    expect(structuredClone(given)).toEqual(before);
  });

  it.each<[title: string, shape: Shape, given: unknown]>([
    ['an instance', of(Item), made],
    ['an instance of a class that extends the declared one', of(Item), instance(LongItem, item)],
    ['an instance of a class of which nothing is declared', of(Bare), instance(Bare, { item, self: {} })],
    ['an instance whose properties are instances', of(Order), instance(Order, { item: made, at: new Date(0) })],
    ['an instance of one of several classes', oneOf, instance(Card, { iban: 'a' })],
    ['an instance that a discriminator knows', discriminated, instance(Transfer, { kind: 'card' })],
    ['a plain object, if no class is declared', free, { item }],
    ['a list of instances', of(Item), [made]],
    ['a string', of(Item), 'x'],
  ])('%s is checked itself', async (_title, shape, given) => {
    expect(await make(shape, given)).toBe(given);
  });

  it('a property named constructor is not checked, but written', async () => {
    for (const given of [{ id: 1, constructor: 2 }, instance(Item, { id: 1, constructor: 2 })]) {
      const checked = (await make(of(Item), given)) as object;
      expect(checked.constructor).toBe(Item);
      expect(keysOf(checked).toSorted()).toEqual(['constructor', 'currency', 'id']);
      expect(valueOf(checked, 'constructor')).toBe(2);
      expect(Object.hasOwn(given, 'constructor')).toBe(true);
    }
  });
});
