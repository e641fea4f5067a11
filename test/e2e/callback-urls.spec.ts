import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  Body,
  Controller,
  Injectable,
  Logger,
  Post,
  Query,
  UnprocessableEntityException,
  ValidationPipe,
} from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ExternalContextCreator } from '@nestjs/core';
import { ApiProperty } from '@nestjs/swagger';
import axios from 'axios';
import { IsString } from 'class-validator';
import {
  ApiCallback,
  CallbackController,
  CallbacksModule,
  CallbackUrlError,
  CallbackUrls,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbacksModuleOptions, SignedDelivery } from 'nestjs-callbacks';
import { Webhook } from 'standardwebhooks';
import { closeAll } from '../support/closing.js';
import { closeApps, createApp, PLATFORMS } from '../support/create-app.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { SECRET } from '../support/orders.js';

afterEach(closeApps);
afterEach(closeAll);

class Invoice {
  @ApiProperty() @IsString() id!: string;
}

class InvoiceQuery {
  @ApiProperty({ required: false }) callback_url?: unknown;
}

/** Takes its URLs first and last: which parameter comes first must not matter. */
@Controller()
class Invoices {
  @Post('first')
  @ApiCallback(InvoiceCallbacks)
  first(
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
    @Body() invoice: Invoice,
    @Query() query: InvoiceQuery,
  ) {
    return urls;
  }

  @Post('last')
  @ApiCallback(InvoiceCallbacks)
  last(
    @Body() invoice: Invoice,
    @Query() query: InvoiceQuery,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ) {
    return urls;
  }
}

const RELATIVE = 'callback_url=/events';
const errors: CallbackUrlError[] = [];

const inOwnShape = {
  exceptionFactory: (error: CallbackUrlError) => {
    errors.push(error);
    return new UnprocessableEntityException([{ field: error.expression, message: error.reason }]);
  },
};

async function listening(options: CallbacksModuleOptions, platform: (typeof PLATFORMS)[number] = 'express') {
  const app = await createApp({ imports: [CallbacksModule.forRoot(options)], controllers: [Invoices] }, platform);
  app.useGlobalPipes(new ValidationPipe({ errorHttpStatusCode: 422 }));
  await app.listen(0, '127.0.0.1');
  return app;
}

async function ask(app: INestApplication, path: string, body: object) {
  const response = await fetch(`${await app.getUrl()}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each(['first', 'last'])('@CallbackUrls() as the %s parameter', (path) => {
    it('does not hide the errors of the fields that the ValidationPipe finds', async () => {
      const app = await listening({}, platform);
      expect(await ask(app, `${path}?${RELATIVE}`, { id: 7 })).toMatchObject({
        status: 422,
        body: { message: ['id must be a string'] },
      });
      expect(await ask(app, `${path}?${RELATIVE}`, { id: '7' })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('the query parameter callback_url is not an absolute') },
      });
    });

    it('throws what the `exceptionFactory` of the app returns', async () => {
      errors.length = 0;
      const app = await listening(inOwnShape, platform);
      const reason = 'the query parameter callback_url is not an absolute http: or https: URL';
      expect(await ask(app, `${path}?${RELATIVE}`, { id: '7' })).toMatchObject({
        status: 422,
        body: { message: [{ field: '$request.query.callback_url', message: reason }] },
      });
      expect(errors).toEqual([expect.any(CallbackUrlError)]);
      expect(await ask(app, path, { id: '7' })).toEqual({ status: 201, body: {} });
      expect(await ask(app, `${path}?callback_url=https://10.0.0.1`, { id: '7' })).toMatchObject({
        status: 422,
        body: { message: [{ field: '$request.query.callback_url' }] },
      });
    });
  });
});

describe('a URL whose host or port is not allowed', () => {
  const egress = { allow: ['10.20.0.0/16'], ports: [8443], deny: ['10.20.1.0/24'] };

  it.each([
    ['https://10.20.0.5:9200/?a=SECRET', 'port 9200 is not allowed', '8443, 9200'],
    ['https://10.30.0.5:8443/', '10.30.0.5 is a private address', "'10.20.0.0/16', '10.30.0.5'"],
    ['https://10.20.1.5:8443/', '10.20.1.5 is in a range of `egress.deny`', "allow: ['10.20.0.0/16'], ports"],
  ])('is the only reason that the client reads, and the developer reads all of it: %s', async (url, why, option) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    try {
      const app = await listening({ egress });
      const message =
        'The callback URL cannot be used: the query parameter callback_url: its host or port is not allowed.';
      expect(await ask(app, `first?callback_url=${url}`, { id: '7' })).toMatchObject({
        status: 400,
        body: { message },
      });
      const [line] = warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('was rejected'));
      expect(line).toContain(`A callback URL was rejected: the query parameter callback_url: ${why}. Fix: If 10.`);
      expect(line).toContain(option);
      expect(line).not.toContain('SECRET');
    } finally {
      warn.mockRestore();
    }
  });
});

it('an `exceptionFactory` that returns nothing is an error of the server', async () => {
  const app = await listening({ exceptionFactory: () => undefined as unknown as Error });
  expect(await ask(app, `first?${RELATIVE}`, { id: '7' })).toMatchObject({ status: 500 });
});

it('an `exceptionFactory` must be a function', () => {
  expect(() => CallbacksModule.forRoot({ exceptionFactory: {} as never })).toThrow(
    new TypeError('The option `exceptionFactory` of CallbacksModule must be a function that returns an exception.'),
  );
});

describe('@CallbackUrls() in a handler of another type than HTTP', () => {
  @Injectable()
  class InvoicesResolver {
    create(@CallbackUrls(InvoiceCallbacks) ...urls: unknown[]) {
      return urls;
    }
  }

  // What @nestjs/graphql and others create their handlers with.
  it.each(['graphql', 'ws', 'rpc', 'necord'])('of %s says to call callbacks.urls()', async (type) => {
    const app = await createApp({ imports: [CallbacksModule.forRoot()], providers: [InvoicesResolver] });
    await app.init();
    const resolver = app.get(InvoicesResolver);
    const handler = app
      .get(ExternalContextCreator)
      .create(
        resolver,
        resolver.create,
        'create',
        ROUTE_ARGS_METADATA,
        { exchangeKeyForValue: () => undefined },
        undefined,
        undefined,
        undefined,
        type,
      );
    await expect(handler({}, { callback_url: 'https://x.example' }, { req: {} }, {})).rejects.toThrow(
      `@CallbackUrls(InvoiceCallbacks) works in HTTP handlers only, but InvoicesResolver.create is a handler of the type "${type}". Fix: inject Callbacks and call callbacks.urls(InvoiceCallbacks, `,
    );
  });
});

@CallbackController('{$request.query.callback_url}')
class Base {
  @Post() told(): void {
    return receiverReplies();
  }
}

describe.each(['the client of the library', "the app's axios instance"])('one URL, sent by %s', (client) => {
  it.each([
    ['/a/%2e%2e/b', '/b'],
    ['/a/../b', '/b'],
    ['/a/.', '/a/'],
    ['', '/'],
    ['/größe?a=b c', '/gr%C3%B6%C3%9Fe?a=b%20c'],
    ["/a?b='c'", '/a?b=%27c%27'],
  ])(
    'that was stored with the path %j: is %s in what is prepared, signed, told, logged and sent',
    async (path, sent) => {
      const signed: SignedDelivery[] = [];
      const secret = (delivery: SignedDelivery) => (signed.push(delivery), SECRET);
      const receiver = await receiving(ok);
      const instance = client.startsWith('the app') ? { axios: axios.create() } : {};
      const { callbacks, outcomes, lines } = await start(receiver.port, { signing: { secret }, ...instance });
      const given = path.replace(' ', '%20');
      const stored = { invoiceNotification: `${receiver.url.replace('http', 'HTTP')}${given}` };
      const url = `${receiver.url}${sent}`;

      const query = { callback_url: stored.invoiceNotification };
      expect(callbacks.urls(Base, { request: { query } })).toEqual({ told: url });

      const prepared = await callbacks.prepare(InvoiceCallbacks, stored).invoiceNotification(event);
      expect(prepared).toMatchObject({ request: { url } });
      const byHand = {
        ...prepared,
        request: { ...('request' in prepared && prepared.request), url: stored.invoiceNotification },
      };
      await callbacks.submit(byHand);
      await eventually(() => expect(outcomes.told).toHaveLength(1));
      expect(outcomes.told[0]).toMatchObject(['delivered', { url }]);

      const result = await callbacks.send(InvoiceCallbacks, stored).invoiceNotification(event);
      expect(result).toMatchObject({ status: 'delivered', url });

      expect(signed.map((delivery) => delivery.url)).toEqual([url, url]);
      expect(receiver.requests.map((request) => request.url)).toEqual([sent, sent]);
      for (const { body, headers } of receiver.requests) {
        expect(new Webhook(SECRET).verify(body.toString(), headers as Record<string, string>)).toEqual(event);
      }
      expect(lines.join('\n')).not.toContain('%2e');
    },
  );
});

it('one URL in two spellings is one delivery of a key', async () => {
  const receiver = await receiving(ok);
  const { callbacks } = await start(receiver.port);
  const enqueue = (path: string) =>
    callbacks
      .enqueue(InvoiceCallbacks, { invoiceNotification: `${receiver.url}${path}` }, { key: 'invoice-1' })
      .invoiceNotification(event);
  const first = await enqueue('/b');
  expect(await enqueue('/a/%2e%2e/b')).toMatchObject({ ...first, status: 'duplicate' });
  await eventually(() => expect(receiver.requests).toHaveLength(1));
});
