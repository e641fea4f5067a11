import { IsNumber, IsOptional, IsString } from 'class-validator';

export class Invoice {
  @IsString() id!: string;
  @IsOptional() @IsString() title?: string;
  @IsString() customer!: string;
  @IsNumber() total!: number;
}

export class CreateInvoiceQuery {
  @IsOptional() @IsString() callback_url?: string;
}
