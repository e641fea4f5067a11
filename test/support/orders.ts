import { Body, Controller, Get, Headers, Post, Query, ValidationPipe } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProperty, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, ValidateNested } from 'class-validator';
import {
  ApiCallback,
  CallbackController,
  Callbacks,
  CallbacksModule,
  CallbackUrls,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { z } from 'zod';
import { closing } from './closing.js';
import { createApp } from './create-app.js';
import type { Platform } from './create-app.js';

export class Line {
  @ApiProperty() @IsString() text!: string;
}

export class Event {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
  @ApiProperty({ type: [Line] })
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];
}

export class Reply {
  @ApiProperty() @IsBoolean() ok!: boolean;
}

export class Order {
  @ApiProperty() @IsString() id!: string;
}

export class OrderQuery {
  @ApiProperty({ required: false }) @IsOptional() callback_url?: unknown;
}

@CallbackController('{$request.query.callback_url}')
export class OrderCallbacks {
  @Post('orders/{$request.body#/id}')
  @ApiOkResponse({ type: Reply })
  @ApiResponse({ status: '2XX', description: 'anything' })
  @ApiQuery({ name: 'tag', required: false, isArray: true, type: String })
  @ApiHeader({ name: 'x-trace', required: false })
  paid(@Body() event: Event, @Query('tag') tag?: string[], @Headers('x-trace') trace?: string): Reply {
    return receiverReplies(event, tag, trace);
  }
  @Post('{$response.body#/number}')
  @ApiOkResponse({ type: Reply })
  numbered(@Body({ schema: z.object({ at: z.coerce.date() }) }) body: { at: string }): Reply {
    return receiverReplies(body);
  }
  @Get() ping(): void {
    return receiverReplies();
  }
  @Get('own') own(@Headers('Webhook-Id') id?: string): void {
    return receiverReplies(id);
  }
}

@Controller('orders')
export class Orders {
  @Post()
  @ApiCallback(OrderCallbacks, { only: ['paid', 'ping', 'own'] })
  create(
    @Body() order: Order,
    @Query() query: OrderQuery,
    @CallbackUrls(OrderCallbacks) urls: CallbackUrls<OrderCallbacks>,
  ) {
    return urls;
  }
}

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

export const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

/** A receiver, and an app that may call it at these URLs. */
export async function scene(options: CallbacksModuleOptions = {}, platform: Platform = 'express') {
  const receiver = closing(await CallbackReceiver.listen(OrderCallbacks));
  receiver.replyWith('paid', REPLY);
  receiver.replyWith('numbered', { ok: true });
  const app = await createApp(
    { imports: [CallbacksModule.forRoot({ egress: receiver.egress, ...options })], controllers: [Orders] },
    platform,
  );
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
  const callbacks = app.get(Callbacks);
  const base = `${receiver.url}/events?token=top-secret`;
  const request = { query: { callback_url: base }, body: { id: 'a/1' } };
  const urls = callbacks.urls(OrderCallbacks, { request, response: { body: { number: 7 } } });
  return { app, receiver, callbacks, base, urls, client: callbacks.send(OrderCallbacks, urls) };
}

export async function post(
  app: INestApplication,
  query: string,
  order: object = { id: 'a/1', unknown: true },
): Promise<{ status: number; body: unknown }> {
  if (!app.getHttpServer().listening) await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/orders?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  return { status: response.status, body: await response.json() };
}

export const EVENT = { description: 'Payment celebration', paid: true };

export const REPLY = { ok: true, more: 1 };
