import { Body, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import { InvoiceEvent, InvoiceEventReceived } from './invoice-event.dto.js';

@CallbackController('{$request.query.callback_url}')
export class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: InvoiceEventReceived })
  invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies(event);
  }
}
