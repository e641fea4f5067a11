import { describe, expect, it } from '@jest/globals';
import { Body, Headers, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiQuery } from '@nestjs/swagger';
import { Expose, Transform, Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { z } from 'zod';
import { renderRequest } from '../message/render-request.js';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { readArguments } from './read-arguments.js';

class Line {
  @IsInt() price!: number;
}
class Order {
  @IsString() @Expose({ name: 'order_id' }) id!: string;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Line) lines?: Line[];
}
class Filter {
  @IsInt() limit!: number;
  @IsOptional() @IsBoolean() all?: boolean;
  @IsOptional() @IsString({ each: true }) tags?: string[];
}
class Trapped {
  @Transform(({ value }: { value: string }) => value.trim()) name!: string;
}

@ApiHeader({ name: 'x-tenant', required: true })
@CallbackController('https://x.example')
class Callbacks {
  @Post() whole(@Body() order: Order): void {
    return receiverReplies(order);
  }
  @Post() parts(@Body('paid') paid: boolean, @Body('lines') line: Line, @Body('at') at: Date): void {
    return receiverReplies(paid, line, at);
  }
  @Post() schema(@Body({ schema: z.object({ at: z.coerce.date() }) }) body: { at: string }): void {
    return receiverReplies(body);
  }
  @Post() filtered(@Query() filter: Filter): void {
    return receiverReplies(filter);
  }
  @Post()
  @ApiQuery({ name: 'tag', required: false })
  @ApiHeader({ name: 'X-Retries', required: false })
  named(
    @Query('limit') limit: number,
    @Query('tag') tag?: string[],
    @Headers('X-Trace') trace?: string[],
    @Headers('x-retries') retries?: number,
  ): void {
    return receiverReplies(limit, tag, trace, retries);
  }
  @Post() @ApiConsumes('application/x-www-form-urlencoded') form(@Body() filter: Filter): void {
    return receiverReplies(filter);
  }
  @Post() @ApiConsumes('text/plain') text(@Body() text: string): void {
    return receiverReplies(text);
  }
  @Post() @ApiConsumes('text/json') textJson(@Body() body: object): void {
    return receiverReplies(body);
  }
  @Post() @ApiBody({ type: [Line], required: false }) lines(@Body() lines?: Line[]): void {
    return receiverReplies(lines);
  }
  @Post() @ApiConsumes('image/png') image(@Body() bytes: unknown): void {
    return receiverReplies(bytes);
  }
  @Post() trapped(@Body() body: Trapped): void {
    return receiverReplies(body);
  }
  @Post() @ApiQuery({ name: 'token' }) nothing(): void {
    return receiverReplies();
  }
}

function operationOf(name: string) {
  return readCallbackContract(Callbacks).operations.find(({ methodName }) => methodName === name)!;
}

const TENANT = { 'x-tenant': 'a' };
const JSON_TYPE = { ...TENANT, 'content-type': 'application/json' };

/** Reads a request that was written by hand. */
function read(name: string, body: string, headers: Record<string, string> = JSON_TYPE, target = '/') {
  return readArguments(operationOf(name), {
    method: 'POST',
    target,
    headers,
    body: Buffer.from(body),
    isTooLong: false,
  });
}

describe('the receiver gets what was sent', () => {
  it.each([
    ['whole', [Object.assign(new Order(), { id: 'a', lines: [Object.assign(new Line(), { price: 1 })] })]],
    ['parts', [true, Object.assign(new Line(), { price: 1 }), new Date(0)]],
    ['schema', [{ at: '2026-01-01' }]],
    ['filtered', [Object.assign(new Filter(), { limit: 5, all: false, tags: ['a'] })]],
    ['named', [5, ['a'], ['b', 'c'], 2]],
    ['named', [5, undefined, ['b']]],
    ['form', [Object.assign(new Filter(), { limit: 5, all: true, tags: ['a', 'b'] })]],
    ['text', ['Zoë & co']],
    ['textJson', [{ a: ['b'] }]],
    ['lines', [[Object.assign(new Line(), { price: 1 })]]],
    ['lines', []],
  ])('%s(...%j)', async (name, args) => {
    const operation = operationOf(name);
    const sent = await renderRequest(operation, 'https://x.example/hook', args);
    const headers = { ...sent.headers, ...TENANT };
    const target = sent.url.slice('https://x.example'.length);
    const body = Buffer.from(sent.body ?? '');
    expect(await readArguments(operation, { method: 'POST', target, headers, body, isTooLong: false })).toStrictEqual({
      args,
    });
  });
});

describe('a request that does not fit is refused', () => {
  it.each([
    ['whole', '{"order_id":7,"lines":[{"price":"1"}]}', ['id', 'lines[0].price']],
    ['whole', '[]', ['']],
    ['whole', '', ['']],
    ['lines', '[{"price":1},{"price":"1"}]', ['[1].price']],
    ['parts', '{"paid":"true","lines":{"price":"1"},"at":"soon"}', ['paid', 'lines.price', 'at']],
    ['schema', '{"at":"never"}', ['at']],
    ['trapped', '{"name":7}', ['']],
  ])('%s of %s at %j', async (name, body, paths) => {
    const result = await read(name, body);
    expect('issues' in result && result.issues.map(({ path }) => path)).toEqual(paths);
  });

  it.each([
    ['whole', '{', JSON_TYPE, 'the body is not valid JSON'],
    ['whole', '{}', TENANT, 'the Content-Type must be application/json, but is missing'],
    ['whole', '{}', { ...TENANT, 'content-type': 'text/plain' }, 'but is text/plain'],
  ])('%s of %s as %j', async (name, body, headers, message) => {
    const result = await read(name, body, headers);
    expect('issues' in result && result.issues).toMatchObject([
      { path: '', message: expect.stringContaining(message) },
    ]);
  });

  it.each([
    ['filtered', '/?limit=many', {}, [{ path: 'limit', message: 'limit must be an integer number' }]],
    ['named', '/?limit=many', { 'x-trace': '' }, [{ path: 'limit', message: 'must be a number' }]],
    ['named', '/?limit=1&limit=2', { 'x-trace': '' }, [{ path: 'limit', message: 'must be a number' }]],
    ['named', '/?limit=1', { 'x-trace': '', 'x-retries': '?' }, [{ path: 'X-Retries', message: 'must be a number' }]],
    [
      'named',
      '/',
      {},
      [
        { path: 'limit', message: 'is missing' },
        { path: 'X-Trace', message: 'is a missing header' },
      ],
    ],
    ['nothing', '/', {}, [{ path: 'token', message: 'is missing' }]],
  ])('%s at %s with %j', async (name, target, headers, issues) => {
    const result = await read(name, '', { ...TENANT, ...headers }, target);
    expect(
      'issues' in result && result.issues.map(({ path, message }) => ({ path: path.toLowerCase(), message })),
    ).toEqual(issues.map(({ path, message }) => ({ path: path.toLowerCase(), message })));
  });

  it('without a header that the class declares', async () => {
    expect(await read('nothing', '', {}, '/?token=1')).toEqual({
      issues: [{ path: 'x-tenant', message: 'is a missing header' }],
    });
  });
});

it('the whole query has the parameters of the callback URL too', async () => {
  const result = await read('filtered', '', TENANT, '/?token=1&limit=5');
  expect(result).toEqual({ args: [{ limit: 5, token: '1' }] });
});

it('a body is ignored if the callback declares none', async () => {
  expect(await read('nothing', '{', { ...TENANT }, '/?token=1')).toEqual({ args: [] });
});
