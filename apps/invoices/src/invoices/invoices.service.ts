import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { Invoice, StoredInvoice } from './invoice.dto.js';
import { InvoicesRepository } from './invoices.repository.js';

@Injectable()
export class InvoicesService {
  constructor(private readonly repository: InvoicesRepository) {}

  create(invoice: Invoice, callbackUrl?: string): StoredInvoice {
    if (!this.repository.insert(invoice, callbackUrl)) {
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

  pay(id: string): StoredInvoice {
    const invoice = this.findOne(id);
    if (!this.repository.markPaid(id)) throw new ConflictException(`Invoice ${id} is paid already.`);
    return { ...invoice, paid: true };
  }
}
