import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse } from '@nestjs/swagger';
import { ApiCallback, CallbackUrls } from 'nestjs-callbacks';
import { InvoiceCallback } from './invoice-callback.dto.js';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import { CreateInvoiceQuery, Invoice, StoredInvoice } from './invoice.dto.js';
import { InvoicesService } from './invoices.service.js';

/** What is stored of a new invoice: nothing has become of it yet. */
const UNPAID = { id: '2expen51ve', customer: 'Mr. Richie Rich', total: 9999, paid: false } satisfies StoredInvoice;

@Controller('invoices')
export class InvoicesController {
  constructor(private readonly invoices: InvoicesService) {}

  /**
   * Create an invoice.
   * @remarks Give a `callback_url` to be told when the customer has paid it.
   * @throws {409} There is an invoice with this id already.
   */
  @Post()
  @ApiCallback(InvoiceCallbacks)
  @ApiCreatedResponse({ type: StoredInvoice, example: UNPAID })
  create(
    @Body() invoice: Invoice,
    @Query() query: CreateInvoiceQuery,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ): StoredInvoice {
    return this.invoices.create(invoice, urls);
  }

  /** List all invoices, the newest first. */
  @Get()
  findAll(): StoredInvoice[] {
    return this.invoices.findAll();
  }

  /**
   * Read one invoice.
   * @throws {404} There is no invoice with this id.
   */
  @Get(':id')
  findOne(@Param('id') id: string): StoredInvoice {
    return this.invoices.findOne(id);
  }

  /**
   * Read what became of the callback of an invoice, attempt by attempt.
   * @throws {404} There is no invoice with this id, or it is not paid, or no callback URL was given with it.
   */
  @Get(':id/callback')
  findCallback(@Param('id') id: string): Promise<InvoiceCallback> {
    return this.invoices.findCallback(id);
  }

  /**
   * Record the payment of an invoice, and notify the callback URL that was given with it.
   * @throws {404} There is no invoice with this id.
   * @throws {409} The invoice is paid already.
   */
  @Post(':id/payment')
  pay(@Param('id') id: string): Promise<StoredInvoice> {
    return this.invoices.pay(id);
  }
}
