import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse } from '@nestjs/swagger';
import { ApiCallback, CallbackUrls } from 'nestjs-callbacks';
import { InvoiceCallback } from './invoice-callback.dto.js';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import { CreateInvoiceQuery, Invoice, StoredInvoice } from './invoice.dto.js';
import { InvoicesService } from './invoices.service.js';

/** An example of a new invoice. */
const UNPAID = { id: '2expen51ve', customer: 'Mr. Richie Rich', total: 9999, paid: false } satisfies StoredInvoice;

@Controller('invoices')
export class InvoicesController {
  constructor(private readonly invoices: InvoicesService) {}

  /**
   * Create an invoice.
   * @remarks Pass a `callback_url` to be notified when the customer has paid the invoice.
   * @throws {409} An invoice with this id already exists.
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

  /** List all invoices, newest first. */
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
   * Read the state of the callback of an invoice, with every attempt.
   * @throws {404} There is no invoice with this id, it is not paid, or it has no callback URL.
   */
  @Get(':id/callback')
  findCallback(@Param('id') id: string): Promise<InvoiceCallback> {
    return this.invoices.findCallback(id);
  }

  /**
   * Record the payment of an invoice, and notify its callback URL.
   * @throws {404} There is no invoice with this id.
   * @throws {409} The invoice is already paid.
   */
  @Post(':id/payment')
  pay(@Param('id') id: string): Promise<StoredInvoice> {
    return this.invoices.pay(id);
  }
}
