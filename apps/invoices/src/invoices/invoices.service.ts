import { ConflictException, Injectable, Logger, NotFoundException } from '@nestjs/common';
import { CallbackError, Callbacks } from 'nestjs-callbacks';
import type { CallbackUrls } from 'nestjs-callbacks';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import type { Invoice, InvoiceNotification, StoredInvoice } from './invoice.dto.js';
import { InvoicesRepository } from './invoices.repository.js';

@Injectable()
export class InvoicesService {
  readonly #logger = new Logger(InvoicesService.name);

  constructor(
    private readonly repository: InvoicesRepository,
    private readonly callbacks: Callbacks,
  ) {}

  create(invoice: Invoice, urls: CallbackUrls<InvoiceCallbacks>): StoredInvoice {
    if (!this.repository.insert(invoice, urls)) {
      throw new ConflictException(`There is an invoice ${invoice.id} already.`);
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

  async pay(id: string): Promise<StoredInvoice> {
    this.findOne(id);
    if (!this.repository.markPaid(id)) throw new ConflictException(`Invoice ${id} is paid already.`);
    this.repository.storeNotification(id, await this.#notify(id));
    return this.findOne(id);
  }

  /** The invoice is paid whatever the receiver says: a failure is noted, and thrown to nobody. */
  async #notify(id: string): Promise<InvoiceNotification> {
    const event = { description: 'Payment celebration', paid: true };
    try {
      const result = await this.callbacks.send(InvoiceCallbacks, this.repository.urlsOf(id)).invoiceNotification(event);
      return result.status === 'delivered' ? { status: 'delivered', reply: result.body } : { status: 'skipped' };
    } catch (error) {
      if (!(error instanceof CallbackError)) throw error;
      this.#logger.warn(error.message);
      return { status: 'failed', error: error.message };
    }
  }
}
