import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Callbacks, CallbackUrlError } from 'nestjs-callbacks';
import type { CallbackUrls, PreparedCallback } from 'nestjs-callbacks';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import { Outbox } from '../outbox/outbox.js';
import type { InvoiceCallback } from './invoice-callback.dto.js';
import type { Invoice, InvoiceNotification, StoredInvoice } from './invoice.dto.js';
import { InvoicesRepository } from './invoices.repository.js';

@Injectable()
export class InvoicesService {
  constructor(
    private readonly repository: InvoicesRepository,
    private readonly callbacks: Callbacks,
    private readonly outbox: Outbox,
  ) {}

  create(invoice: Invoice, urls: CallbackUrls<InvoiceCallbacks>): StoredInvoice {
    if (!this.repository.insert(invoice, urls)) {
      throw new ConflictException(`The invoice ${invoice.id} already exists.`);
    }
    return this.findOne(invoice.id);
  }

  findAll(): StoredInvoice[] {
    return this.repository.findAll();
  }

  findOne(id: string): StoredInvoice {
    const invoice = this.repository.findOne(id);
    if (!invoice) throw new NotFoundException(`There is no invoice ${id}.`);
    return invoice;
  }

  /** Returns the state of the callback, whose key is the id of the invoice. */
  async findCallback(id: string): Promise<InvoiceCallback> {
    this.findOne(id);
    const [found] = (await this.callbacks.deliveries({ key: id, limit: 1 })).deliveries;
    const delivery = found && (await this.callbacks.delivery(found.id));
    if (!delivery) throw new NotFoundException(`There is no callback for invoice ${id}.`);
    const { url, state, attempts, nextAttemptAt, history } = delivery;
    return { id: delivery.id, url, state, attempts, ...(nextAttemptAt && { nextAttemptAt }), history: [...history] };
  }

  /** Stores the payment and its callback in one transaction, so that both are stored or neither. */
  async pay(id: string): Promise<StoredInvoice> {
    this.findOne(id);
    const { delivery, notification } = await this.#prepare(id);
    this.repository.transaction(() => {
      if (!this.repository.markPaid(id)) throw new ConflictException(`Invoice ${id} is paid already.`);
      this.repository.storeNotification(id, notification);
      if (delivery) this.outbox.save(delivery);
    });
    this.outbox.flush();
    return this.findOne(id);
  }

  /** The payment is recorded even if the URL of the client may no longer be called. */
  async #prepare(id: string): Promise<{ delivery?: PreparedCallback; notification: InvoiceNotification }> {
    const event = { description: 'Payment celebration', paid: true };
    const urls = this.repository.urlsOf(id);
    try {
      const delivery = await this.callbacks.prepare(InvoiceCallbacks, urls, { key: id }).invoiceNotification(event);
      return { delivery, notification: { status: delivery.status === 'prepared' ? 'queued' : 'skipped' } };
    } catch (error) {
      if (!(error instanceof CallbackUrlError)) throw error;
      return { notification: { status: 'failed', error: error.message } };
    }
  }
}
