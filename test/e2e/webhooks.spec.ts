import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post, Put } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiProperty } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, receiverReplies, WebhookController } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import type { DocumentOptions } from '../support/create-app.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

const documents: OpenAPIObject[] = [];

class Event {
  @ApiProperty() id!: string;
}
class Reply {
  @ApiProperty() undo_url!: string;
}
@CallbackController('{$response.body#/undo_url}')
class Undo {
  @Post() undone(): void {
    return receiverReplies();
  }
}
@WebhookController()
class InvoiceWebhooks {
  @Post('invoicePaid')
  @ApiCallback(Undo)
  paid(@Body() event: Event): Reply {
    return receiverReplies(event);
  }
  @Put('/invoicePaid/') corrected(): void {
    return receiverReplies();
  }
  @Post() unnamed(): void {
    return receiverReplies();
  }
  @Post('secret')
  @ApiExcludeEndpoint()
  secret(@Body() body: InstanceType<typeof Secret>): void {
    return receiverReplies(body);
  }
}
class Secret {
  @ApiProperty() key!: string;
}
@Controller('orders')
class Orders {
  @Get() find() {}
}

const webhooksOf = (document: OpenAPIObject, field: string) =>
  (document as unknown as Record<string, Record<string, Record<string, unknown>>>)[field];
const imports = [CallbacksModule.forRoot({ webhooks: [InvoiceWebhooks] })];

describe.each(PLATFORMS)('@WebhookController() on %s', (platform) => {
  it.each([
    ['3.0.4', 'x-webhooks'],
    ['3.1.0', 'webhooks'],
    ['3.2.0', 'webhooks'],
  ])('is documented in OpenAPI %s under %s, by the rules of callbacks', async (openapi, field) => {
    const document = documentOf(await createApp({ imports, controllers: [Orders] }, platform), { openapi });
    documents.push(document);
    const webhooks = webhooksOf(document, field)!;
    expect(Object.entries(webhooks).map(([name, item]) => [name, Object.keys(item)])).toEqual([
      ['invoicePaid', ['post', 'put']],
      ['unnamed', ['post']],
    ]);
    expect(webhooks['invoicePaid']!['post']).toEqual({
      operationId: 'InvoiceWebhooks_paid',
      parameters: [],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } },
      },
      responses: {
        201: { description: '', content: { 'application/json': { schema: { $ref: '#/components/schemas/Reply' } } } },
      },
      security: [],
      callbacks: { undone: { '{$response.body#/undo_url}': { post: expect.objectContaining({ security: [] }) } } },
    });
    expect(Object.keys(document.paths)).toEqual(['/orders']);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(['Event', 'Reply']);
  });

  it('is never mounted', async () => {
    const app = await createApp({ imports, controllers: [Orders] }, platform);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const statuses = await Promise.all(
      ['/invoicePaid', '/unnamed', '/'].map(async (path) => (await fetch(url + path, { method: 'POST' })).status),
    );
    expect(statuses).toEqual([404, 404, 404]);
  });
});

describe('a webhook that is wrong', () => {
  it('is listed but is not a webhook controller', async () => {
    const starting = createApp({ imports: [CallbacksModule.forRoot({ webhooks: [Undo] })] });
    await expect(starting).rejects.toMatchObject({
      problems: [
        {
          code: 'not-a-webhook-controller',
          place: 'Undo',
          fix: 'Link the callback class to an operation, @ApiCallback(Undo), or list it in `callbacks` instead.',
        },
      ],
    });
  });

  it('is listed in the controllers of a module', async () => {
    const starting = createApp({ imports, controllers: [InvoiceWebhooks] });
    await expect(starting).rejects.toMatchObject({
      problems: [{ code: 'mounted-callback-controller', place: 'InvoiceWebhooks' }],
    });
  });

  it('has the name and method of another', async () => {
    @WebhookController()
    class Again {
      @Post('invoicePaid') again(): void {
        return receiverReplies();
      }
    }
    const starting = createApp({ imports: [CallbacksModule.forRoot({ webhooks: [InvoiceWebhooks, Again] })] });
    await expect(starting).rejects.toThrow(/Again\.again\n {3}The webhook POST invoicePaid already exists\./);
  });

  it('has the name and method of one that the document has already', async () => {
    const app = await createApp({ imports });
    const configure: DocumentOptions['configure'] = (builder) => {
      builder.build().webhooks = { invoicePaid: { post: { responses: {} } } };
      return builder;
    };
    expect(() => documentOf(app, { openapi: '3.1.0', configure })).toThrow(
      'The webhook POST invoicePaid already exists.',
    );
  });
});

it('webhooks that the document has already are kept', async () => {
  const app = await createApp({ imports });
  const document = documentOf(app, {
    openapi: '3.1.0',
    configure: (builder) => {
      builder.build().webhooks = { own: { post: { responses: { 200: { description: 'ok' } } } } };
      return builder;
    },
  });
  documents.push(document);
  expect(Object.keys(webhooksOf(document, 'webhooks')!)).toEqual(['own', 'invoicePaid', 'unnamed']);
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
});
