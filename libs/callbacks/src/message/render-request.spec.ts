import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Body, Post, Query } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import { z } from 'zod';
import { CallbackContractError } from '../errors/contract.errors.js';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { renderRequest } from './render-request.js';

class Item {
  @IsString() name!: string;
}
class Written {
  @Exclude() secret = 'hidden';
  @Expose({ name: 'customer_name' }) customer = 'Richie';
  @Transform(({ value }: { value: number }) => value / 100, { toPlainOnly: true }) total = 999;
  @Type(() => Date) at = new Date(0);
}
class Price {
  @Transform(({ value }: { value: number }) => value / 100) cents!: number;
  @Type(() => Date) since?: Date;
}
class Line {
  @IsInt() price!: number;
}
class Order {
  @IsString() id!: string;
  @ValidateNested({ each: true }) @Type(() => Line) items!: Line[];
  @Type(() => Price) prices?: Price[];
}
@CallbackController('https://x.example')
class Callbacks {
  @Post('1') whole(@Body() item: Item): void {
    return receiverReplies(item);
  }
  @Post('2') parts(@Body('a') a: number, @Body('b') b: object): void {
    return receiverReplies(a, b);
  }
  @Post('3') nothing(): void {
    return receiverReplies();
  }
  @Post('4') written(@Body() value: Written): void {
    return receiverReplies(value);
  }
  @Post('7') @ApiConsumes('application/x-www-form-urlencoded') form(@Body() body: object): void {
    return receiverReplies(body);
  }
  @Post('8') @ApiConsumes('text/plain') text(@Body() body: string): void {
    return receiverReplies(body);
  }
  @Post('9') @ApiConsumes('application/cloudevents+json') event(@Body() body: object): void {
    return receiverReplies(body);
  }
  @Post('10') @ApiConsumes('application/xml') xml(@Body() body: object): void {
    return receiverReplies(body);
  }
  @Post('11') schema(
    @Body({ schema: z.object({ at: z.coerce.date(), n: z.number().default(1) }) }) body: object,
  ): void {
    return receiverReplies(body);
  }
  @Post('12') slow(
    @Body({ schema: z.string().refine(async (text) => text === 'right', 'is not right') }) body: string,
  ): void {
    return receiverReplies(body);
  }
  @Post('13') price(@Body() price: Price): void {
    return receiverReplies(price);
  }
  @Post('14') order(@Body() order: Order): void {
    return receiverReplies(order);
  }
}

@ApiConsumes('text/csv')
@CallbackController('https://x.example')
class Csv {
  @Post('1') rows(@Body() rows: string): void {
    return receiverReplies(rows);
  }
  @Post('2') @ApiConsumes('application/json') json(@Body() rows: object): void {
    return receiverReplies(rows);
  }
}

function render(Class: new () => object, methodName: string, values: unknown[], url = 'https://x.example/a') {
  const operation = readCallbackContract(Class).operations.find((candidate) => candidate.methodName === methodName);
  return renderRequest(operation!, url, values);
}
const bodyOf = async (methodName: string, ...values: unknown[]) => (await render(Callbacks, methodName, values)).body;

async function issuesOf(methodName: string, ...values: unknown[]) {
  const error = await render(Callbacks, methodName, values).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallbackContractError)) throw new Error('It was rendered without an error.');
  return error;
}

describe('the body', () => {
  it.each([
    ['whole', [{ name: 'a' }], '{"name":"a"}', 'application/json'],
    ['parts', [1, { c: 2 }], '{"a":1,"b":{"c":2}}', 'application/json'],
    [
      'form',
      [{ a: 'b c', d: [1, 2], e: null, f: { g: 1 } }],
      'a=b+c&d=1&d=2&f=%7B%22g%22%3A1%7D',
      'application/x-www-form-urlencoded',
    ],
    ['text', ['as it is'], 'as it is', 'text/plain'],
    ['event', [{ a: 1 }], '{"a":1}', 'application/cloudevents+json'],
    ['schema', [{ at: '2026-01-01' }], '{"at":"2026-01-01"}', 'application/json'],
    ['slow', ['right'], '"right"', 'application/json'],
  ])('of %s is written in its media type', async (methodName, values, body, type) => {
    const request = await render(Callbacks, methodName, values);
    expect(request).toMatchObject({ method: 'POST', body, headers: { 'content-type': type } });
  });

  it("is of the class's media type, unless the method has one", async () => {
    expect(await render(Csv, 'rows', ['a,b'])).toMatchObject({ body: 'a,b', headers: { 'content-type': 'text/csv' } });
    expect(await render(Csv, 'json', [{ a: 1 }])).toMatchObject({ body: '{"a":1}' });
  });

  it('is absent if the handler takes none', async () => {
    const request = await render(Callbacks, 'nothing', []);
    expect(request).toEqual({ method: 'POST', url: 'https://x.example/a', headers: { accept: 'application/json' } });
  });

  it.each([
    ['an instance', new Written()],
    ['a plain object', { ...new Written() }],
  ])('is written by class-transformer from %s', async (_title, value) => {
    expect(JSON.parse((await bodyOf('written', value))!)).toMatchObject({
      customer_name: 'Richie',
      total: 9.99,
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(await bodyOf('written', value)).not.toContain('hidden');
  });

  it.each([
    ['whole', [{ name: 1 }], ['name: name must be a string']],
    ['whole', [undefined], ['the body must be an object (Item)']],
    ['whole', [[{ name: 'a' }]], ['the body must be an object (Item)']],
    ['slow', ['wrong'], ['the body is not right']],
    [
      'xml',
      [{ a: 1 }],
      ['cannot be written as application/xml: it must be a string or a Buffer, which is sent unchanged'],
    ],
  ])('of %s is rejected if it is %j', async (methodName, values, messages) => {
    const { issues } = await issuesOf(methodName, ...values);
    expect(issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))).toEqual(messages);
  });
});

it('@Transform() gets the instances in a plain object', async () => {
  class Moment {
    constructor(readonly hour: number) {}
    text() {
      return `${this.hour}:00`;
    }
  }
  class Meeting {
    @Transform(({ value }: { value: Date }) => value.toISOString().slice(0, 10)) day!: Date;
    @Transform(({ value }: { value: Moment }) => value.text()) start!: Moment;
    @Transform(({ value }: { value: Date[] }) => value.map((at) => at.getTime())) breaks!: Date[];
  }
  @CallbackController('https://x.example')
  class Meetings {
    @Post() planned(@Body() meeting: Meeting): void {
      return receiverReplies(meeting);
    }
  }
  const meeting = { day: new Date(0), start: new Moment(9), breaks: [new Date(1)] };
  const { body } = await render(Meetings, 'planned', [meeting]);
  expect(body).toBe('{"day":"1970-01-01","start":"9:00","breaks":[1]}');
});

describe('of a body', () => {
  const plain = { cents: 999, since: '2026-01-01' };

  it.each([
    ['an instance', Object.assign(new Price(), { cents: 999, since: new Date('2026-01-01') })],
    ['a plain object', plain],
  ])('@Transform() is applied once, from %s', async (_title, value) => {
    expect(JSON.parse((await bodyOf('price', value))!)).toEqual({ cents: 9.99, since: '2026-01-01T00:00:00.000Z' });
  });

  it('nested values are written in the same way, and the argument is not changed', async () => {
    const order = { id: 'a', items: [{ price: 1 }], prices: [plain] };
    const prices = [{ cents: 9.99, since: '2026-01-01T00:00:00.000Z' }];
    expect(JSON.parse((await bodyOf('order', order))!)).toEqual({ ...order, prices });
    expect(order.prices).toEqual([{ cents: 999, since: '2026-01-01' }]);
  });

  it('every field that is wrong is named with its path, and no value', async () => {
    const { issues, message } = await issuesOf('order', { id: 4711, items: [{ price: 'secret' }, { price: 1 }, {}] });
    expect(issues.map(({ path }) => path)).toEqual(['id', 'items[0].price', 'items[2].price']);
    expect(message).not.toMatch(/4711|secret/);
  });
});

it.each([
  [
    'form',
    { at: new Date(0), days: [new Date(0)] },
    'at=1970-01-01T00%3A00%3A00.000Z&days=1970-01-01T00%3A00%3A00.000Z',
  ],
  ['text', new Date(0), '1970-01-01T00:00:00.000Z'],
])('a Date in a body of %s has no quotes', async (methodName, value, body) => {
  expect(await bodyOf(methodName, value)).toBe(body);
});

describe('values that cannot be written', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  class Thrower {
    readonly '~standard' = {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) => {
        throw new Error(`no ${JSON.stringify(value)}`);
      },
    };
  }
  @CallbackController('https://x.example')
  class Writes {
    @Post('1') any(@Body() body: unknown): void {
      return receiverReplies(body);
    }
    @Post('2') at(@Query('at') at: Date): void {
      return receiverReplies(at);
    }
    @Post('3') schema(@Body({ schema: new Thrower() as never }) body: unknown): void {
      return receiverReplies(body);
    }
  }

  it.each([
    ['any', { big: 1n }],
    ['any', circle],
    ['any', () => 'secret'],
    ['at', new Date(Number.NaN)],
    ['schema', 'secret'],
  ])('to %s is an error of the contract, without the value', async (methodName, value) => {
    const error: unknown = await render(Writes, methodName, [value]).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CallbackContractError);
    expect(inspect(error)).not.toContain('no "secret"');
  });

  it('a form that is a string already is sent unchanged', async () => {
    expect(await bodyOf('form', 'a=b&c=d')).toBe('a=b&c=d');
  });
});
