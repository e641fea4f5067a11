import { describe, expect, it } from '@jest/globals';
import { Body, Post, Query } from '@nestjs/common';
import { Exclude, Transform, Type } from 'class-transformer';
import { Allow } from 'class-validator';
import { CallbackController } from '../decorators/callback-controller.decorator.js';
import { readCallbackContract } from '../contract/read-callback-contract.js';
import { receiverReplies } from '../decorators/receiver-replies.js';
import { renderRequest } from './render-request.js';

describe('an object that stands for one text', () => {
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

  it('is sent as that text', async () => {
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

  it('is sent as what it writes if that is an object, without what @Exclude() stands on', async () => {
    expect((await send('any', { inner: new Secret() })).body).toBe('{"inner":{"shown":1}}');
  });
});
