import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiDefaultResponse,
  ApiOkResponse,
  ApiProperty,
  ApiResponse,
} from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, receiverReplies, withCallbacks } from 'nestjs-callbacks';
import fastapi from '../cases/fastapi-tutorial.json' with { type: 'json' };
import { closeApps, createApp, createDocument, documentOf, PLATFORMS } from '../support/create-app.js';
import { callbacksOf, findOperation } from '../support/find-operation.js';
import { frozen } from '../support/frozen.js';
import { InvoicesController } from '../support/invoices.js';

const VERSIONS = ['3.0.0', '3.0.4', '3.1.0', '3.1.1', '3.2.0'];
const IMPORTS = { 'with CallbacksModule': [CallbacksModule.forRoot()], 'without CallbacksModule': [] };
const URL = '{$request.query.callback_url}/invoices/{$request.body#/id}';

afterEach(closeApps);

describe.each(PLATFORMS)('the FastAPI tutorial on %s', (platform) => {
  describe.each(VERSIONS)('in OpenAPI %s', (openapi) => {
    it.each(Object.entries(IMPORTS))('%s documents what FastAPI documents', async (_title, imports) => {
      const app = await createApp({ imports, controllers: [InvoicesController] }, platform);
      const document = documentOf(app, { openapi });

      expect(document.openapi).toBe(openapi);
      expect(findOperation(document, 'POST /invoices')).toMatchObject({ callbacks: fastapi.callbacks });
      expect(callbacksOf(document, 'POST /invoices')).toEqual({
        invoiceNotification: {
          [URL]: {
            post: {
              operationId: 'InvoiceCallbacks_invoiceNotification',
              parameters: [],
              requestBody: {
                required: true,
                content: { 'application/json': { schema: { $ref: '#/components/schemas/InvoiceEvent' } } },
              },
              responses: {
                200: {
                  description: '',
                  content: { 'application/json': { schema: { $ref: '#/components/schemas/InvoiceEventReceived' } } },
                },
              },
              security: [],
            },
          },
        },
      });
    });
  });

  it('mounts nothing: every address of the callback gives 404', async () => {
    const app = await createApp({ imports: [CallbacksModule.forRoot()], controllers: [InvoicesController] }, platform);
    documentOf(app);
    await app.listen(0, '127.0.0.1');
    const base = await app.getUrl();
    const asked = ['/invoices/1', '/events/invoices/1', '/0', '/', `/${encodeURIComponent(URL)}`];
    const statuses = await Promise.all(
      asked.map(async (path) => (await fetch(base + path, { method: 'POST' })).status),
    );
    expect(statuses).toEqual(asked.map(() => 404));
    expect((await fetch(`${base}/invoices`, { method: 'POST' })).status).toBe(201);
  });
});

describe('withCallbacks', () => {
  it('puts the models of the callback into components.schemas, and nothing of it into paths', async () => {
    const app = await createApp({ controllers: [InvoicesController] });
    const document = documentOf(app);
    expect(Object.keys(document.paths)).toEqual(['/invoices']);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual([
      'Invoice',
      'InvoiceEvent',
      'InvoiceEventReceived',
    ]);
    expect(document.components?.schemas?.['InvoiceEvent']).toEqual({
      type: 'object',
      properties: { description: { type: 'string' }, paid: { type: 'boolean' } },
      required: ['description', 'paid'],
    });
  });

  it('does not change the given document', async () => {
    const app = await createApp({ controllers: [InvoicesController] });
    const document = frozen(createDocument(app));
    const before = JSON.stringify(document);
    expect(withCallbacks(app, document)).not.toBe(document);
    expect(JSON.stringify(document)).toBe(before);
  });

  it('leaves no mark in the document, however often it is called', async () => {
    const app = await createApp({ controllers: [InvoicesController] });
    const document = createDocument(app);
    const first = withCallbacks(app, document);
    expect(withCallbacks(app, document)).toEqual(first);
    expect(JSON.stringify(first)).not.toContain('x-nestjs-callbacks');
  });

  it('works on a document that has been through JSON', async () => {
    const app = await createApp({ controllers: [InvoicesController] });
    const document = createDocument(app);
    const copy = JSON.parse(JSON.stringify(document)) as typeof document;
    expect(withCallbacks(app, copy)).toEqual(JSON.parse(JSON.stringify(withCallbacks(app, document))));
  });

  it('mentions the callbacks of an operation in its description, if asked to', async () => {
    const app = await createApp({ controllers: [InvoicesController] });
    const document = documentOf(app);
    expect(document.paths['/invoices']!.post).not.toHaveProperty('description');
    const mentioned = withCallbacks(app, createDocument(app), { mention: true });
    expect(mentioned.paths['/invoices']!.post!.description).toBe('Sends the callback `invoiceNotification`.');
    const described = createDocument(app);
    described.paths['/invoices']!.post!.description = 'Create an invoice.';
    const both = withCallbacks(app, described, { mention: true });
    expect(both.paths['/invoices']!.post!.description).toBe(
      'Create an invoice.\n\nSends the callback `invoiceNotification`.',
    );
  });
});

class Reply {
  @ApiProperty() ok!: boolean;
}
class Mistake {
  @ApiProperty() message!: string;
}

@CallbackController('{$callback_url}')
class Callbacks {
  @Post('1') returnsClass(): Reply {
    return receiverReplies();
  }
  @Get('2') returnsClassToGet(): Reply {
    return receiverReplies();
  }
  @Post('3') @HttpCode(202) returnsClassWithStatus(): Reply {
    return receiverReplies();
  }
  @Post('4') returnsNothing(): void {
    return receiverReplies();
  }
  @Post('5') async returnsPromise(): Promise<Reply> {
    return receiverReplies();
  }
  @Post('6') returnsString(): string {
    return receiverReplies();
  }
  @Post('7') @HttpCode(204) returnsNothingWithStatus(): void {
    return receiverReplies();
  }
  @Post('8') @ApiOkResponse({ type: Reply }) declares(): Mistake {
    return receiverReplies();
  }
  @Post('9') @ApiBadRequestResponse({ type: Mistake }) declaresErrorOnly(): Reply {
    return receiverReplies();
  }
  @Post('10') @ApiResponse({ status: '5XX', description: 'later' }) declaresErrorRange(): void {
    return receiverReplies();
  }
  @Post('11') @ApiDefaultResponse({ description: 'any' }) declaresDefault(): Reply {
    return receiverReplies();
  }
  // What the CLI plugin writes on a method that returns nothing.
  @Post('12') @ApiResponse({ status: 201 }) declaresStatusOnly(): void {
    return receiverReplies();
  }
  @Post('13') @ApiAcceptedResponse() declaresAccepted(): void {
    return receiverReplies();
  }
  @Post('14') @Header('x-a', 'b') returnsInline(): { ok: boolean } {
    return receiverReplies();
  }
}

@CallbackController('{$callback_url}')
@ApiResponse({ status: 404, description: 'gone' })
class WithClassError {
  @Post() notify(): Reply {
    return receiverReplies();
  }
}

@CallbackController('{$callback_url}')
@ApiOkResponse({ description: 'fine' })
class WithClassSuccess {
  @Post() notify(): Reply {
    return receiverReplies();
  }
}

async function responsesOf(callbacks: new () => object): Promise<Record<string, unknown>> {
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(callbacks)
    create(@Query('callback_url') url: string, @Body() order: object) {}
  }
  const linked = callbacksOf(documentOf(await createApp({ controllers: [Orders] })), 'POST /orders');
  const operations = Object.entries(linked).map(([name, urls]) => {
    const operation = Object.values(Object.values(urls)[0]!)[0]!;
    return [name, operation['responses']] as const;
  });
  return Object.fromEntries(operations);
}

const model = (name: string) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  description: '',
});
const ACCEPTED = { '2XX': { description: 'accepted' } };

describe('the reply of a callback', () => {
  it('is declared by its decorators, or else by the return type of its method, or else is any 2XX', async () => {
    expect(await responsesOf(Callbacks)).toEqual({
      returnsClass: { 201: model('Reply') },
      returnsClassToGet: { 200: model('Reply') },
      returnsClassWithStatus: { 202: model('Reply') },
      returnsNothing: ACCEPTED,
      returnsPromise: ACCEPTED,
      returnsString: ACCEPTED,
      returnsNothingWithStatus: { 204: { description: '' } },
      declares: { 200: model('Reply') },
      declaresErrorOnly: { 201: model('Reply'), 400: model('Mistake') },
      declaresErrorRange: { ...ACCEPTED, '5XX': { description: 'later' } },
      declaresDefault: { default: { description: 'any' } },
      declaresStatusOnly: ACCEPTED,
      declaresAccepted: { 202: { description: '' } },
      returnsInline: ACCEPTED,
    });
  });

  it('is added to the replies that the class declares', async () => {
    expect(await responsesOf(WithClassError)).toEqual({
      notify: { 201: model('Reply'), 404: { description: 'gone' } },
    });
  });

  it('is the success that the class declares, if it declares one', async () => {
    expect(await responsesOf(WithClassSuccess)).toMatchObject({ notify: { 200: { description: 'fine' } } });
  });
});
