import { expect, it } from '@jest/globals';
import { HttpCode, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiDefaultResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiResponse,
} from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsInt } from 'class-validator';
import { z } from 'zod';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { failure } from '../../../../test/support/failure.js';
import { CallbackReplyError } from '../errors/contract.errors.js';
import { readCallbackContract } from '../contract/read-contract.js';
import { readReply } from './read-reply.js';

class Ok {
  @IsBoolean() ok!: boolean;
}
class Count {
  @IsInt() count!: number;
}

/** What `createZodDto()` of nestjs-zod makes. */
class ZodReply {
  static readonly schema = z.object({ at: z.coerce.date() });
}

class Fragile {
  @Transform(({ value }: { value: { deep: string } }) => value.deep.trim()) inner!: string;
}

@CallbackController('https://x.example')
class Callbacks {
  @Post('9') @ApiOkResponse({ type: Fragile }) fragile(): void {
    return receiverReplies();
  }
  @Post('1') @ApiOkResponse({ type: Ok }) @ApiAcceptedResponse({ type: Count }) byStatus(): void {
    return receiverReplies();
  }
  @Post('2') @ApiOkResponse({ type: Ok }) @ApiResponse({ status: '2XX', type: Count }) byRange(): void {
    return receiverReplies();
  }
  @Post('3') @ApiOkResponse({ type: Ok }) @ApiDefaultResponse({ type: Count }) byDefault(): void {
    return receiverReplies();
  }
  @Post('4') @ApiOkResponse({ type: Ok }) bySuccess(): void {
    return receiverReplies();
  }
  @Post('5') @ApiOkResponse({ type: [Count] }) list(): void {
    return receiverReplies();
  }
  @Post('6') @ApiResponse({ status: 200, standardSchema: z.object({ at: z.coerce.date() }) } as never) schema(): void {
    return receiverReplies();
  }
  @Post('7') @HttpCode(202) returned(): Ok {
    return receiverReplies();
  }
  @Post('10') @ApiOkResponse({ standardSchema: z.string().min(2) } as never) words(): void {
    return receiverReplies();
  }
  @Post('11') @ApiOkResponse({ type: () => Ok }) lazy(): void {
    return receiverReplies();
  }
  @Post('12') @ApiOkResponse({ type: ZodReply }) carried(): void {
    return receiverReplies();
  }
  @Post('13') @ApiOkResponse({ type: [ZodReply] }) carriedList(): void {
    return receiverReplies();
  }
  @Post('14') zodReturned(): ZodReply {
    return receiverReplies();
  }
  @Post('15')
  @ApiOkResponse({ type: Ok })
  @ApiAcceptedResponse({ description: 'later' })
  @ApiNoContentResponse()
  modelOfOne(): void {
    return receiverReplies();
  }
  @Post('8') untyped(): void {
    return receiverReplies();
  }
  @Post('9') @ApiResponse({ status: 200, isArray: true, standardSchema: z.array(z.number()) } as never) rows(): void {
    return receiverReplies();
  }
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
function read(methodName: string, statusCode: number, body: string, headers: Record<string, string> = JSON_TYPE) {
  const operation = readCallbackContract(Callbacks).operations.find((candidate) => candidate.methodName === methodName);
  return readReply(operation!, { statusCode, headers, body });
}
const ok = Object.assign(new Ok(), { ok: true });
const count = Object.assign(new Count(), { count: 2 });

it.each([
  ['byStatus', 200, '{"ok":true}', ok],
  ['byStatus', 202, '{"count":2}', count],
  ['byRange', 200, '{"ok":true}', ok],
  ['byRange', 299, '{"count":2}', count],
  ['byDefault', 204, '{"count":2}', count],
  ['bySuccess', 201, '{"ok":true}', ok],
  ['list', 200, '[{"count":2},{"count":2}]', [count, count]],
  ['list', 200, '[]', []],
  ['schema', 200, '{"at":"1970-01-01"}', { at: new Date(0) }],
  ['returned', 202, '{"ok":true}', ok],
  ['returned', 200, '{"ok":true}', ok],
  ['untyped', 200, '{"any":[1]}', { any: [1] }],
  ['untyped', 204, '', undefined],
  ['lazy', 200, '{"ok":true}', ok],
  ['carried', 200, '{"at":"1970-01-01"}', { at: new Date(0) }],
  ['carriedList', 200, '[{"at":"1970-01-01"}]', [{ at: new Date(0) }]],
  ['zodReturned', 201, '{"at":"1970-01-01"}', { at: new Date(0) }],
  ['words', 200, '"\\"quoted\\""', '"quoted"'],
])('a reply to %s with %i, %s, is read by the model that is documented for it', async (method, status, body, value) => {
  const reply = await read(method, status, body);
  expect(reply).toEqual(value);
  expect(Object.getPrototypeOf(reply ?? 0)).toBe(Object.getPrototypeOf(value ?? 0));
});

it('a reply without a model is text if it is not JSON', async () => {
  expect(await read('untyped', 200, '{"a":1}', { 'content-type': 'text/plain' })).toBe('{"a":1}');
  expect(await read('untyped', 200, 'thanks', {})).toBe('thanks');
});

it.each([
  ['thanks', 'text/plain; charset=utf-8'],
  ['"quoted"', 'text/plain'],
  ['17', undefined],
])('a reply whose schema accepts a string is the string %s if it is not JSON', async (body, type) => {
  expect(await read('words', 200, body, type === undefined ? {} : { 'content-type': type })).toBe(body);
});

it('a reply whose schema accepts only strings is rejected with the issues of the schema', async () => {
  const reading = read('words', 200, 'a', { 'content-type': 'text/plain' });
  await expect(reading).rejects.toMatchObject({ issues: [{ message: expect.stringContaining('2') }] });
});

it('a status that is documented without a model allows any body', async () => {
  expect(await read('modelOfOne', 202, '{"any":1}')).toEqual({ any: 1 });
  expect(await read('modelOfOne', 204, '', {})).toBeUndefined();
  await expect(read('modelOfOne', 201, '{"any":1}')).rejects.toBeInstanceOf(CallbackReplyError);
});

it('a reply with a model is read as JSON, whatever its content type is', async () => {
  expect(await read('bySuccess', 200, '{"ok":true}', {})).toEqual(ok);
});

it.each([
  ['byStatus', 202, '{"ok":true}', ['count']],
  ['list', 200, '{"count":1}', ['']],
  ['list', 200, '[{"count":1},{"count":"secret"}]', ['[1].count']],
  ['schema', 200, '{"at":"secret"}', ['at']],
  ['rows', 200, '[[1],[2,"secret"]]', ['[1][1]']],
  ['carried', 200, '{"at":"secret"}', ['at']],
  ['carriedList', 200, '[{"at":0},{"at":"secret"}]', ['[1].at']],
  ['zodReturned', 201, '{"at":"secret"}', ['at']],
  ['lazy', 200, '{"ok":"secret"}', ['ok']],
  ['bySuccess', 200, 'secret', ['']],
  ['bySuccess', 200, '', ['']],
  ['untyped', 200, '{"secret', ['']],
])('a reply to %s with %i, %s, is refused', async (method, status, body, paths) => {
  const error = await read(method, status, body).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CallbackReplyError);
  expect(error).toMatchObject({ statusCode: status, callback: `Callbacks.${method}` });
  expect((error as CallbackReplyError).issues.map(({ path }) => path)).toEqual(paths);
  expect((error as CallbackReplyError).message).not.toContain('secret');
});

it.each([
  ['bySuccess', `{"ok":true,"more":${'['.repeat(9_900)}${']'.repeat(9_900)}}`],
  ['fragile', '{"inner":{}}'],
])('a reply to %s that makes its own check throw is a wrong reply', async (method, body) => {
  const error: unknown = await read(method, 200, body).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CallbackReplyError);
  expect(error).toMatchObject({
    statusCode: 200,
    issues: [{ message: expect.stringMatching(/^the body cannot be read as its model \((Range|Type)Error\)$/) }],
  });
});

it.each([
  ['list', Array.from({ length: 5_000 }, () => ({})), '[0].count'],
  ['list', [...Array.from({ length: 5_000 }, () => ({ count: 1 })), {}, {}], '[5000].count'],
])('a reply to %s with thousands of items is refused for the first that is wrong', async (method, items, path) => {
  const error = await failure(read(method, 200, JSON.stringify(items)), CallbackReplyError);
  expect(error.issues).toEqual([{ path, message: expect.stringContaining('count must be') }]);
});

it.each([
  ['objects', Array.from({ length: 10_001 }, () => ({})), 'has more than 10000 objects and arrays'],
  ['properties', [Object.fromEntries(Array.from({ length: 4_001 }, (_, index) => [`p${index}`, 1]))], 'more than 4000'],
])('a reply with too many %s is refused without a check of each', async (_, items, message) => {
  const error = await failure(read('list', 200, JSON.stringify(items)), CallbackReplyError);
  expect(error.issues).toEqual([{ path: '', message: expect.stringContaining(message) }]);
});

it('a reply with thousands of items does not block other work while it is checked', async () => {
  let turns = 0;
  const takeTurn = (): void => {
    turns += 1;
    next = setImmediate(takeTurn);
  };
  let next = setImmediate(takeTurn);
  await read('list', 200, JSON.stringify(Array.from({ length: 9_000 }, () => ({ count: 1 }))));
  clearImmediate(next);
  expect(turns).toBeGreaterThan(1);
});
