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

/** The receiver's word that it has understood. */
export class InvoiceEventReceived {
  @IsBoolean()
  ok!: boolean;
}
