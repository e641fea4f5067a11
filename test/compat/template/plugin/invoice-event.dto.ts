import { IsBoolean, IsString } from 'class-validator';

export class InvoiceEvent {
  @IsString() description!: string;
  @IsBoolean() paid!: boolean;
}

export class InvoiceEventReceived {
  @IsBoolean() ok!: boolean;
}
