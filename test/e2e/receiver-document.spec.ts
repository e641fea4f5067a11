import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiOkResponse, ApiPropertyOptional, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbackDocumentError,
  receiverDocument,
  receiverReplies,
} from 'nestjs-callbacks';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import { findOperation } from '../support/find-operation.js';
import { InvoicesController } from '../support/invoices.js';
import { documents, OK, operationsOf, receive, withOrders, written } from '../support/receiver-documents.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

describe.each(PLATFORMS)('the invoices of the tutorial on %s', (platform) => {
  it.each(['3.0.4', '3.1.0', '3.2.0'])('are a whole document of OpenAPI %s', async (openapi) => {
    const app = await createApp({ controllers: [InvoicesController] }, platform);
    expect(receive(documentOf(app, { openapi }))).toEqual({
      openapi,
      info: {
        title: 'Invoices: callbacks',
        description: [
          'The API that a server must implement to receive the requests of Invoices.',
          '## What is sent',
          '- `POST /invoices/{id}`. Callback of `POST /invoices`.',
        ].join('\n\n'),
        version: '1.0',
        contact: {},
      },
      servers: [
        {
          url: '{callback_url}',
          description: 'From callback_url in the query of POST /invoices.',
          variables: { callback_url: { default: 'https://www.external.org' } },
        },
      ],
      tags: [{ name: 'POST /invoices' }],
      paths: {
        '/invoices/{id}': {
          post: {
            operationId: 'InvoiceCallbacks_invoiceNotification',
            tags: ['POST /invoices'],
            parameters: [
              {
                name: 'id',
                in: 'path',
                required: true,
                description: 'From `id` in the body of POST /invoices.',
                schema: { type: 'string' },
              },
            ],
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
      components: {
        schemas: { InvoiceEvent: expect.anything(), InvoiceEventReceived: expect.anything() },
      },
    });
  });
});

it('is served next to the document of the API', async () => {
  const app = await createApp({ controllers: [InvoicesController] });
  const api = documentOf(app);
  SwaggerModule.setup('docs', app, api);
  SwaggerModule.setup('docs/receiver', app, receiverDocument(api));
  await app.listen(0, '127.0.0.1');
  const get = async (path: string) => fetch((await app.getUrl()) + path);
  const titles = await Promise.all(
    ['/docs-json', '/docs/receiver-json'].map(
      async (path) => ((await (await get(path)).json()) as OpenAPIObject).info.title,
    ),
  );
  expect(titles).toEqual(['Invoices', 'Invoices: callbacks']);
  expect(await (await get('/docs/receiver')).text()).toContain('swagger-ui-init.js');
  expect(await (await get('/docs/receiver/swagger-ui-init.js')).text()).toContain('Invoices: callbacks');
});

describe('the document as a whole', () => {
  it('keeps the contact of the API, and can have another title', async () => {
    const document = withOrders(
      {},
      {
        info: {
          title: 'Other',
          summary: 'An API',
          version: '2',
          license: { name: 'MIT', url: 'https://mit.example' },
          contact: { name: 'A' },
        },
      },
    );
    expect(receive(document, { info: { title: 'Mine' } }).info).toEqual({
      title: 'Mine',
      description: expect.stringContaining('Other'),
      version: '2',
      license: { name: 'MIT', url: 'https://mit.example' },
      contact: { name: 'A' },
    });
  });

  it.each(['3.0.3', '3.1.0', '3.2.0'])('has no paths without callbacks, in OpenAPI %s', (openapi) => {
    const document = written({ paths: { '/orders': { get: { responses: OK } } } }, openapi);
    expect(receive(document)).toMatchObject({ openapi, paths: {}, components: {} });
  });

  it('contains only webhooks if the API has nothing else', () => {
    const { paths, ...document } = written({ webhooks: { paid: { post: { responses: OK } } } });
    expect(operationsOf(receive(document as OpenAPIObject))).toEqual(['POST /paid']);
  });
});

describe('only', () => {
  const document = () =>
    withOrders(
      {
        one: { '{$request.query.url}/one': { post: { responses: OK } } },
        two: { '{$request.query.url}/two': { post: { responses: OK } } },
      },
      { webhooks: { three: { post: { responses: OK } } } },
    );

  it('picks callbacks and webhooks', () => {
    expect(operationsOf(receive(document(), { only: ['two', 'three'] }))).toEqual(['POST /two', 'POST /three']);
  });

  it('lists the declared names if a name is unknown', () => {
    expect(() => receiverDocument(document(), { only: ['one', 'four'] })).toThrow(
      [
        'Cannot document 1 callback:',
        '',
        '1. receiverDocument()',
        '   `only` names four, which is not a callback or webhook of the document.',
        '   Declared: one, two, three',
        '   Fix: use the declared names, which are the keys under `callbacks` and `webhooks`.',
      ].join('\n'),
    );
  });
});

describe('an unreadable URL', () => {
  it('is reported at once, with its position and its fix', () => {
    const document = withOrders({
      plain: { '{url}/x': { post: { responses: OK } } },
      open: { '{$request.query.url': { post: { responses: OK } } },
      gone: { $ref: '#/components/callbacks/Gone' },
      far: { '{$request.query.url}': { $ref: 'other.yaml#/item' } },
    });
    let thrown: unknown;
    try {
      receiverDocument(document);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CallbackDocumentError);
    const { problems } = thrown as CallbackDocumentError;
    expect(problems).toMatchObject(
      [
        [
          'expression-syntax',
          'callback plain',
          /^\{url\}\/x has \{url\}, which is not a runtime/,
          /\$request\.query\.url/,
        ],
        ['expression-syntax', 'callback open', /never closed/, /Close the expression/],
        ['unknown-reference', 'callback gone', /#\/components\/callbacks\/Gone, which is not/, /Correct the reference/],
        ['unknown-reference', 'callback far', /other\.yaml#\/item/, /Bundle the files/],
      ].map(([code, place, message, fix]) => ({
        code,
        place,
        linkedFrom: ['POST /orders'],
        message: expect.stringMatching(message!),
        fix: expect.stringMatching(fix!),
      })),
    );
  });

  it('is a schema outside the components that holds itself', () => {
    const $ref = '#/x-models/Tree';
    const tree = { type: 'object', properties: { child: { $ref } } };
    const content = { 'application/json': { schema: { $ref } } };
    const document = withOrders(
      { done: { '{$request.query.url}': { post: { requestBody: { content }, responses: OK } } } },
      { 'x-models': { Tree: tree } },
    );
    expect(() => receiverDocument(document)).toThrow(/#\/x-models\/Tree\n {3}It refers to itself/);
  });
});

it('a callback without a body has none', async () => {
  @CallbackController('https://hooks.example/x')
  class Pings {
    @Get('{$request.body#/id}')
    @ApiOkResponse({ description: 'pong' })
    ping(): void {
      return receiverReplies();
    }
  }
  class Order {
    @ApiPropertyOptional({ type: 'integer' }) id?: number;
  }
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(Pings)
    create(@Body() order: Order) {}
  }
  const received = receive(documentOf(await createApp({ controllers: [Orders] })));
  expect(received.servers).toEqual([{ url: 'https://hooks.example' }]);
  expect(findOperation(received, 'GET /x/{id}')).toEqual({
    operationId: 'Pings_ping',
    tags: ['POST /orders'],
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'From `id` in the body of POST /orders.',
        schema: { type: 'integer' },
      },
    ],
    responses: { 200: { description: 'pong' } },
    security: [],
  });
});

await import('./receiver-document/paths.js');
await import('./receiver-document/operations.js');
await import('./receiver-document/sources.js');
await import('./receiver-document/as-found.js');
await import('./receiver-document/guidance.js');

it('all of these documents are valid', async () => {
  expect(documents.length).toBeGreaterThan(30);
  expect(await findFaults(documents)).toBe('');
}, 120_000);
