import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsString } from 'class-validator';

export class InvoiceEvent {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
}

export class InvoiceEventReceived {
  @ApiProperty() @IsBoolean() ok!: boolean;
}
