import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiSecurity,
  ApiTags,
  SwaggerModule,
} from '@nestjs/swagger';
import type { DocumentBuilder, OpenAPIObject } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbackDocumentError,
  CallbacksModule,
  receiverDocument,
  receiverReplies,
  WebhookController,
} from 'nestjs-callbacks';
import type { ReceiverDocumentOptions } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import { findOperation } from '../support/find-operation.js';
import { frozen } from '../support/frozen.js';
import { Invoice, InvoiceCallbacks, InvoiceEvent, InvoicesController } from '../support/invoices.js';
import { findFaults } from '../support/validate-documents.js';

const documents: OpenAPIObject[] = [];
afterEach(closeApps);

/** The document of the receiver, from one that must not be changed; all of them are validated at the end. */
function receive(document: OpenAPIObject, options?: ReceiverDocumentOptions): OpenAPIObject {
  const received = receiverDocument(frozen(document), options);
  documents.push(received);
  return received;
}

const OK = { 200: { description: 'ok' } };

/** A document as another tool writes it. */
function written(fields: object, openapi = '3.1.0'): OpenAPIObject {
  return { openapi, info: { title: 'Other', version: '2' }, paths: {}, ...fields };
}

/** A document whose `POST /orders` has these callbacks. */
function withOrders(callbacks: object, fields: object = {}): OpenAPIObject {
  return written({ paths: { '/orders': { post: { callbacks, responses: OK } } }, ...fields });
}

/** A body that holds one property of this name. */
const bodyOf = (name: string) => ({
  content: { 'application/json': { schema: { type: 'object', properties: { [name]: { type: 'string' } } } } },
});

const operationsOf = ({ paths }: OpenAPIObject) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((field) => field !== 'servers')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );

describe.each(PLATFORMS)('the invoices of the tutorial on %s', (platform) => {
  it.each(['3.0.4', '3.1.0', '3.2.0'])('are a whole document of OpenAPI %s', async (openapi) => {
    const app = await createApp({ controllers: [InvoicesController] }, platform);
    expect(receive(documentOf(app, { openapi }))).toEqual({
      openapi,
      info: {
        title: 'Invoices: callbacks',
        description: 'The API that a server has to implement to receive what Invoices sends.',
        version: '1.0',
        contact: {},
      },
      servers: [
        {
          url: '{callback_url}',
          description: '`callback_url` of the query of POST /invoices',
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
                description: '`id` of the body of POST /invoices',
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

it('is served beside the document of the API', async () => {
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
  it('keeps who is behind the API, and takes a title', async () => {
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

  it.each(['3.0.3', '3.1.0', '3.2.0'])('has no paths where there are no callbacks, in OpenAPI %s', (openapi) => {
    const document = written({ paths: { '/orders': { get: { responses: OK } } } }, openapi);
    expect(receive(document)).toMatchObject({ openapi, paths: {}, components: {} });
  });

  it('is one of webhooks where the API has nothing else', () => {
    const { paths, ...document } = written({ webhooks: { paid: { post: { responses: OK } } } });
    expect(operationsOf(receive(document as OpenAPIObject))).toEqual(['POST /paid']);
  });
});

describe('servers', () => {
  const callback = { post: { responses: OK } };

  it('have the example of the parameter as their default, without what no server has', () => {
    const parameters = [
      { name: 'url', in: 'query', schema: { type: 'string' }, example: 'https://hooks.example/in/?token=1' },
    ];
    const document = written({
      paths: { '/orders': { post: { parameters, callbacks: { done: { '{$request.query.url}/x': callback } } } } },
    });
    expect(receive(document).servers).toMatchObject([{ variables: { url: { default: 'https://hooks.example/in' } } }]);
  });

  it('have an example from a body, by way of references', () => {
    const document = withOrders(
      { done: { '{$request.body#/hooks/0/url}': callback } },
      {
        components: {
          schemas: {
            Order: {
              allOf: [{ properties: { hooks: { type: 'array', items: { $ref: '#/components/schemas/Hook' } } } }],
            },
            Hook: { properties: { url: { $ref: '#/components/schemas/Url' } } },
            Url: { type: 'string', examples: ['https://a.example'] },
          },
        },
      },
    );
    const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } };
    Object.assign(findOperation(document, 'POST /orders'), { requestBody: body });
    const received = receive(document);
    expect(received.servers).toEqual([
      {
        url: '{url}',
        description: '`hooks.0.url` of the body of POST /orders',
        variables: { url: { default: 'https://a.example' } },
      },
    ]);
    expect(received.components).toEqual({});
  });

  it('stand at the root where all are the same, and tell all sources', () => {
    const document = written({
      paths: {
        '/a': { post: { callbacks: { x: { '{$request.query.url}/x': callback } }, responses: OK } },
        '/b': { put: { callbacks: { y: { '{$request.query.url}/y': callback } }, responses: OK } },
        '/c': { get: { callbacks: { z: { '{$response.body#/url}/z': callback } }, responses: OK } },
      },
    });
    const received = receive(document);
    expect(received.servers).toMatchObject([
      {
        description: '`url` of the query of POST /a or PUT /b, or `url` of the body of the response to GET /c',
      },
    ]);
    expect(JSON.stringify(received.paths)).not.toContain('servers');
  });

  it('stand at the path, or at the operation, where they differ', () => {
    const document = withOrders({
      one: { '{$request.query.url}/x': callback, '{$request.query.url}/both': callback },
      two: { 'https://hooks.example/y': callback, 'https://hooks.example/both': { put: { responses: OK } } },
    });
    const { servers, paths } = receive(document);
    const both = [paths['/both']?.post?.servers?.[0]?.url, paths['/both']?.put?.servers?.[0]?.url];
    expect(servers).toBeUndefined();
    expect(paths['/x']).toMatchObject({ servers: [{ url: '{url}' }] });
    expect(paths['/y']).toMatchObject({ servers: [{ url: 'https://hooks.example' }] });
    expect(both).toEqual(['{url}', 'https://hooks.example']);
  });

  it('can be made of several expressions', () => {
    const document = withOrders({ one: { '{$request.query.scheme}://{$request.query.shop}.example/x': callback } });
    expect(receive(document)).toMatchObject({
      servers: [
        {
          url: '{scheme}://{shop}.example',
          description: '`scheme` of the query of POST /orders; `shop` of the query of POST /orders',
          variables: { scheme: {}, shop: { default: 'example' } },
        },
      ],
      paths: { '/x': {} },
    });
  });

  it('are those of the callback where its URL is relative', () => {
    const servers = [{ url: 'https://hooks.example/v1', description: 'ours' }];
    const document = withOrders({ one: { '/x': { servers, ...callback } } });
    expect(receive(document)).toMatchObject({ servers, paths: { '/x': { post: {} } } });
  });
});

describe('what an expression in a URL becomes', () => {
  it('the example of the specification, whose server is fixed, has query parameters', () => {
    // OpenAPI Specification 3.1.1, section "Callback Object Examples", with a response that has an id.
    const url = 'http://notificationServer.com?transactionId={$request.body#/id}&email={$request.body#/email}';
    const document = withOrders({
      transactionCallback: { [url]: { post: { requestBody: bodyOf('x'), responses: OK } } },
    });
    const schema = {
      type: 'object',
      properties: { id: { type: 'integer' }, email: { type: 'string', format: 'email' } },
    };
    Object.assign(findOperation(document, 'POST /orders'), {
      requestBody: { content: { 'application/json': { schema } } },
    });
    expect(receive(document)).toMatchObject({
      servers: [{ url: 'http://notificationServer.com' }],
      paths: {
        '/': {
          post: {
            operationId: 'transactionCallback',
            parameters: [
              {
                name: 'transactionId',
                in: 'query',
                required: true,
                description: '`id` of the body of POST /orders',
                schema: { type: 'integer' },
              },
              { name: 'email', in: 'query', required: true, schema: { type: 'string', format: 'email' } },
            ],
          },
        },
      },
    });
  });

  it('the path is / where the URL is one bare expression', () => {
    const document = withOrders({ done: { '$request.body#/url': { post: { responses: OK } } } });
    expect(operationsOf(receive(document))).toEqual(['POST /']);
  });

  it('each source has its own type, and names that clash are told apart', () => {
    const callbacks = {
      done: {
        '{$request.query.url}/{$request.path.id}/{$request.body#/id}/{$response.body#/id}/{$response.header.x-id}/{$statusCode}/{$request.query.gone}':
          { post: { responses: OK } },
      },
    };
    const json = (schema: object) => ({ content: { 'application/json': { schema } } });
    const id = (type: string) => ({ properties: { id: { type } } });
    const document = written({
      paths: {
        '/orders/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }],
          post: {
            callbacks,
            requestBody: json(id('number')),
            responses: {
              201: {
                description: '',
                ...json(id('boolean')),
                headers: { 'X-Id': { schema: { type: 'string', format: 'uuid' } } },
              },
            },
          },
        },
      },
    });
    const received = receive(document);
    expect(operationsOf(received)).toEqual(['POST /{id}/{body_id}/{response_id}/{x_id}/{status_code}/{gone}']);
    expect(Object.values(received.paths)[0]!.post!.parameters).toMatchObject(
      [
        ['id', { type: 'integer', minimum: 1 }, '`id` of the path of POST /orders/{id}'],
        ['body_id', { type: 'number' }, '`id` of the body of POST /orders/{id}'],
        ['response_id', { type: 'boolean' }, '`id` of the body of the response to POST /orders/{id}'],
        ['x_id', { type: 'string', format: 'uuid' }, 'the header `x-id` of the response to POST /orders/{id}'],
        ['status_code', { type: 'integer' }, 'the status of the response to POST /orders/{id}'],
        ['gone', { type: 'string' }, '`gone` of the query of POST /orders/{id}'],
      ].map(([name, schema, description]) => ({ name, in: 'path', required: true, schema, description })),
    );
  });

  it('literal, mixed and repeated pairs of the query are parameters', () => {
    const url = '{$request.query.url}?kind=a%20b&flag&ref=no-{$request.body#/id}-{$method}&x=1&x={$request.query.x}';
    const parameters = receive(withOrders({ done: { [url]: { post: { responses: OK } } } })).paths['/']!.post!
      .parameters;
    expect(parameters).toEqual([
      { name: 'kind', in: 'query', required: true, schema: { type: 'string', enum: ['a b'] } },
      { name: 'flag', in: 'query', required: true, schema: { type: 'string', enum: [''] } },
      {
        name: 'ref',
        in: 'query',
        required: true,
        description: '`no-{id}-{request_method}`: `id` of the body and the method of POST /orders',
        schema: { type: 'string' },
      },
      { name: 'x', in: 'query', required: true, schema: { type: 'array', items: { type: 'string' } } },
    ]);
  });

  it('the parameters that the callback declares itself count first, and its path item has some too', () => {
    const item = {
      summary: 'Of the item',
      parameters: [
        { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
        { name: 'x-own', in: 'header', schema: { type: 'string' } },
      ],
      post: {
        parameters: [
          { name: 'X-Own', in: 'header', schema: { type: 'integer' } },
          { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^a' } },
          { name: 'nowhere', in: 'path', required: true, schema: { type: 'string' } },
        ],
        responses: OK,
      },
    };
    const { post } = receive(withOrders({ done: { '{$request.query.url}/{$request.body#/id}': item } })).paths[
      '/{id}'
    ]!;
    expect(post!.summary).toBe('Of the item');
    expect(post!.parameters).toEqual([
      item.parameters[0],
      { name: 'X-Own', in: 'header', schema: { type: 'integer' } },
      { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^a' } },
    ]);
  });
});

describe('callbacks that come out at one place', () => {
  const paid = { post: { operationId: 'paid', summary: 'Paid', requestBody: bodyOf('paid'), responses: OK } };
  const failed = {
    post: {
      operationId: 'failed',
      summary: 'Failed',
      requestBody: bodyOf('error'),
      parameters: [{ name: 'retry', in: 'query', required: true, schema: { type: 'string' } }],
      responses: { 204: { description: 'noted' } },
    },
  };

  it('are one where operations share them', async () => {
    @Controller('drafts')
    class Drafts {
      @Put()
      @ApiCallback(InvoiceCallbacks)
      @ApiOperation({ summary: 'Sends a draft.' })
      send(@Body() invoice: Invoice, @Query('callback_url') url: string) {}
    }
    const app = await createApp({ controllers: [InvoicesController, Drafts] });
    const received = receive(documentOf(app, { openapi: '3.1.0' }));
    expect(operationsOf(received)).toEqual(['POST /invoices/{id}']);
    expect(received.tags).toEqual([{ name: 'POST /invoices' }, { name: 'PUT /drafts', description: 'Sends a draft.' }]);
    expect(findOperation(received, 'POST /invoices/{id}')).toMatchObject({
      tags: ['POST /invoices', 'PUT /drafts'],
      parameters: [{ description: '`id` of the body of POST /invoices or PUT /drafts' }],
    });
  });

  it('are one path where they differ in the names of parameters only', () => {
    const received = receive(
      withOrders({
        one: { '{$request.query.url}/orders/{$request.body#/id}': paid },
        two: { '{$request.query.url}/orders/{$request.body#/number}': { put: { responses: OK } } },
      }),
    );
    expect(operationsOf(received)).toEqual(['POST /orders/{id}', 'PUT /orders/{id}']);
    expect(received.paths['/orders/{id}']!.put!.parameters).toMatchObject([
      { name: 'id', description: '`number` of the body of POST /orders' },
    ]);
  });

  it('are alternatives of one operation where both are sent to one URL', () => {
    const received = receive(
      withOrders({
        one: { '{$request.query.url}?type=paid': paid },
        two: { '{$request.query.url}?type=failed': failed },
      }),
    );
    const schemas = [paid, failed].map(({ post }) => post.requestBody.content['application/json'].schema);
    expect(received.paths).toEqual({
      '/': {
        post: {
          operationId: 'paid_or_failed',
          summary: 'Paid / Failed',
          tags: ['POST /orders'],
          parameters: [
            { name: 'type', in: 'query', required: true, schema: { type: 'string', enum: ['paid', 'failed'] } },
            { name: 'retry', in: 'query', required: false, schema: { type: 'string' } },
          ],
          requestBody: { required: false, content: { 'application/json': { schema: { anyOf: schemas } } } },
          responses: { 200: { description: 'ok' }, 204: { description: 'noted' } },
        },
      },
    });
  });

  it('are paths of their own where the receiver chooses their URLs', () => {
    const received = receive(
      withOrders({
        onPaid: { '{$request.query.paid_url}': paid },
        onFailed: { '{$request.query.failed_url}': failed },
      }),
    );
    expect(operationsOf(received)).toEqual(['POST /', 'POST /onFailed']);
    expect(received.paths['/onFailed']).toMatchObject({
      servers: [{ url: '{failed_url}' }],
      post: {
        operationId: 'failed',
        description:
          'Here `failed_url` of the query of POST /orders ends in `/onFailed`, to tell it from another callback with the same path.',
      },
    });
  });

  it('are paths of their own where two operations have a URL of one name', () => {
    const document = written({
      paths: Object.fromEntries(
        ['a', 'b', 'c'].map((name) => [
          `/${name}`,
          {
            post: {
              callbacks: {
                event: { '{$request.query.url}/x': { post: { requestBody: bodyOf(name), responses: OK } } },
              },
              responses: OK,
            },
          },
        ]),
      ),
    });
    const received = receive(document);
    expect(operationsOf(received)).toEqual(['POST /x', 'POST /event/x', 'POST /event_2/x']);
    expect(Object.values(received.paths).map(({ post }) => post!.operationId)).toEqual(['event', 'event_2', 'event_3']);
  });

  it('are alternatives of one operation where their URLs are fixed; what can move makes way for them', () => {
    const received = receive(
      withOrders({
        free: { '{$request.query.url}/x': { post: { requestBody: bodyOf('free'), responses: OK } } },
        one: { 'https://one.example/x': paid },
        two: { 'https://two.example/x': failed },
      }),
    );
    expect(operationsOf(received)).toEqual(['POST /x', 'POST /free/x']);
    expect(received.paths['/x']).toMatchObject({
      servers: [{ url: 'https://one.example' }, { url: 'https://two.example' }],
      post: { operationId: 'paid_or_failed' },
    });
  });
});

describe('webhooks', () => {
  class Undone {
    @ApiProperty() undo_url!: string;
  }
  @CallbackController('{$response.body#/undo_url}')
  class Undo {
    @Post('undo') undone() {}
  }
  @WebhookController()
  class InvoiceWebhooks {
    @Post('invoicePaid')
    @ApiCallback(Undo)
    paid(@Body() event: InvoiceEvent): Undone {
      return receiverReplies();
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
          description: 'the URL that was agreed on elsewhere',
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
    secured() {}
    @Post('open') open() {}
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

  it('keep the schemes of the callbacks, and none of the API', async () => {
    const received = receive(documentOf(await createApp({ controllers: [Orders] }), { openapi: '3.1.0', configure }));
    expect(Object.keys(received.components!.securitySchemes!)).toEqual(['key']);
    expect(received).not.toHaveProperty('security');
    expect(findOperation(received, 'POST /secured')).toMatchObject({ security: [{ key: [] }], tags: ['POST /orders'] });
    expect(findOperation(received, 'POST /open')['security']).toEqual([]);
  });

  it('the signature is a scheme beside them', async () => {
    const signing = { secret: `whsec_${Buffer.alloc(32).toString('base64')}` };
    const app = await createApp({ imports: [CallbacksModule.forRoot({ signing })], controllers: [Orders] });
    const received = receive(documentOf(app, { openapi: '3.1.0', configure }));
    expect(received.components!.securitySchemes).toEqual({
      key: expect.anything(),
      webhookSignature: {
        type: 'apiKey',
        in: 'header',
        name: 'webhook-signature',
        description: expect.stringContaining('Standard Webhooks'),
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
  it('have references wherever they like, and only what is needed comes along', () => {
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

  it('have callbacks of callbacks, in circles too', () => {
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
      parameters: [{ description: '`id` of the body of POST /orders, PUT callback again or POST callback outer' }],
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

  it('names what there is where it names what there is not', () => {
    expect(() => receiverDocument(document(), { only: ['one', 'four'] })).toThrow(
      [
        'Cannot document 1 callback:',
        '',
        '1. receiverDocument()',
        '   `only` names four, which is no callback of the document.',
        '   Declared: one, two, three',
        '   Fix: name one that is declared: the keys under `callbacks` and `webhooks`.',
      ].join('\n'),
    );
  });
});

describe('what cannot be read', () => {
  it('is told at once, with its place and its fix', () => {
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
          /^\{url\}\/x has \{url\}, which is no runtime/,
          /\$request\.query\.url/,
        ],
        ['expression-syntax', 'callback open', /never closed/, /Close the expression/],
        ['unknown-reference', 'callback gone', /#\/components\/callbacks\/Gone, which is not/, /Correct the reference/],
        ['unknown-reference', 'callback far', /other\.yaml#\/item/, /bundle/],
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
    ping() {}
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
        description: '`id` of the body of POST /orders',
        schema: { type: 'integer' },
      },
    ],
    responses: { 200: { description: 'pong' } },
    security: [],
  });
});

it('four validators find nothing wrong with any of these documents', async () => {
  expect(documents.length).toBeGreaterThan(30);
  expect(await findFaults(documents)).toBe('');
}, 120_000);
