import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsString } from 'class-validator';
import {
  ApiCallback,
  CallbackController,
  CallbackDeliveryError,
  Callbacks,
  CallbacksModule,
  receiverDocument,
  receiverReplies,
  WebhookController,
} from 'nestjs-callbacks';
import ts from 'typescript';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { findTool } from '../support/find-tool.js';
import { freePort } from '../support/start-example.js';
import { startPrism } from '../support/start-prism.js';

class Invoice {
  @ApiProperty() @IsString() id!: string;
}
class CreateInvoiceQuery {
  @ApiPropertyOptional() callback_url?: string;
}
class InvoiceEvent {
  @ApiProperty() @IsBoolean() paid!: boolean;
}
class InvoiceEventReceived {
  @ApiProperty() @IsBoolean() ok!: boolean;
  @ApiProperty({ type: 'integer' }) @IsInt() number!: number;
}
@CallbackController('{$request.query.callback_url}')
class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}?source={$method}')
  @ApiOkResponse({ type: InvoiceEventReceived })
  invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies(event);
  }
}
@WebhookController()
class InvoiceWebhooks {
  @Post('invoicePaid')
  @ApiOkResponse({ type: InvoiceEventReceived })
  paid(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies(event);
  }
}
@Controller('invoices')
class Invoices {
  @Post()
  @ApiCallback(InvoiceCallbacks)
  create(@Body() invoice: Invoice, @Query() query: CreateInvoiceQuery) {}
}

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let app: INestApplication;
let port: number;
let document: OpenAPIObject;

beforeAll(async () => {
  port = await freePort();
  const egress = { allow: ['127.0.0.1'], ports: [port], http: true };
  const module = CallbacksModule.forRoot({ egress, signing: { secret }, webhooks: [InvoiceWebhooks] });
  app = await createApp({ imports: [module], controllers: [Invoices] });
  await app.init();
  document = receiverDocument(documentOf(app, { openapi: '3.1.0' }));
});

afterAll(closeApps);

it('openapi-typescript types every path of the document', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openapi-typescript-'));
  const [input, output] = [join(folder, 'receiver.json'), join(folder, 'receiver.d.ts')];
  await writeFile(input, JSON.stringify(document));
  await promisify(execFile)(process.execPath, [findTool('openapi-typescript'), input, '--output', output], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const types = await readFile(output, 'utf8');
  const use = `
    type Notify = paths['/invoices/{id}']['post'];
    export const path: Notify['parameters']['path'] = { id: 'a' };
    export const query: Notify['parameters']['query'] = { source: 'POST' };
    export const body: NonNullable<Notify['requestBody']>['content']['application/json'] = { paid: true };
    export const reply: Notify['responses'][200]['content']['application/json'] = { ok: true, number: 1 };
    export const sent: NonNullable<paths['/invoicePaid']['post']['requestBody']>['content']['application/json'] = body;
    export const all: Record<keyof paths, 1> = { '/invoices/{id}': 1, '/invoicePaid': 1 };
    // @ts-expect-error id is a string
    export const wrong: Notify['parameters']['path'] = { id: 1 };`;
  expect(findErrors(types + use)).toEqual([]);
});

/** What the TypeScript compiler says of a file. */
function findErrors(source: string): string[] {
  const options: ts.CompilerOptions = { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, types: [] };
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) =>
    name === 'receiver.ts' ? ts.createSourceFile(name, source, version) : readSource(name, version);
  const program = ts.createProgram(['receiver.ts'], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('Prism, which mocks the receiver from its document', () => {
  let prism: ChildProcess;

  beforeAll(async () => {
    prism = await startPrism(JSON.stringify(document), port, ['--errors']);
  });

  afterAll(() => void prism.kill());

  function urls(signedBy: Callbacks, id: string) {
    return signedBy.urls(InvoiceCallbacks, {
      request: { method: 'POST', query: { callback_url: `http://127.0.0.1:${port}` }, body: { id } },
    });
  }

  it('takes what is sent to it, and answers what is valid', async () => {
    const callbacks = app.get(Callbacks);
    const result = await callbacks.send(InvoiceCallbacks, urls(callbacks, 'a/b')).invoiceNotification({ paid: true });
    expect(result).toMatchObject({
      status: 'delivered',
      statusCode: 200,
      url: `http://127.0.0.1:${port}/invoices/a%2Fb?source=POST`,
      body: { ok: expect.any(Boolean), number: expect.any(Number) },
    });
  });

  it('refuses what is not signed', async () => {
    const egress = { allow: ['127.0.0.1'], ports: [port], http: true };
    const unsigned = (await createApp({ imports: [CallbacksModule.forRoot({ egress })] })).get(Callbacks);
    const sending = unsigned.send(InvoiceCallbacks, urls(unsigned, 'a')).invoiceNotification({ paid: true });
    await expect(sending).rejects.toThrow(CallbackDeliveryError);
    await expect(sending).rejects.toMatchObject({ statusCode: 401 });
  });
});
