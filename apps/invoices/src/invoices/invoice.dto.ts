import { Type } from 'class-transformer';
import { IsNotEmpty, IsNumber, IsOptional, IsPositive, IsString, IsUrl } from 'class-validator';
import { InvoiceEventReceived } from './invoice-event.dto.js';

/** An invoice, as the client writes it. */
export class Invoice {
  /**
   * Your own number of the invoice.
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

/** The state of the notification about an invoice. */
export class InvoiceNotification {
  /** The state: `queued` is sent until your server accepts it, `skipped` has no callback URL. */
  status!: 'queued' | 'delivered' | 'failed' | 'skipped';

  /** The reply of your server. */
  reply?: InvoiceEventReceived;

  /** Why the last attempt failed. */
  error?: string;
}

/** An invoice and its state. */
export class StoredInvoice extends Invoice {
  /** Whether the customer has paid. */
  paid!: boolean;

  /**
   * The state of the notification, once the invoice is paid.
   * @example { "status": "delivered", "reply": { "ok": true } }
   */
  notification?: InvoiceNotification;
}

export class CreateInvoiceQuery {
  /**
   * The URL of your server for notifications about the invoice.
   * @example 'https://www.external.org/events'
   */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  callback_url?: string;
}
