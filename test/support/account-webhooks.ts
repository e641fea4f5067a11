import { Body, Headers, Post, Put, Query } from '@nestjs/common';
import { ApiProperty, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { Equals, IsBoolean, IsString } from 'class-validator';
import { receiverReplies, WebhookController } from 'nestjs-callbacks';

export class InvoicePaid {
  @ApiProperty() @Equals('invoice.paid') type!: string;
  @ApiProperty() @IsString() invoice!: string;
}

export class InvoiceVoided {
  @ApiProperty() @Equals('invoice.voided') type!: string;
  @ApiProperty() @IsString() invoice!: string;
}

export class Received {
  @ApiProperty() @IsBoolean() ok!: boolean;
}

/** Webhooks of an account: all are sent to the one URL that it has stored. */
@WebhookController()
export class AccountWebhooks {
  @Post('invoicePaid')
  @ApiOkResponse({ type: Received })
  invoicePaid(@Body() event: InvoicePaid): Received {
    return receiverReplies(event);
  }
  @Post('invoiceVoided')
  @ApiNoContentResponse()
  invoiceVoided(@Body() event: InvoiceVoided): void {
    return receiverReplies(event);
  }
  @Put('balance')
  @ApiNoContentResponse()
  balanceChanged(
    @Headers('X-Account') account: string,
    @Query('currency') currency: string,
    @Body('balance') balance: number,
  ): void {
    return receiverReplies(account, currency, balance);
  }
}

export const paid: InvoicePaid = { type: 'invoice.paid', invoice: '2expen51ve' };
export const voided: InvoiceVoided = { type: 'invoice.voided', invoice: '2expen51ve' };
