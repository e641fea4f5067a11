import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, WebhookController, withCallbacks } from 'nestjs-callbacks';
import { closeApps, createApp, createDocument, documentOf, PLATFORMS } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { frozen } from '../support/frozen.js';
import { errorOf, LINKED_FROM } from '../support/problems.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

const documents: OpenAPIObject[] = [];
const URL = '{$request.query.url}';

class Event {
  // JSON writes neither of these values unchanged.
  @ApiProperty({ example: new Date(0), default: undefined }) at!: Date;
}
@CallbackController(URL)
class A {
  @Post('a') onA(@Body() event: Event) {}
}
@CallbackController({ url: 'https://audit.example', name: 'audit' })
class Audit {
  @Post('log') logged(@Body() event: Event) {}
  @Post('seen') @ApiCallback(A) seen(@Query('url') url: string) {}
}
@WebhookController()
class Webhooks {
  @Post('paid') @ApiCallback(A) paid(@Body() event: Event, @Query('url') url: string) {}
}

/** An app whose one operation, `POST /orders`, links to A and has its own `callbacks`. */
async function appOf(callbacks: object) {
  @Controller('orders')
  class Orders {
    @Post()
    @ApiCallback(A)
    @ApiOperation({ callbacks } as object)
    create(@Query('url') url: string) {}
  }
  return createApp({ imports: [CallbacksModule.forRoot()], controllers: [Orders] });
}

const OWN = { post: { summary: 'own', responses: { 204: { description: 'ok' } } } };

describe('a callback of the same name that the operation has already', () => {
  it.each([
    ['a callback', { $ref: '#/components/callbacks/own' }, { callbacks: { own: { [`${URL}/own`]: OWN } } }],
    [
      'a reference to a callback',
      { $ref: '#/components/callbacks/first' },
      { callbacks: { first: { $ref: '#/components/callbacks/own' }, own: { [`${URL}/own`]: OWN } } },
    ],
  ])('is resolved if it is a reference to %s, and both are kept', async (_, reference, components) => {
    const app = await appOf({ onA: reference, other: { $ref: '#/components/callbacks/own' } });
    const document = createDocument(app);
    const complete = withCallbacks(
      app,
      frozen({ ...document, components: { ...document.components, ...components } } as OpenAPIObject),
    );
    documents.push(complete);
    expect(callbacksOf(complete, 'POST /orders')).toEqual({
      onA: { [`${URL}/own`]: OWN, [`${URL}/a`]: { post: expect.objectContaining({ operationId: 'A_onA' }) } },
      other: { $ref: '#/components/callbacks/own' },
    });
    expect(complete.components?.callbacks).toEqual(components.callbacks);
  });

  it('is resolved if its path item is a reference', async () => {
    const app = await appOf({ onA: { [`${URL}/a`]: { $ref: '#/components/pathItems/own' } } });
    const document = createDocument(app, { openapi: '3.1.0' });
    const put = { put: OWN.post };
    const components = { ...document.components, pathItems: { own: put } };
    const complete = withCallbacks(app, frozen({ ...document, components } as OpenAPIObject));
    documents.push(complete);
    expect(callbacksOf(complete, 'POST /orders')['onA']).toEqual({
      [`${URL}/a`]: { ...put, post: expect.objectContaining({ operationId: 'A_onA' }) },
    });
  });

  it.each([
    ['nowhere', { $ref: '#/components/callbacks/own' }],
    ['to another file', { $ref: 'other.json#/own' }],
  ])('is a problem if it leads %s', async (_, reference) => {
    const app = await appOf({ onA: reference });
    expect(errorOf(() => documentOf(app)).problems).toEqual([
      {
        code: 'unknown-reference',
        place: 'A.onA',
        linkedFrom: LINKED_FROM,
        message: `The callback onA of the operation is a reference to ${reference.$ref}, which is not in the document.`,
        fix: 'Correct the reference, or give the linked callback another name: @ApiCallback(Class, { name }).',
      },
    ]);
  });

  it('is a problem if it has the same URL and method behind a reference', async () => {
    const app = await appOf({ onA: { $ref: '#/components/callbacks/own' } });
    const document = createDocument(app);
    const callbacks = { own: { [`${URL}/a`]: OWN } };
    const complete = { ...document, components: { ...document.components, callbacks } } as OpenAPIObject;
    expect(errorOf(() => withCallbacks(app, complete)).problems).toMatchObject([{ code: 'duplicate-operation' }]);
  });
});

describe.each(PLATFORMS)('withCallbacks() applied twice on %s', (platform) => {
  @Controller('orders')
  class Orders {
    @Post() @ApiCallback(A) create(@Query('url') url: string) {}
    @Post('more') more() {}
  }

  it.each(['3.0.4', '3.1.0', '3.2.0'])('is the same as once, in OpenAPI %s', async (openapi) => {
    const imports = [
      CallbacksModule.forRoot({
        callbacks: [Audit],
        webhooks: [Webhooks],
        signing: { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
      }),
    ];
    const app = await createApp({ imports, controllers: [Orders] }, platform);
    const once = frozen(documentOf(app, { openapi }));
    if (platform === 'express') documents.push(once);
    expect(Object.keys(callbacksOf(once, 'POST /orders/more'))).toEqual(['audit']);
    expect(withCallbacks(app, once)).toEqual(once);
    const stored = frozen(JSON.parse(JSON.stringify(once)) as OpenAPIObject);
    expect(JSON.stringify(withCallbacks(app, stored))).toBe(JSON.stringify(stored));
  });
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
}, 120_000);
