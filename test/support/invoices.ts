import { Body, Controller, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsString } from 'class-validator';
import { ApiCallback, CallbackController, receiverReplies } from 'nestjs-callbacks';

/** The invoices of the FastAPI tutorial, as a user of the library writes them without the CLI plugin. */
export class Invoice {
  @ApiProperty() id!: string;
  @ApiPropertyOptional() title?: string;
  @ApiProperty() customer!: string;
  @ApiProperty() total!: number;
}

export class InvoiceEvent {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
}

export class InvoiceEventReceived {
  @ApiProperty() @IsBoolean() ok!: boolean;
}

export class CreateInvoiceQuery {
  @ApiPropertyOptional({ format: 'uri' }) callback_url?: string;
}

@CallbackController('{$request.query.callback_url}')
export class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: InvoiceEventReceived })
  invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies(event);
  }
}

@Controller('invoices')
export class InvoicesController {
  @Post()
  @ApiCallback(InvoiceCallbacks)
  create(@Body() invoice: Invoice, @Query() query: CreateInvoiceQuery) {
    return invoice;
  }
}
