import { IsBoolean, IsString } from 'class-validator';

/** What has happened to an invoice. */
export class InvoiceEvent {
  /** @example 'Payment celebration' */
  @IsString()
  description!: string;

  /** Whether the customer has paid. */
  @IsBoolean()
  paid!: boolean;
}

/** The confirmation of the receiver. */
export class InvoiceEventReceived {
  @IsBoolean()
  ok!: boolean;
}
