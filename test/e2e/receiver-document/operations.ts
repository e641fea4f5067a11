import { describe, expect, it } from '@jest/globals';
import { Body, Controller, Put, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiCallback } from 'nestjs-callbacks';
import { createApp, documentOf } from '../../support/create-app.js';
import { findOperation } from '../../support/find-operation.js';
import { Invoice, InvoiceCallbacks, InvoicesController } from '../../support/invoices.js';
import { bodyOf, OK, operationsOf, receive, withOrders, written } from '../../support/receiver-documents.js';

describe('callbacks with the same HTTP method and path', () => {
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

  it('are one if operations share them', async () => {
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
      parameters: [{ description: 'From `id` in the body of POST /invoices or PUT /drafts.' }],
    });
  });

  it('are one path if they differ only in the names of parameters', () => {
    const received = receive(
      withOrders({
        one: { '{$request.query.url}/orders/{$request.body#/id}': paid },
        two: { '{$request.query.url}/orders/{$request.body#/number}': { put: { responses: OK } } },
      }),
    );
    expect(operationsOf(received)).toEqual(['POST /orders/{id}', 'PUT /orders/{id}']);
    expect(received.paths['/orders/{id}']!.put!.parameters).toMatchObject([
      { name: 'id', description: 'From `number` in the body of POST /orders.' },
    ]);
  });

  it('are alternatives of one operation if both are sent to one URL', () => {
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

  it('are separate paths if the receiver chooses their URLs', () => {
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
          'Here `failed_url` in the query of POST /orders ends in `/onFailed`, to distinguish it from another callback with the same path.',
      },
    });
  });

  it('are separate paths if two operations have a URL with the same name', () => {
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

  it('are alternatives of one operation if their URLs are fixed, and other paths are changed for them', () => {
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
