import { describe, expect, it } from '@jest/globals';
import { Body, Headers, Post, Query } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiQuery } from '@nestjs/swagger';
import { Allow, IsInt, IsString } from 'class-validator';
import { z } from 'zod';
import { CallbackContractError } from '../errors/contract.errors.js';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { renderRequest } from './render-request.js';

class Item {
  @IsString() name!: string;
}
class Filter {
  @IsInt() limit!: number;
  @Allow() tags?: string[];
}

@CallbackController('https://x.example')
class Callbacks {
  @Post('1')
  @ApiQuery({ name: 'one', required: false })
  @ApiQuery({ name: 'at', required: false })
  query(@Query() filter: Filter, @Query('one') one?: string, @Query('at') at?: Date): void {
    return receiverReplies(filter, one, at);
  }

  @Post('2')
  @ApiHeader({ name: 'X-One', required: false })
  headers(@Headers() all: Record<string, unknown>, @Headers('X-One') one?: string): void {
    return receiverReplies(all, one);
  }

  @Post('3')
  @ApiQuery({ name: 'n', required: false })
  @ApiHeader({ name: 'X-List', required: false })
  named(
    @Body('item') item: Item,
    @Query('n', { schema: z.array(z.number()) }) n?: number[],
    @Headers('x-list') list?: unknown,
  ): void {
    return receiverReplies(item, n, list);
  }

  @Post('5')
  @ApiProduces('text/plain', 'application/json')
  text(): void {
    return receiverReplies();
  }

  @Post('4')
  @ApiHeader({ name: 'X-Interceptor', required: true })
  required(
    @Query('tag') tag?: string | string[],
    @Headers('X-Event') event?: string | null,
    @Query() others?: object,
  ): void {
    return receiverReplies(tag, event, others);
  }
}

async function render(methodName: string, values: unknown[], url = 'https://x.example/a') {
  const { operations } = readCallbackContract(Callbacks);
  return renderRequest(
    operations.find((candidate) => candidate.methodName === methodName)!,
    url,
    values,
  );
}

async function issuesOf(methodName: string, ...values: unknown[]) {
  const error = await render(methodName, values).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallbackContractError)) throw new Error('It was rendered without an error.');
  return error.issues;
}

describe('the query', () => {
  it('is appended to the query of the URL, with arrays repeated and without undefined', async () => {
    const values = [{ limit: 2, tags: ['a&b', 'c'] }, undefined, new Date(0)];
    const { url } = await render('query', values, 'https://x.example/a?t=1#top');
    expect(url).toBe('https://x.example/a?t=1&limit=2&tags=a%26b&tags=c&at=1970-01-01T00%3A00%3A00.000Z#top');
  });

  it('is validated', async () => {
    expect(await issuesOf('query', { limit: 'many' })).toMatchObject([{ path: 'limit' }]);
  });

  it('cannot contain a lone surrogate, which would be replaced', async () => {
    const message = 'has a lone surrogate, which UTF-8 cannot contain';
    expect(await issuesOf('query', { limit: 1, tags: ['a', 'b\ud800'] })).toEqual([{ path: 'tags', message }]);
  });
});

describe('an argument with a name', () => {
  it('has its name in the path of issues', async () => {
    const issues = await issuesOf('named', { name: 1 }, [1, 'secret']);
    expect(issues.map(({ path }) => path)).toEqual(['item.name', 'n[1]']);
    expect(await issuesOf('named', { name: 'a' }, 'secret')).toMatchObject([{ path: 'n' }]);
  });

  it('skips missing items of an array', async () => {
    const { url } = await render('query', [{ limit: 1, tags: ['a', undefined, null, 'b'] }]);
    expect(url).toBe('https://x.example/a?limit=1&tags=a&tags=b');
  });

  it('is one header of all values of an array', async () => {
    const { headers } = await render('named', [{ name: 'a' }, [1], ['a', undefined, 'b']]);
    expect(headers['x-list']).toBe('a, b');
    expect((await render('named', [{ name: 'a' }, [1], []])).headers).not.toHaveProperty('x-list');
  });
});

describe('the headers', () => {
  it('are those of the arguments, in lower case, besides the accepted types', async () => {
    const { headers } = await render('headers', [{ 'X-All': 1, none: undefined }, 'one']);
    expect(headers).toEqual({ accept: 'application/json', 'x-all': '1', 'x-one': 'one' });
  });

  it('accept the media types that the replies are documented in', async () => {
    expect((await render('text', [])).headers).toEqual({ accept: 'text/plain, application/json' });
  });

  it.each([
    [{ Host: 'elsewhere' }, 'host'],
    [{ 'Content-Length': '0' }, 'content-length'],
    [{ 'Keep-Alive': 'timeout=5' }, 'keep-alive'],
    [{ 'Proxy-Connection': 'close' }, 'proxy-connection'],
    [{ TE: 'trailers' }, 'te'],
    [{ 'x-split': 'a\r\nx-more: b' }, 'x-split'],
    [{ 'x-far': 'ł' }, 'x-far'],
    [{ 'x\r\ny': 'a' }, 'x\r\ny'],
    [{ 'x y': 'a' }, 'x y'],
  ])('%j are refused', async (headers, path) => {
    expect(await issuesOf('headers', headers)).toMatchObject([{ path }]);
  });
});

describe('a required parameter', () => {
  it.each([
    [[], ['tag', 'X-Event']],
    [
      [[], null],
      ['tag', 'X-Event'],
    ],
    [['a'], ['X-Event']],
    [[undefined, 'paid'], ['tag']],
    [[undefined, 'paid', { tag: undefined, Tag: 'a' }], ['tag']],
  ])('is required if %j are given', async (values, paths) => {
    expect((await issuesOf('required', ...values)).map(({ path }) => path)).toEqual(paths);
  });

  it('may be part of the whole query, and may be empty', async () => {
    const { url, headers } = await render('required', [undefined, '', { tag: 'a' }]);
    expect(url).toBe('https://x.example/a?tag=a');
    expect(headers).toMatchObject({ 'x-event': '' });
  });

  it('is reported with the way to make it optional', async () => {
    expect(await issuesOf('required')).toEqual([
      { path: 'tag', message: expect.stringContaining("unless @ApiQuery({ name: 'tag', required: false }) says") },
      {
        path: 'X-Event',
        message: expect.stringContaining("unless @ApiHeader({ name: 'X-Event', required: false }) says"),
      },
    ]);
  });
});
