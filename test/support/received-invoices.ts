import { Body, Controller, Get, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsString } from 'class-validator';
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
import { createApp } from './create-app.js';

export class Event {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
}

export class Received {
  @ApiProperty() @IsBoolean() ok!: boolean;
}

@CallbackController('{$request.query.callback_url}')
export class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: Received })
  @ApiHeader({ name: 'x-trace', required: false })
  notify(@Body() event: Event, @Headers('x-trace') trace?: string): Received {
    return receiverReplies(event, trace);
  }
  @Post('schema') schema(@Body({ schema: z.object({ n: z.number().max(9) }) }) body: { n: number }): void {
    return receiverReplies(body);
  }
  @Get('ping') @HttpCode(204) ping(@Query('limit') limit: number): void {
    return receiverReplies(limit);
  }
  @Post('later') @ApiAcceptedResponse() later(): void {
    return receiverReplies();
  }
}

@Controller('invoices')
export class Invoices {
  constructor(private readonly callbacks: Callbacks) {}

  @Post()
  @ApiCallback(InvoiceCallbacks, { only: ['notify'] })
  async create(
    @Body() invoice: { id: string },
    @Query('callback_url') callbackUrl: string,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ) {
    const result = await this.callbacks.send(InvoiceCallbacks, urls).notify(EVENT);
    return result.status === 'delivered' ? result.body : {};
  }
}

export const EVENT = { description: 'Payment celebration', paid: true };

/** An app that may call a receiver, and the URLs of its callbacks there. */
export async function sender(receiver: CallbackReceiver<InvoiceCallbacks>, options: CallbacksModuleOptions = {}) {
  const app = await createApp({
    imports: [CallbacksModule.forRoot({ egress: receiver.egress, ...options })],
    controllers: [Invoices],
  });
  const callbacks = app.get(Callbacks);
  const exchange = { request: { query: { callback_url: `${receiver.url}/hook?token=1` }, body: { id: 'a/1' } } };
  const client = callbacks.send(InvoiceCallbacks, callbacks.urls(InvoiceCallbacks, exchange));
  return { app, client };
}

export const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
