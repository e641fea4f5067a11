import { Type } from 'class-transformer';
import { IsNotEmpty, IsNumber, IsOptional, IsPositive, IsString, IsUrl } from 'class-validator';
import { InvoiceEventReceived } from './invoice-event.dto.js';

/** An invoice, as the client writes it. */
export class Invoice {
  /**
   * The client's own number of the invoice.
   * @example '2expen51ve'
   */
  @IsString()
  @IsNotEmpty()
  id!: string;

  /** What the invoice is for. */
  @IsOptional()
  @IsString()
  title?: string;

  /**
   * Who pays.
   * @example 'Mr. Richie Rich'
   */
  @IsString()
  @IsNotEmpty()
  customer!: string;

  /**
   * The amount to pay.
   * @example 9999
   */
  @Type(() => Number)
  @IsNumber()
  @IsPositive()
  total!: number;
}

/** What became of the notification about an invoice. */
export class InvoiceNotification {
  /** `queued`: it is sent until your server has it. `skipped`: no callback URL was given. */
  status!: 'queued' | 'delivered' | 'failed' | 'skipped';

  /** What your server replied. */
  reply?: InvoiceEventReceived;

  /** Why the last attempt failed. */
  error?: string;
}

/** An invoice and what has become of it. */
export class StoredInvoice extends Invoice {
  /** Whether the customer has paid. */
  paid!: boolean;

  /**
   * What became of the notification, once the invoice is paid.
   * @example { "status": "delivered", "reply": { "ok": true } }
   */
  notification?: InvoiceNotification;
}

export class CreateInvoiceQuery {
  /**
   * Where your server wants to be told about the invoice.
   * @example 'https://www.external.org/events'
   */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  callback_url?: string;
}
