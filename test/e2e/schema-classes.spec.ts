import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Headers, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse } from '@nestjs/swagger';
import { IsInt } from 'class-validator';
import {
  CallbackContractError,
  CallbackController,
  CallbackReplyError,
  Callbacks,
  CallbacksModule,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbackUrls } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { z } from 'zod';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp } from '../support/create-app.js';
import { failure } from '../support/failure.js';

afterEach(async () => {
  await closeApps();
  await closeAll();
});

/** A class as `createZodDto()` of nestjs-zod makes them: all that is known of it here is its static `schema`. */
function zodDto<Schema extends z.ZodType<object>>(schema: Schema) {
  class Dto {
    static readonly isZodDto = true;
    static readonly schema = schema;
  }
  return Dto as unknown as { new (): z.output<Schema>; schema: Schema };
}
class PaidEvent extends zodDto(z.object({ paid: z.boolean() })) {}
class PaidReply extends zodDto(z.object({ ok: z.boolean() })) {}
class Filter extends zodDto(z.object({ limit: z.coerce.number() })) {}
class Trace extends zodDto(z.object({ 'x-trace': z.string().min(3) })) {}
class Row {
  @IsInt() id!: number;
}

@CallbackController('{$request.query.callback_url}')
class InvoiceCallbacks {
  @Post('paid')
  @ApiOkResponse({ type: PaidReply })
  paid(@Body() event: PaidEvent, @Query() filter: Filter, @Headers() trace: Trace): PaidReply {
    return receiverReplies(event, filter, trace);
  }
  @Post('rows')
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiBody({ type: [Row] })
  rows(@Body() rows: Row[]): void {
    return receiverReplies(rows);
  }
}

async function scene() {
  const receiver = closing(await CallbackReceiver.listen(InvoiceCallbacks));
  receiver.replyWith('paid', { ok: true });
  const app = await createApp({ imports: [CallbacksModule.forRoot({ egress: receiver.egress })] });
  const urls: CallbackUrls<InvoiceCallbacks> = { paid: `${receiver.url}/paid`, rows: `${receiver.url}/rows` };
  return { receiver, client: app.get(Callbacks).send(InvoiceCallbacks, urls), urls };
}

describe('a class with a static Standard Schema', () => {
  const right = [{ paid: true }, { limit: 5 }, { 'x-trace': 'abc' }] as const;

  it('is sent if its schema accepts it, and read by the receiver', async () => {
    const { receiver, client } = await scene();
    expect(await client.paid(...right)).toMatchObject({ status: 'delivered', body: { ok: true } });
    const { args, url, headers } = await receiver.next('paid');
    expect(args[0]).toEqual({ paid: true });
    expect(url).toBe(`${receiver.url}/paid?limit=5`);
    expect(headers['x-trace']).toBe('abc');
  });

  it('sends nothing that its schema rejects', async () => {
    const { receiver, client } = await scene();
    const wrong = [{ paid: 'perhaps' }, { limit: 'many' }, { 'x-trace': 'a' }] as never as typeof right;
    const error = await failure(client.paid(...wrong), CallbackContractError);
    expect(error.issues.map(({ path }) => path)).toEqual(['paid', 'limit', 'x-trace']);
    expect([...receiver.received('paid'), ...receiver.refused()]).toEqual([]);
  });

  it('validates the reply', async () => {
    const { receiver, client } = await scene();
    receiver.replyWith('paid', { ok: 'yes' }, { unchecked: true });
    const error = await failure(client.paid(...right), CallbackReplyError);
    expect(error.issues).toMatchObject([{ path: 'ok' }]);
  });

  it('is checked by the CallbackReceiver', async () => {
    const { receiver } = await scene();
    const headers = { 'content-type': 'application/json', 'x-trace': 'abc' };
    const response = await fetch(`${receiver.url}/paid?limit=5`, { method: 'POST', headers, body: '{"paid":1}' });
    expect(response.status).toBe(400);
    expect(receiver.refused()).toMatchObject([{ issues: [{ path: 'paid' }] }]);
  });
});

describe('the items of a body, by the class that @ApiBody() names', () => {
  it('are validated, and sent in the media type that can be written', async () => {
    const { receiver, client } = await scene();
    const error = await failure(client.rows([{ id: 1 }, { id: 'a' as never }]), CallbackContractError);
    expect(error.issues).toMatchObject([{ path: '[1].id' }]);
    await client.rows([{ id: 1 }]);
    const { args, headers } = await receiver.next('rows');
    expect(args[0]).toEqual([{ id: 1 }]);
    expect(args[0][0]).toBeInstanceOf(Row);
    expect(headers['content-type']).toBe('application/json');
  });

  it('are checked by the CallbackReceiver', async () => {
    const { receiver } = await scene();
    const headers = { 'content-type': 'application/json' };
    await fetch(`${receiver.url}/rows`, { method: 'POST', headers, body: '[{"id":1},{"id":"a"}]' });
    expect(receiver.refused()).toMatchObject([{ statusCode: 400, issues: [{ path: '[1].id' }] }]);
  });
});
