import { describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query } from '@nestjs/common';
import { ApiProperty, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { DocumentBuilder } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, receiverReplies, WebhookController } from 'nestjs-callbacks';
import { createApp, documentOf } from '../../support/create-app.js';
import { findOperation } from '../../support/find-operation.js';
import { InvoiceEvent } from '../../support/invoices.js';
import { bodyOf, OK, operationsOf, receive, withOrders, written } from '../../support/receiver-documents.js';

describe('webhooks', () => {
  class Undone {
    @ApiProperty() undo_url!: string;
  }
  @CallbackController('{$response.body#/undo_url}')
  class Undo {
    @Post('undo') undone(): void {
      return receiverReplies();
    }
  }
  @WebhookController()
  class InvoiceWebhooks {
    @Post('invoicePaid')
    @ApiCallback(Undo)
    paid(@Body() event: InvoiceEvent): Undone {
      return receiverReplies(event);
    }
  }

  it.each(['3.0.4', '3.1.0', '3.2.0'])('are paths, and so are their callbacks, in OpenAPI %s', async (openapi) => {
    const app = await createApp({ imports: [CallbacksModule.forRoot({ webhooks: [InvoiceWebhooks] })] });
    const received = receive(documentOf(app, { openapi }));
    expect(operationsOf(received)).toEqual(['POST /invoicePaid', 'POST /undo']);
    expect(received.paths['/invoicePaid']).toMatchObject({
      servers: [
        {
          url: '{webhook_url}',
          description: 'The URL that was registered in advance.',
          variables: { webhook_url: { default: 'https://www.external.org' } },
        },
      ],
      post: { tags: ['Webhooks'] },
    });
    expect(received.paths['/undo']).toMatchObject({ servers: [{ url: '{undo_url}' }] });
    expect(findOperation(received, 'POST /undo')).toMatchObject({ tags: ['POST webhook invoicePaid'] });
    expect(findOperation(received, 'POST /invoicePaid')).not.toHaveProperty('callbacks');
    expect(JSON.stringify(received)).not.toContain('"webhooks"');
  });

  it('have their names as paths, whatever is in them', () => {
    const names = ['new order', '/slash', 'a?b#c', '{id}'];
    const document = written({
      webhooks: Object.fromEntries(names.map((name) => [name, { post: { responses: OK } }])),
    });
    expect(Object.keys(receive(document).paths)).toEqual(['/new%20order', '/slash', '/a%3Fb%23c', '/%7Bid%7D']);
  });
});

describe('signing and security', () => {
  @CallbackController('{$request.query.callback_url}')
  class Secured {
    @Post('secured')
    @ApiSecurity('key')
    @ApiTags('own')
    secured(): void {
      return receiverReplies();
    }
    @Post('open') open(): void {
      return receiverReplies();
    }
  }
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(Secured)
    @ApiSecurity('own')
    create(@Query('callback_url') url: string) {}
  }
  const configure = (builder: DocumentBuilder) =>
    builder
      .addApiKey({ type: 'apiKey', name: 'X-Key', in: 'header' }, 'key')
      .addApiKey({ type: 'apiKey', name: 'X-Own', in: 'header' }, 'own')
      .addSecurityRequirements('own');

  it('keep the schemes of the callbacks, but not those of the API', async () => {
    const received = receive(documentOf(await createApp({ controllers: [Orders] }), { openapi: '3.1.0', configure }));
    expect(Object.keys(received.components!.securitySchemes!)).toEqual(['key']);
    expect(received).not.toHaveProperty('security');
    expect(findOperation(received, 'POST /secured')).toMatchObject({ security: [{ key: [] }], tags: ['POST /orders'] });
    expect(findOperation(received, 'POST /open')['security']).toEqual([]);
  });

  it('the signature is a further scheme', async () => {
    const signing = { secret: `whsec_${Buffer.alloc(32).toString('base64')}` };
    const app = await createApp({ imports: [CallbacksModule.forRoot({ signing })], controllers: [Orders] });
    const received = receive(documentOf(app, { openapi: '3.1.0', configure }));
    expect(received.components!.securitySchemes).toEqual({
      key: expect.anything(),
      webhookSignature: {
        type: 'apiKey',
        in: 'header',
        name: 'webhook-signature',
        description: expect.stringMatching(/^The value of the header `webhook-signature`/),
      },
    });
    expect(findOperation(received, 'POST /open')).toMatchObject({
      security: [{ webhookSignature: [] }],
      parameters: [{ name: 'webhook-id' }, { name: 'webhook-timestamp' }, { name: 'webhook-signature' }],
    });
    expect(findOperation(received, 'POST /secured')['security']).toEqual([{ key: [], webhookSignature: [] }]);
  });
});

describe('documents of other tools', () => {
  it('have references anywhere, and only the needed components are included', () => {
    const paths = {
      '/orders': {
        post: {
          callbacks: { done: { $ref: '#/components/callbacks/Done', description: 'a sibling' } },
          requestBody: bodyOf('inlined'),
          responses: OK,
        },
      },
      '/refunds': { $ref: '#/components/pathItems/Refunds' },
    };
    const components = {
      pathItems: {
        Refunds: { post: { callbacks: { done: { $ref: '#/components/callbacks/Done' } }, responses: OK } },
        Sent: {
          'x-schema': { type: 'string', format: 'csv' },
          post: {
            parameters: [{ $ref: '#/components/parameters/Trace' }],
            requestBody: { $ref: '#/components/requestBodies/Pet' },
            responses: { 200: { $ref: '#/components/responses/Ok' } },
          },
        },
      },
      callbacks: {
        Done: {
          '{$request.query.url}/done': { $ref: '#/components/pathItems/Sent', summary: 'A sibling' },
          'x-note': 'no URL',
        },
      },
      parameters: {
        Trace: { name: 'X-Trace', in: 'header', schema: { $ref: '#/components/schemas/Trace' } },
        Unused: { name: 'X-Unused', in: 'header', schema: { $ref: '#/components/schemas/Unused' } },
      },
      requestBodies: {
        Pet: {
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/Pet' },
              examples: { cat: { $ref: '#/components/examples/Cat' } },
            },
            'text/csv': { schema: { $ref: '#/components/pathItems/Sent/x-schema' } },
            'text/plain': {
              schema: {
                $ref: '#/paths/~1orders/post/requestBody/content/application~1json/schema/properties/inlined',
              },
            },
          },
        },
      },
      examples: { Cat: { value: { kind: 'Cat' } } },
      headers: { Rate: { schema: { type: 'integer' } } },
      responses: { Ok: { description: 'ok', headers: { 'X-Rate': { $ref: '#/components/headers/Rate' } } } },
      schemas: {
        Trace: { type: 'string' },
        Pet: {
          type: 'object',
          required: ['kind'],
          properties: { kind: { type: 'string' } },
          discriminator: { propertyName: 'kind' },
        },
        Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }] },
        Named: {
          oneOf: [{ $ref: '#/components/schemas/Trace' }],
          discriminator: { propertyName: 'kind', mapping: { a: 'Mapped' } },
        },
        Mapped: { type: 'object' },
        Unused: { type: 'string' },
      },
    };
    components.schemas.Cat.allOf.push({ $ref: '#/components/schemas/Named' });
    const received = receive(written({ paths, components }));
    expect(operationsOf(received)).toEqual(['POST /done']);
    expect(findOperation(received, 'POST /done')).toMatchObject({
      tags: ['POST /orders', 'POST /refunds'],
      summary: 'A sibling',
    });
    const kept = Object.entries(received.components!).map(([section, entries]) => [section, Object.keys(entries!)]);
    expect(Object.fromEntries(kept)).toEqual({
      parameters: ['Trace'],
      requestBodies: ['Pet'],
      examples: ['Cat'],
      headers: ['Rate'],
      responses: ['Ok'],
      schemas: ['Trace', 'Pet', 'Cat', 'Named', 'Mapped'],
    });
    expect(received.components!.requestBodies!['Pet']).toMatchObject({
      content: { 'text/plain': { schema: { type: 'string' } }, 'text/csv': { schema: { format: 'csv' } } },
    });
  });

  it('have callbacks of callbacks, also in cycles', () => {
    const again = { $ref: '#/components/callbacks/Again' };
    const document = withOrders(
      { again, outer: { '{$request.query.url}/a': { post: { callbacks: { again }, responses: OK } } } },
      {
        components: {
          callbacks: {
            Again: { '{$response.body#/next}/{$request.body#/id}': { put: { callbacks: { again }, responses: OK } } },
          },
        },
      },
    );
    const received = receive(document);
    expect(operationsOf(received)).toEqual(['PUT /{id}', 'POST /a']);
    expect(findOperation(received, 'PUT /{id}')).toMatchObject({
      tags: ['POST /orders', 'PUT callback again', 'POST callback outer'],
      parameters: [
        { description: 'From `id` in the body of POST /orders, PUT callback again or POST callback outer.' },
      ],
    });
  });

  it('have methods of their own in OpenAPI 3.2', () => {
    const item = { query: { responses: OK }, additionalOperations: { NOTIFY: { responses: OK } } };
    const document = { ...withOrders({ done: { '{$request.query.url}/x': item } }), openapi: '3.2.0' };
    expect(receive(document).paths['/x']).toMatchObject({
      query: { operationId: 'done' },
      additionalOperations: { NOTIFY: { operationId: 'done_2' } },
    });
  });

  it('have links to operations of the API, which the receiver does not have', () => {
    const responses = {
      200: {
        description: 'ok',
        links: {
          own: { operationId: 'sent' },
          theirs: { operationId: 'create' },
          by: { operationRef: '#/paths/~1orders/post' },
        },
      },
    };
    const document = withOrders({ done: { '{$request.query.url}/x': { post: { operationId: 'sent', responses } } } });
    Object.assign(findOperation(document, 'POST /orders'), { operationId: 'create' });
    expect(receive(document).paths['/x']!.post!.responses).toEqual({
      200: { description: 'ok', links: { own: { operationId: 'sent' } } },
    });
  });
});
