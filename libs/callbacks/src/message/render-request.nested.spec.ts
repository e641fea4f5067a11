import { describe, expect, it } from '@jest/globals';
import { Body, Post } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsOptional, IsPositive, IsString, ValidateNested } from 'class-validator';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { renderRequest } from './render-request.js';

describe('a nested value of an argument', () => {
  class Position {
    @IsPositive() price!: number;
  }
  class Card {
    kind = 'card';
    @IsString() number!: string;
  }
  class Transfer {
    kind = 'transfer';
    @IsString() iban!: string;
  }
  class Cart {
    @IsOptional() @ValidateNested({ each: true }) @Type(() => Position) items?: Position[];
    @IsOptional()
    @ValidateNested()
    @Type(() => Object, {
      discriminator: {
        property: 'kind',
        subTypes: [
          { value: Card, name: 'card' },
          { value: Transfer, name: 'transfer' },
        ],
      },
    })
    payment?: Card | Transfer;
    @IsOptional() @ValidateNested() @Type(() => Cart) inner?: Cart;
  }
  @CallbackController('https://x.example')
  class Carts {
    @Post() send(@Body() cart: Cart): void {
      return receiverReplies(cart);
    }
  }
  const [operation] = readCallbackContract(Carts).operations;
  const render = (value: unknown) => renderRequest(operation!, 'https://x.example/a', [value]);
  const cart = (values: object) => Object.assign(new Cart(), values);
  const wrong = { price: -987 };

  it.each([
    ['a plain object', { items: [wrong] }, 'items[0].price'],
    ['an instance', cart({ items: [wrong] }), 'items[0].price'],
    ['an instance in a plain object', { inner: cart({ items: [wrong] }) }, 'inner.items[0].price'],
    ['an instance in an instance', cart({ inner: cart({ items: [wrong] }) }), 'inner.items[0].price'],
    ['instances alone', cart({ items: [Object.assign(new Position(), wrong)] }), 'items[0].price'],
    ['one of several classes', cart({ payment: { kind: 'card', number: 1 } }), 'payment.number'],
  ])('is validated in %s', async (_title, value, path) => {
    await expect(render(value)).rejects.toMatchObject({
      code: 'CALLBACK_CONTRACT',
      issues: [{ path }],
    });
  });

  it.each([
    ['plain objects', { items: [{ price: 1 }], payment: { kind: 'transfer', iban: 'a' } }],
    ['an instance', cart({ items: [{ price: 1 }], payment: { kind: 'transfer', iban: 'a' } })],
    [
      'instances of several classes',
      cart({ payment: Object.assign(new Transfer(), { iban: 'a' }), inner: cart({ items: [{ price: 1 }] }) }),
    ],
  ])('is sent unchanged from %s, and the given value is not changed', async (_title, value) => {
    const before = JSON.stringify(value);
    const { body } = await render(value);
    expect(JSON.parse(body!)).toEqual(JSON.parse(before));
    expect(JSON.stringify(value)).toBe(before);
  });
});
