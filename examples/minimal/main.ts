import { createServer } from 'node:http';
import { Body, Controller, HttpCode, Module, Param, Post, Query, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  DocumentBuilder,
  SwaggerModule,
} from '@nestjs/swagger';
import { IsBoolean, IsNumber, IsOptional, IsString } from 'class-validator';
import {
  ApiCallback,
  CallbackController,
  Callbacks,
  CallbacksModule,
  CallbackUrls,
  receiverReplies,
  withCallbacks,
} from 'nestjs-callbacks';

const PORT = Number(process.env['PORT'] ?? 3000);
const RECEIVER_PORT = Number(process.env['RECEIVER_PORT'] ?? 3001);
const RECEIVER = `http://localhost:${RECEIVER_PORT}`;

class Invoice {
  @ApiProperty({ example: '2expen51ve' }) @IsString() id!: string;
  @ApiProperty({ example: 9999 }) @IsNumber() total!: number;
}

class CreateInvoiceQuery {
  @ApiPropertyOptional({ format: 'uri', example: RECEIVER }) @IsOptional() @IsString() callback_url?: string;
}

class InvoiceEvent {
  @ApiProperty({ example: 'Payment celebration' }) @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
}

class InvoiceEventReceived {
  @ApiProperty() @IsBoolean() ok!: boolean;
}

// 1. The request that the API sends back. The client implements it, so it adds no route to this API.
@CallbackController('{$request.query.callback_url}')
class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOperation({ summary: 'Sent once the customer has paid the invoice.' })
  @ApiOkResponse({ type: InvoiceEventReceived })
  invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies(event);
  }
}

// 2. The API: it documents the callback, keeps the URLs of each invoice, and sends the callback later.
@Controller('invoices')
class InvoicesController {
  private readonly urls = new Map<string, CallbackUrls<InvoiceCallbacks>>();

  constructor(private readonly callbacks: Callbacks) {}

  @Post()
  @ApiCallback(InvoiceCallbacks)
  create(
    @Body() invoice: Invoice,
    @Query() _query: CreateInvoiceQuery,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ): Invoice {
    this.urls.set(invoice.id, urls);
    return invoice;
  }

  @Post(':id/payment')
  @HttpCode(202)
  pay(@Param('id') id: string) {
    const event = { description: 'Payment celebration', paid: true };
    return this.callbacks.enqueue(InvoiceCallbacks, this.urls.get(id) ?? {}).invoiceNotification(event);
  }
}

@Module({
  imports: [
    // For development: the receiver is on this machine. Without `egress`, callbacks go only to public addresses.
    CallbacksModule.forRoot({ egress: { allow: ['127.0.0.1', '::1'], ports: [RECEIVER_PORT], http: true } }),
  ],
  controllers: [InvoicesController],
})
class AppModule {}

// 3. The client's server, which usually belongs to somebody else.
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  console.log(`The receiver got ${request.method} ${request.url} ${body}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true }));
});
receiver.listen(RECEIVER_PORT);

const app = await NestFactory.create(AppModule);
app.useGlobalPipes(new ValidationPipe({ transform: true }));
const document = SwaggerModule.createDocument(app, new DocumentBuilder().setTitle('Invoices').build());
SwaggerModule.setup('docs', app, withCallbacks(app, document));
await app.listen(PORT);
console.log(`Swagger UI: http://localhost:${PORT}/docs. Open POST /invoices, then "Callbacks".`);

// 4. The client creates an invoice and pays it.
await post(`/invoices?callback_url=${RECEIVER}`, { id: '2expen51ve', total: 9999 });
await post('/invoices/2expen51ve/payment');

async function post(path: string, body = {}): Promise<void> {
  const response = await fetch(`http://localhost:${PORT}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  console.log(`The API replied to POST ${path} with ${response.status} ${await response.text()}`);
}
