import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, IsOptional, IsString } from 'class-validator';

export class Invoice {
  @ApiProperty() @IsString() id!: string;
  @ApiPropertyOptional() @IsOptional() @IsString() title?: string;
  @ApiProperty() @IsString() customer!: string;
  @ApiProperty() @IsNumber() total!: number;
}

export class CreateInvoiceQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() callback_url?: string;
}
