import { Body, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import { z } from 'zod';
import { InvoiceEventReceived } from './invoice-event.dto.js';

const invoiceEvent = z.object({ description: z.string(), paid: z.boolean() }).meta({ title: 'InvoiceEvent' });

@CallbackController('{$request.query.callback_url}')
export class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: InvoiceEventReceived })
  invoiceNotification(@Body({ schema: invoiceEvent }) event: z.infer<typeof invoiceEvent>): InvoiceEventReceived {
    return receiverReplies(event);
  }
}
