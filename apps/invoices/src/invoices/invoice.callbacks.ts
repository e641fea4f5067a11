import { Body, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import { InvoiceEvent, InvoiceEventReceived } from './invoice-event.dto.js';

@CallbackController('{$request.query.callback_url}')
export class InvoiceCallbacks {
  /**
   * Sent once the customer has paid the invoice.
   * @remarks Reply with `{ "ok": true }` to confirm it.
   */
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: InvoiceEventReceived, description: 'You have received the event.' })
  invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies(event);
  }
}
