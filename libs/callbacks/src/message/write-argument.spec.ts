import { describe, expect, it } from '@jest/globals';
import { Body, Headers, Post, Query } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import { Expose, Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { z } from 'zod';
import { CallbackContractError } from '../errors/contract.errors.js';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { renderRequest } from './render-request.js';

class Item {
  @IsInt() price!: number;
  @Expose({ name: 'item_name' }) @IsString() name!: string;
}
/** What `createZodDto()` of nestjs-zod makes. */
class ZodEvent {
  static readonly schema = z.object({ paid: z.boolean(), at: z.coerce.date() });
  paid!: boolean;
  at!: unknown;
}
class ZodFilter {
  static readonly schema = z.object({ limit: z.number() });
  limit!: number;
}
class ZodHeaders {
  static readonly schema = z.object({ 'x-event': z.string() });
}
class OddSchema {
  static readonly schema = 'public';
  @IsString() name!: string;
}
class Filter {
  @IsInt() limit!: number;
  @IsOptional() @IsString() tag?: string;
}

@CallbackController('https://x.example')
class Callbacks {
  @Post('1') @ApiBody({ type: [Item] }) list(@Body() items: Item[]): void {
    return receiverReplies(items);
  }
  @Post('2') @ApiBody({ type: Item, isArray: true }) flagged(@Body() items: Item[]): void {
    return receiverReplies(items);
  }
  @Post('3') @ApiBody({ type: () => Item }) lazy(@Body() item: unknown): void {
    return receiverReplies(item);
  }
  @Post('4') @ApiBody({ type: [ZodEvent] }) events(@Body() events: ZodEvent[]): void {
    return receiverReplies(events);
  }
  @Post('12') @ApiBody({ type: Item, required: false }) optional(@Body() item?: Item): void {
    return receiverReplies(item);
  }
  @Post('13') @ApiBody({ type: [Item], required: false }) optionalList(@Body() items?: Item[]): void {
    return receiverReplies(items);
  }
  @Post('5') @ApiBody({ schema: { type: 'array' } }) free(@Body() items: unknown[]): void {
    return receiverReplies(items);
  }
  @Post('6') zod(@Body() event: ZodEvent, @Query() filter: ZodFilter, @Headers() headers: ZodHeaders): void {
    return receiverReplies(event, filter, headers);
  }
  @Post('7') odd(@Body() body: OddSchema): void {
    return receiverReplies(body);
  }
  @Post('8') query(@Query() filter: Filter): void {
    return receiverReplies(filter);
  }
  @Post('9') whole(@Query() query: unknown, @Headers() headers: unknown): void {
    return receiverReplies(query, headers);
  }
  @Post('10') forgotten(event: object, @Query('a') a: string): void {
    return receiverReplies(event, a);
  }
}

function render(methodName: string, ...values: unknown[]) {
  const { operations } = readCallbackContract(Callbacks);
  const operation = operations.find((candidate) => candidate.methodName === methodName)!;
  return renderRequest(operation, 'https://x.example/a', values);
}
async function pathsOf(methodName: string, ...values: unknown[]) {
  const error: unknown = await render(methodName, ...values).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallbackContractError)) throw new Error('It was rendered without an error.');
  return error.issues.map(({ path, message }) => path || message);
}

describe('a body whose class only @ApiBody() names', () => {
  it.each(['list', 'flagged'])('is validated and written item by item: %s', async (methodName) => {
    const right = { price: 1, name: 'a' };
    expect((await render(methodName, [right, Object.assign(new Item(), right)])).body).toBe(
      '[{"price":1,"item_name":"a"},{"price":1,"item_name":"a"}]',
    );
    expect((await render(methodName, [])).body).toBe('[]');
    expect(await pathsOf(methodName, [right, { price: 'secret' }])).toEqual(['[1].price', '[1].name']);
    expect(await pathsOf(methodName, right)).toEqual(['the body must be an array']);
  });

  it('is validated if it is one', async () => {
    expect(await pathsOf('lazy', { price: 1 })).toEqual(['name']);
  });

  it('is validated by the schemas of its items', async () => {
    expect(
      await pathsOf('events', [
        { paid: true, at: 0 },
        { paid: 1, at: 0 },
      ]),
    ).toEqual(['[1].paid']);
  });

  it.each(['optional', 'optionalList'])(
    'may be missing if its decorators say so, and is validated otherwise: %s',
    async (name) => {
      expect(await render(name)).not.toHaveProperty('body');
      expect(await pathsOf(name, 'wrong')).toHaveLength(1);
    },
  );

  it('is not validated if @ApiBody() names no class', async () => {
    expect((await render('free', [{ price: 'any' }])).body).toBe('[{"price":"any"}]');
  });
});

describe('a class that carries a Standard Schema as its static schema', () => {
  const event = { paid: true, at: '2026-01-01' };

  it('validates body, query and headers, which are sent as they were written', async () => {
    expect(await render('zod', event, { limit: 2 }, { 'X-Event': 'paid', 'x-event': 'paid' })).toMatchObject({
      url: 'https://x.example/a?limit=2',
      headers: { 'x-event': 'paid, paid' },
      body: '{"paid":true,"at":"2026-01-01"}',
    });
    expect(await pathsOf('zod', { paid: 'secret', at: 'never' }, { limit: 'a' }, {})).toEqual([
      'paid',
      'at',
      'limit',
      'x-event',
    ]);
  });

  it('is called even without a value', async () => {
    expect(await pathsOf('zod', event)).toEqual(['limit', 'x-event']);
  });

  it('is an ordinary class if its schema is not a Standard Schema', async () => {
    expect(await pathsOf('odd', { name: 1 })).toEqual(['name']);
  });
});

describe('a whole query', () => {
  it('that is missing lacks the parameters that its class requires', async () => {
    expect(await pathsOf('query')).toEqual(['limit']);
    expect((await render('query', { limit: 1 })).url).toBe('https://x.example/a?limit=1');
  });

  it.each([[['a', 'b']], ['a=b'], [7], [new URLSearchParams('a=b')]])('or headers cannot be %j', async (value) => {
    expect(await pathsOf('whole', value, value)).toEqual([
      '@Query() must be an object with the names as properties',
      '@Headers() must be an object with the names as properties',
    ]);
  });

  it('or headers may be nothing', async () => {
    expect((await render('whole', null, undefined)).url).toBe('https://x.example/a');
  });
});

it('an argument without a decorator is an error, and not lost', async () => {
  expect(await pathsOf('forgotten', { paid: true }, 'a')).toEqual([
    'argument 1 has no @Body(), @Query() or @Headers(), and would not be sent',
  ]);
  expect((await render('forgotten', undefined, 'a')).url).toBe('https://x.example/a?a=a');
});

describe('the check of an argument', () => {
  class Shape {}
  class Circle extends Shape {
    @IsInt() radius!: number;
  }
  class Part {
    @IsString() name!: string;
  }
  class Whole {
    @ValidateNested({ each: true }) @Type(() => Part) parts!: Part[];
  }
  @CallbackController('https://x.example')
  class Shapes {
    @Post('1') shape(@Body() shape: Shape): void {
      return receiverReplies(shape);
    }
    @Post('2') part(@Body() part: Part): void {
      return receiverReplies(part);
    }
    @Post('3') whole(@Body() whole: Whole): void {
      return receiverReplies(whole);
    }
  }
  const send = (methodName: string, value: unknown) => {
    const { operations } = readCallbackContract(Shapes);
    const operation = operations.find((candidate) => candidate.methodName === methodName)!;
    return renderRequest(operation, 'https://x.example/a', [value]);
  };

  it('uses the class of the instance if it extends the declared one', async () => {
    await expect(send('shape', Object.assign(new Circle(), { radius: 'secret' }))).rejects.toMatchObject({
      issues: [{ path: 'radius' }],
    });
  });

  const odd: object = JSON.parse('{"name":1,"constructor":{"name":"Other"},"__proto__":{"name":"a"}}');
  const instance = () => Object.assign(new Part(), { name: 1 }, { constructor: 'Other' });

  it.each([
    ['a plain object', 'part', odd, 'name'],
    ['an instance', 'part', instance(), 'name'],
    ['a nested object', 'whole', { parts: [odd] }, 'parts[0].name'],
    ['a nested instance', 'whole', Object.assign(new Whole(), { parts: [instance()] }), 'parts[0].name'],
  ])('is not what a property `constructor` says, in %s', async (_title, methodName, value, path) => {
    await expect(send(methodName, value)).rejects.toMatchObject({ issues: [{ path }] });
  });
});
