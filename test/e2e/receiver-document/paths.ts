import { describe, expect, it } from '@jest/globals';
import { findOperation } from '../../support/find-operation.js';
import { bodyOf, OK, operationsOf, receive, withOrders, written } from '../../support/receiver-documents.js';

describe('servers', () => {
  const callback = { post: { responses: OK } };

  it('have the example of the parameter as their default, without query and fragment', () => {
    const parameters = [
      { name: 'url', in: 'query', schema: { type: 'string' }, example: 'https://hooks.example/in/?token=1' },
    ];
    const document = written({
      paths: { '/orders': { post: { parameters, callbacks: { done: { '{$request.query.url}/x': callback } } } } },
    });
    expect(receive(document).servers).toMatchObject([{ variables: { url: { default: 'https://hooks.example/in' } } }]);
  });

  it('have an example from a body, through references', () => {
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
        description: 'From hooks.0.url in the body of POST /orders.',
        variables: { url: { default: 'https://a.example' } },
      },
    ]);
    expect(received.components).toEqual({});
  });

  it('are at the root if all are the same, and describe all sources', () => {
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
        description: 'From url in the query of POST /a or PUT /b, or url in the body of the response to GET /c.',
      },
    ]);
    expect(JSON.stringify(received.paths)).not.toContain('servers');
  });

  it('are at the path or at the operation if they differ', () => {
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
          description: 'From scheme in the query of POST /orders. From shop in the query of POST /orders.',
          variables: { scheme: {}, shop: { default: 'example' } },
        },
      ],
      paths: { '/x': {} },
    });
  });

  it('are those of the callback if its URL is relative', () => {
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
                description: 'From `id` in the body of POST /orders.',
                schema: { type: 'integer' },
              },
              { name: 'email', in: 'query', required: true, schema: { type: 'string', format: 'email' } },
            ],
          },
        },
      },
    });
  });

  it('the path is / if the URL is one bare expression', () => {
    const document = withOrders({ done: { '$request.body#/url': { post: { responses: OK } } } });
    expect(operationsOf(receive(document))).toEqual(['POST /']);
  });

  it('each source has its own type, and clashing names are made unique', () => {
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
        ['id', { type: 'integer', minimum: 1 }, 'From `id` in the path of POST /orders/{id}.'],
        ['body_id', { type: 'number' }, 'From `id` in the body of POST /orders/{id}.'],
        ['response_id', { type: 'boolean' }, 'From `id` in the body of the response to POST /orders/{id}.'],
        ['x_id', { type: 'string', format: 'uuid' }, 'From the header `x-id` of the response to POST /orders/{id}.'],
        ['status_code', { type: 'integer' }, 'From the status of the response to POST /orders/{id}.'],
        ['gone', { type: 'string' }, 'From `gone` in the query of POST /orders/{id}.'],
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
        description: 'From `no-{id}-{request_method}`, with `id` in the body and the method of POST /orders.',
        schema: { type: 'string' },
      },
      { name: 'x', in: 'query', required: true, schema: { type: 'array', items: { type: 'string' } } },
    ]);
  });

  it('its own description comes before its source', () => {
    const described = { type: 'string', description: 'The number of the order.' };
    const item = {
      post: {
        parameters: [{ name: 'ref', in: 'query', description: 'Yours.', schema: { type: 'string' } }],
        responses: OK,
      },
    };
    const document = withOrders({
      done: { '{$request.query.url}/{$request.body#/id}?ref={$request.body#/ref}': item },
    });
    const content = { 'application/json': { schema: { properties: { id: described, ref: { type: 'string' } } } } };
    Object.assign(findOperation(document, 'POST /orders'), { requestBody: { content } });
    expect(receive(document).paths['/{id}']!.post!.parameters).toMatchObject([
      { name: 'id', description: 'The number of the order.\n\nFrom `id` in the body of POST /orders.' },
      { name: 'ref', description: 'Yours.\n\nFrom `ref` in the body of POST /orders.' },
    ]);
  });

  it('the parameters that the callback declares take precedence, and those of its path item are included', () => {
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
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'From `id` in the body of POST /orders.',
        schema: { type: 'string', pattern: '^a' },
      },
    ]);
  });
});
