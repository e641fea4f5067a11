import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CallbackDocumentError, receiverDocument } from 'nestjs-callbacks';
import { bodyOf, OK, operationsOf, receive, withOrders, written } from '../../support/receiver-documents.js';

describe('documents as they are found', () => {
  let warned: jest.SpiedFunction<Logger['warn']>;
  beforeEach(() => {
    warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => warned.mockRestore());

  const callback = { post: { responses: OK } };
  const warnings = () => warned.mock.calls.map(([message]) => String(message));

  it('have expressions without their $, which are read as they are meant', () => {
    const received = receive(
      withOrders({
        notified: { '{request.body#/notifUri}': callback },
        more: { '{request.body#/notifUri}/x/${response.body.id}': callback },
      }),
    );
    expect(operationsOf(received)).toEqual(['POST /', 'POST /x/{id}']);
    expect(received.servers).toMatchObject([
      { url: '{notifUri}', description: 'From notifUri in the body of POST /orders.' },
    ]);
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^Corrected the URLs of 2 callbacks:\n\n1\. callback notified, linked from POST \/orders\n.* It was read as \{\$request\.body#\/notifUri\}\.\n {3}Fix: Write \{\$request\.body#\/notifUri\}\./,
      ),
    ]);
  });

  const partlyRead = withOrders({
    plain: { '{uri}/x': callback },
    gone: { $ref: '#/components/callbacks/Gone' },
    model: {
      '{$request.query.url}/model': {
        post: {
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Gone' } } } },
          responses: OK,
        },
      },
    },
    read: { '{$request.query.url}/read': callback },
  });

  it('have what cannot be read, and onProblem: warn documents the rest', () => {
    const received = receiverDocument(partlyRead, { onProblem: 'warn' });
    expect(operationsOf(received)).toEqual(['POST /model', 'POST /read']);
    expect(warnings()).toEqual([
      expect.stringMatching(/^Cannot document 3 callbacks:[^]*callback plain[^]*gone[^]*model/),
    ]);
    expect(() => receiverDocument(partlyRead)).toThrow('Cannot document 3 callbacks:');
  });

  it('have it in callbacks that `only` does not name', () => {
    expect(operationsOf(receive(partlyRead, { only: ['read'] }))).toEqual(['POST /read']);
    expect(() => receiverDocument(partlyRead, { only: ['read', 'plain'] })).toThrow(
      /^Cannot document 1 callback:[^]*\{uri\}/,
    );
    expect(warnings()).toEqual([]);
  });

  it('have callbacks of callbacks that are wanted, under some that are not', () => {
    const outer = {
      '{request.body#/url}': { post: { callbacks: { inner: { '{$request.query.url}/in': callback } }, responses: OK } },
    };
    expect(operationsOf(receive(withOrders({ outer }), { only: ['inner'] }))).toEqual(['POST /in']);
    expect(warnings()).toEqual([]);
  });

  const withUrl = withOrders({ done: { '{$request.query.url}': callback } });

  it.each<[string, object]>([
    ['no value for `paths`', { paths: null }],
    ['no value for a path', { paths: { ...withUrl.paths, '/empty': null } }],
    ['a string for `parameters`', { webhooks: { paid: { post: { parameters: 'none', responses: OK } } } }],
    ['no value for `parameters`', { webhooks: { paid: { post: { parameters: null, responses: OK } } } }],
  ])('that are not valid are reported with a way to find the mistake: %s', (_, fields) => {
    const invalid = { ...withUrl, ...fields } as typeof withUrl;
    const read = () => receiverDocument(invalid, { onProblem: 'warn' });
    expect(read).toThrow(/The document cannot be read[^]*Fix: .*npx @redocly\/cli lint/);
    expect(read).toThrow(CallbackDocumentError);
  });

  it('have no title', () => {
    const document = withOrders({ done: { '{$request.query.url}': callback } }, { info: { title: '', version: '1' } });
    expect(receive(document).info).toMatchObject({
      title: 'Callbacks',
      description: expect.stringMatching(/^The API that a server must implement to receive the requests of the API\./),
    });
  });

  it('have webhooks that are sent to one URL: webhookPath', () => {
    const webhook = (name: string) => ({ post: { operationId: name, requestBody: bodyOf(name), responses: OK } });
    const webhooks = { paid: webhook('paid'), failed: webhook('failed'), own: { put: { responses: OK } } };
    const received = receive(written({ webhooks }), { webhookPath: 'hooks' });
    expect(operationsOf(received)).toEqual(['POST /hooks', 'PUT /hooks']);
    expect(received.paths['/hooks']!.post).toMatchObject({
      operationId: 'paid_or_failed',
      tags: ['Webhooks'],
      requestBody: { content: { 'application/json': { schema: { anyOf: [{}, {}] } } } },
    });
  });
});
