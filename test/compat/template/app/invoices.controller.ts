import { Body, Controller, Post, Query } from '@nestjs/common';
import { ApiCallback, CallbackUrls } from 'nestjs-callbacks';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import { CreateInvoiceQuery, Invoice } from './invoice.dto.js';

@Controller('invoices')
export class InvoicesController {
  @Post()
  @ApiCallback(InvoiceCallbacks)
  create(
    @Body() _invoice: Invoice,
    @Query() _query: CreateInvoiceQuery,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ): object {
    return urls;
  }
}
