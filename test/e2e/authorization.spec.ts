import { afterEach, expect, it } from '@jest/globals';
import { Body, Controller, Headers, Post, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiBearerAuth, ApiHeader, ApiProperty, ApiResponse } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbacksModule,
  CallbackUrls,
  receiverDocument,
  WebhookController,
  withCallbacks,
} from 'nestjs-callbacks';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import type { Platform } from '../support/create-app.js';
import { callbacksOf, findOperation } from '../support/find-operation.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

const documents: OpenAPIObject[] = [];
const SCHEME = {
  type: 'apiKey',
  in: 'header',
  name: 'Authorization',
  description: 'The `Authorization` header that was agreed on with the sender.',
};

class Whole {
  @ApiProperty() authorization!: string;
  @ApiProperty({ required: false }) 'x-trace'?: string;
}
@CallbackController('{$request.query.url}')
class Authorized {
  @Post('a') named(@Headers('Authorization') token: string, @Headers('x-a') a: string) {}
  @Post('b') whole(@Headers() headers: Whole) {}
  @Post('c') @ApiHeader({ name: 'AUTHORIZATION', required: false }) optional(
    @Headers('authorization') token?: string,
  ) {}
  @Post('d') @ApiBearerAuth('receiver') described(@Headers('Authorization') token: string) {}
  @Post('e') none() {}
}
@WebhookController()
class AuthorizedWebhooks {
  @Post('paid') paid(@Headers('Authorization') token: string) {}
}
@Controller('orders')
class Orders {
  @Post() @ApiCallback(Authorized) create(@Query('url') url: string) {}
}

async function appOf(platform: Platform = 'express') {
  const imports = [CallbacksModule.forRoot({ webhooks: [AuthorizedWebhooks] })];
  return createApp({ imports, controllers: [Orders] }, platform);
}

it.each(PLATFORMS.flatMap((platform) => ['3.0.4', '3.1.0', '3.2.0'].map((openapi) => [openapi, platform] as const)))(
  'an Authorization header is a security scheme, in OpenAPI %s on %s',
  async (openapi, platform) => {
    const app = await appOf(platform);
    const document = documentOf(app, {
      openapi,
      configure: (builder) => builder.addBearerAuth({ type: 'http', scheme: 'bearer' }, 'receiver'),
    });
    const receiver = receiverDocument(document);
    if (platform === 'express') documents.push(document, receiver);
    const operations = Object.entries(callbacksOf(document, 'POST /orders')).map(([name, callback]) => {
      const { security, parameters } = Object.values(callback)[0]!['post']!;
      return [name, security, (parameters as { name: string }[]).map((parameter) => parameter.name)];
    });
    expect(operations).toEqual([
      ['named', [{ authorization: [] }], ['x-a']],
      ['whole', [{ authorization: [] }], ['x-trace']],
      ['optional', [{ authorization: [] }, {}], []],
      ['described', [{ receiver: [] }], []],
      ['none', [], []],
    ]);
    expect(document.components?.securitySchemes).toEqual({ receiver: expect.any(Object), authorization: SCHEME });
    expect(receiver.components?.securitySchemes).toEqual(document.components?.securitySchemes);
    expect(receiver.paths['/a']!.post!.security).toEqual([{ authorization: [] }]);
    expect(withCallbacks(app, document)).toEqual(document);
  },
);

it('a scheme of the API with the same name is not changed', async () => {
  const configure = (builder: Parameters<NonNullable<NonNullable<Parameters<typeof documentOf>[1]>['configure']>>[0]) =>
    builder.addBasicAuth(undefined, 'authorization').addBearerAuth(undefined, 'receiver');
  const document = documentOf(await appOf(), { configure });
  expect(document.components?.securitySchemes).toEqual({
    authorization: { type: 'http', scheme: 'basic' },
    receiver: expect.any(Object),
    authorization_2: SCHEME,
  });
});

it('the 400 of @CallbackUrls() is documented next to the other responses, unless the operation declares one', async () => {
  const REFUSAL = { description: 'The callback URL in the request cannot be used.' };
  @CallbackController('{$request.query.url}')
  class Paid {
    @Post() paid(@Body() event: Whole) {}
  }
  @Controller('orders')
  class Plain {
    @Post('a')
    @ApiCallback(Paid)
    taking(@Query('url') url: string, @CallbackUrls(Paid) urls: CallbackUrls<Paid>) {}
    @Post('b')
    @ApiCallback(Paid)
    linking(@Query('url') url: string) {}
    @Post('c')
    @ApiCallback(Paid)
    @ApiBadRequestResponse({ description: 'mine' })
    declaring(@Query('url') url: string, @CallbackUrls(Paid) urls: CallbackUrls<Paid>) {}
    @Post('d')
    @ApiResponse({ status: '4XX', description: 'mine' })
    @ApiCallback(Paid)
    ranging(@Query('url') url: string, @CallbackUrls(Paid) urls: CallbackUrls<Paid>) {}
  }
  @ApiBadRequestResponse({ description: 'of the class' })
  @ApiCallback(Paid)
  @Controller('class')
  class OfClass {
    @Post()
    taking(@Query('url') url: string, @CallbackUrls(Paid) urls: CallbackUrls<Paid>) {}
  }
  @Controller('global')
  class ForApp {
    @Post()
    taking(@Query('url') url: string, @CallbackUrls(Paid) urls: CallbackUrls<Paid>) {}
  }
  const imports = [CallbacksModule.forRoot()];
  const document = documentOf(await createApp({ imports, controllers: [Plain, OfClass] }));
  const everywhere = [CallbacksModule.forRoot({ callbacks: [Paid] })];
  const forApp = documentOf(await createApp({ imports: everywhere, controllers: [ForApp] }));
  documents.push(document, forApp);
  const responses = (title: string) => findOperation(title.includes('global') ? forApp : document, title)['responses'];
  const created = { description: '' };
  expect(responses('POST /orders/a')).toEqual({ 201: created, 400: REFUSAL });
  expect(responses('POST /orders/b')).toEqual({ 201: created });
  expect(responses('POST /orders/c')).toEqual({ 400: { description: 'mine' } });
  expect(responses('POST /orders/d')).toEqual({ '4XX': { description: 'mine' } });
  expect(responses('POST /class')).toMatchObject({ 400: { description: 'of the class' } });
  expect(responses('POST /global')).toEqual({ 201: created, 400: REFUSAL });
  expect(JSON.stringify([document, forApp])).not.toContain('x-nestjs-callbacks');
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
}, 120_000);
