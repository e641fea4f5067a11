import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Logger, Module, Post, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import {
  ApiExcludeController,
  ApiExcludeEndpoint,
  ApiIncludeEndpoint,
  ApiProperty,
  ApiSecurity,
} from '@nestjs/swagger';
import type { DocumentBuilder, OpenAPIObject } from '@nestjs/swagger';
import { ApiCallback, CallbackController, CallbacksModule, withCallbacks, receiverReplies } from 'nestjs-callbacks';
import { closeApps, createApp, createDocument, documentOf, PLATFORMS } from '../support/create-app.js';
import type { DocumentOptions } from '../support/create-app.js';
import { callbacksOf, findOperation } from '../support/find-operation.js';
import { findFaults } from '../support/validate-documents.js';

const globals = globalThis as unknown as Record<string, { clear(): void; getAll(): unknown }>;
const clearGlobals = () =>
  ['SwaggerGlobalParametersStorage', 'SwaggerGlobalResponsesStorage'].forEach((name) => globals[name]!.clear());

afterEach(async () => {
  clearGlobals();
  await closeApps();
});

const documents: OpenAPIObject[] = [];

class Event {
  @ApiProperty() id!: string;
}
@CallbackController('https://receiver.example')
class Events {
  @Post('told') told(@Body() event: Event): void {
    return receiverReplies(event);
  }
}
@Controller('orders')
class Orders {
  @Post()
  @ApiCallback(Events)
  create() {}
  @Get() find() {}
}

/** What a callback is in an app in which nothing else is said. */
const TOLD = {
  told: {
    'https://receiver.example/told': {
      post: {
        operationId: 'Events_told',
        parameters: [],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } },
        },
        responses: { '2XX': { description: 'accepted' } },
        security: [],
      },
    },
  },
};

describe.each(PLATFORMS)('on %s, nothing of the API gets into the callback:', (platform) => {
  const create = () => createApp({ controllers: [Orders] }, platform);

  it('no global prefix, with and without ignoreGlobalPrefix', async () => {
    const app = await create();
    app.setGlobalPrefix('api', { exclude: ['health'] });
    const document = documentOf(app);
    documents.push(document);
    expect(callbacksOf(document, 'POST /api/orders')).toEqual(TOLD);
    expect(callbacksOf(documentOf(app, { create: { ignoreGlobalPrefix: true } }), 'POST /orders')).toEqual(TOLD);
  });

  it.each([['2'], [['1', '2']], [[VERSION_NEUTRAL, '2']]])('no default version %p', async (defaultVersion) => {
    const app = await create();
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: defaultVersion as string });
    const document = documentOf(app);
    documents.push(document);
    const callbacks =
      document.components?.callbacks?.['Events.told'] ?? callbacksOf(document, 'POST /v2/orders')['told'];
    expect(callbacks).toEqual(TOLD.told);
  });

  it('no header version', async () => {
    const app = await create();
    app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' });
    expect(callbacksOf(documentOf(app), 'POST /orders')).toEqual(TOLD);
  });

  it('no global parameters, no global responses, no security, no tags', async () => {
    const app = await create();
    const document = documentOf(app, {
      configure: (builder) =>
        builder
          .addGlobalParameters({ name: 'x-tenant', in: 'header', schema: { type: 'string' } })
          .addGlobalResponse({ status: 500, description: 'broken' })
          .addBearerAuth()
          .addSecurityRequirements('bearer'),
    });
    documents.push(document);
    expect(callbacksOf(document, 'POST /orders')).toEqual(TOLD);
    expect(findOperation(document, 'POST /orders')).toMatchObject({
      parameters: [{ name: 'x-tenant' }],
      responses: { 500: { description: 'broken' } },
      tags: ['Orders'],
    });
    expect(globals['SwaggerGlobalParametersStorage']!.getAll()).toHaveLength(1);
    expect(globals['SwaggerGlobalResponsesStorage']!.getAll()).toEqual({ 500: expect.anything() });
  });

  it('no onlyIncludeDecoratedEndpoints', async () => {
    class Included extends Orders {}
    const find = Object.getOwnPropertyDescriptor(Orders.prototype, 'create')!;
    ApiIncludeEndpoint()(Included.prototype, 'create', find);
    Controller('included')(Included);
    const app = await createApp({ controllers: [Included] }, platform);
    const document = documentOf(app, { create: { onlyIncludeDecoratedEndpoints: true } });
    expect(Object.keys(document.paths)).toEqual(['/included']);
    expect(callbacksOf(document, 'POST /included')).toEqual(TOLD);
  });

  it('no prefix of RouterModule, with deepScanRoutes', async () => {
    @Module({ controllers: [Orders] })
    class OrdersModule {}
    @Module({ imports: [OrdersModule] })
    class ShopModule {}
    const imports = [ShopModule, RouterModule.register([{ path: 'shop', module: OrdersModule }])];
    const app = await createApp({ imports }, platform);
    expect(callbacksOf(documentOf(app), 'POST /shop/orders')).toEqual(TOLD);
    const document = documentOf(app, { create: { include: [ShopModule], deepScanRoutes: true } });
    expect(callbacksOf(document, 'POST /shop/orders')).toEqual(TOLD);
  });
});

describe('process-wide state', () => {
  const seen = () => [Reflect.getMetadata, Logger.warn, globals['SwaggerGlobalParametersStorage']!.getAll()];
  const configure = (builder: DocumentBuilder) => builder.addGlobalParameters({ name: 'X-Tenant', in: 'header' });

  it('is as it was before, whether or not the callbacks can be explored', async () => {
    const app = await createApp({ controllers: [Orders] });
    const before = createDocument(app, { configure });
    const then = seen();
    withCallbacks(app, before);
    expect(seen()).toEqual(then);
    const operationIdFactory = () => {
      throw new Error('No id today.');
    };
    expect(() => withCallbacks(app, before, { operationIdFactory })).toThrow('No id today.');
    expect(seen()).toEqual(then);
  });

  it("includes Nest's logger, which still works meanwhile", async () => {
    const app = await createApp({ controllers: [Orders] });
    const lines: unknown[] = [];
    const { warn } = Logger;
    Logger.warn = (message: unknown) => void lines.push(message);
    try {
      const operationIdFactory = () => {
        Logger.warn('An id was asked for.');
        return 'told';
      };
      withCallbacks(app, createDocument(app), { operationIdFactory });
    } finally {
      Logger.warn = warn;
    }
    expect(lines).toEqual(['An id was asked for.']);
  });
});

it('security of its own is kept', async () => {
  @ApiSecurity('receiver')
  @CallbackController('https://receiver.example')
  class Secured {
    @Post() told(): void {
      return receiverReplies();
    }
  }
  @Controller('orders')
  class SecuredOrders {
    @Post()
    @ApiCallback(Secured)
    create() {}
  }
  const document = documentOf(await createApp({ controllers: [SecuredOrders] }), {
    configure: (builder) =>
      builder
        .addBearerAuth()
        .addSecurityRequirements('bearer')
        .addApiKey({ type: 'apiKey', in: 'header', name: 'x-key' }, 'receiver'),
  });
  documents.push(document);
  const operation = callbacksOf(document, 'POST /orders')['told']!['https://receiver.example']!['post']!;
  expect(operation['security']).toEqual([{ receiver: [] }]);
});

describe('an operation that is not in the document', () => {
  @Controller('hidden')
  class Hidden {
    @Post()
    @ApiExcludeEndpoint()
    @ApiCallback(Events)
    create() {}
  }
  @ApiExcludeController()
  @Controller('more-hidden')
  class MoreHidden {
    @Post()
    @ApiCallback(Events)
    create() {}
  }
  @Module({ controllers: [Orders] })
  class OrdersModule {}
  @Module({ controllers: [] })
  class OtherModule {}

  it.each<[string, object, DocumentOptions]>([
    ['excluded by @ApiExcludeEndpoint()', { controllers: [Hidden] }, {}],
    ['excluded by @ApiExcludeController()', { controllers: [MoreHidden] }, {}],
    ['not in `include`', { imports: [OrdersModule, OtherModule] }, { create: { include: [OtherModule] } }],
  ])('leaks neither its callback nor its models: %s', async (_title, metadata, options) => {
    const document = documentOf(await createApp({ imports: [CallbacksModule.forRoot()], ...metadata }), options);
    expect(document.paths).toEqual({});
    expect(document.components).toEqual({ schemas: {} });
  });
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
});
