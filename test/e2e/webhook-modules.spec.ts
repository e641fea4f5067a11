import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Module, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import {
  CallbackController,
  CallbacksModule,
  CALLBACKS_OPTIONS,
  CallbackReplyError,
  receiverReplies,
  WebhookController,
} from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { AccountWebhooks, paid } from '../support/account-webhooks.js';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import { Outcomes, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeApps);
afterEach(closeAll);

class Shipped {
  @ApiProperty() parcel!: string;
}
@WebhookController()
class ShippingWebhooks {
  @Post('shipped') shipped(@Body() event: Shipped): void {
    return receiverReplies(event);
  }
}

@Module({ imports: [CallbacksModule.forFeature({ webhooks: [AccountWebhooks] })] })
class AccountsModule {}
@Module({ imports: [AccountsModule, CallbacksModule.forFeature({ webhooks: [ShippingWebhooks, AccountWebhooks] })] })
class ShippingModule {}

const namesOf = (document: object) => Object.keys((document as { webhooks?: object }).webhooks ?? {});

describe.each(PLATFORMS)('CallbacksModule.forFeature() on %s', (platform) => {
  it('documents the webhooks of feature modules, those of two modules once', async () => {
    const imports = [CallbacksModule.forRoot({ webhooks: [AccountWebhooks] }), AccountsModule, ShippingModule];
    const app = await createApp({ imports }, platform);
    const document = documentOf(app, { openapi: '3.1.0' });
    expect(namesOf(document)).toEqual(['invoicePaid', 'invoiceVoided', 'balance', 'shipped']);
    expect(Object.keys(document.components?.schemas ?? {}).toSorted()).toEqual([
      'InvoicePaid',
      'InvoiceVoided',
      'Received',
      'Shipped',
    ]);
  });
});

it('feature modules may be imported before forRootAsync(), and in a module that imports it', async () => {
  const root = CallbacksModule.forRootAsync({ useFactory: async () => ({}) });
  @Module({ imports: [ShippingModule, root] })
  class CoreModule {}
  const app = await createApp({ imports: [AccountsModule, CoreModule] });
  expect(namesOf(documentOf(app, { openapi: '3.1.0' })).toSorted()).toEqual([
    'balance',
    'invoicePaid',
    'invoiceVoided',
    'shipped',
  ]);
});

it('a webhook class of a feature module is checked when the app starts', async () => {
  @CallbackController('{$callback_url}')
  class NoWebhooks {
    @Post() told(): void {
      return receiverReplies();
    }
  }
  const imports = [CallbacksModule.forRoot(), CallbacksModule.forFeature({ webhooks: [NoWebhooks] })];
  await expect(createApp({ imports })).rejects.toMatchObject({ problems: [{ code: 'not-a-webhook-controller' }] });
});

it('two webhook classes of one name are an error, in whichever modules they are', async () => {
  @WebhookController()
  class Others {
    @Post('shipped') shipped(): void {
      return receiverReplies();
    }
  }
  const imports = [CallbacksModule.forRoot(), ShippingModule, CallbacksModule.forFeature({ webhooks: [Others] })];
  await expect(createApp({ imports })).rejects.toThrow('The webhook POST shipped already exists.');
});

it('a feature module without forRoot() gets an error with the import', async () => {
  await expect(createApp({ imports: [ShippingModule] })).rejects.toThrow(
    /^CallbacksModule\.forFeature\(\{ webhooks: \[.*Webhooks\] \}\) needs CallbacksModule\.forRoot\(\)\. Fix: import CallbacksModule\.forRoot\(\) once, in the root module\.$/,
  );
});

it.each([
  [{}, 'The option `webhooks` of CallbacksModule.forFeature() must be an array of classes with @WebhookController().'],
  [undefined, 'The option `webhooks` of CallbacksModule.forFeature() must be an array of classes'],
  [{ webhooks: [undefined] }, 'but contains undefined, most likely because two files import each other.'],
  [{ webhooks: [], callbacks: [] }, 'CallbacksModule.forFeature() has no option `callbacks`. Its options: webhooks.'],
])('wrong options are refused: %j', (options, message) => {
  expect(() => CallbacksModule.forFeature(options as never)).toThrow(TypeError);
  expect(() => CallbacksModule.forFeature(options as never)).toThrow(message);
});

it('the webhooks stay if a test overrides the options of the app', async () => {
  const testing = Test.createTestingModule({ imports: [CallbacksModule.forRoot(), ShippingModule] });
  const module = await testing.overrideProvider(CALLBACKS_OPTIONS).useValue({ timeout: 1_000 }).compile();
  const app = closing(module.createNestApplication({ logger: false }));
  await app.init();
  expect(namesOf(documentOf(app, { openapi: '3.1.0' }))).toContain('shipped');
});

it('replies to what is in the queue are validated by the webhook classes of feature modules', async () => {
  const receiver = await receiving((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":"yes"}'),
  );
  const file = await newFile();
  const metadata = { providers: [Outcomes] };
  const first = await start(receiver.port, { queue: sqliteQueue({ file }), concurrency: { total: 0 } }, metadata);
  await first.callbacks.enqueue(AccountWebhooks, receiver.url).invoicePaid(paid);
  await first.app.close();
  const imports = [AccountsModule];
  const { outcomes } = await start(receiver.port, { queue: sqliteQueue({ file }) }, { ...metadata, imports });
  await eventually(() => expect(outcomes.told).toHaveLength(1));
  expect(outcomes.told).toEqual([
    ['delivered', expect.objectContaining({ replyError: expect.any(CallbackReplyError) })],
  ]);
});
