import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as index from 'nestjs-callbacks';
import { createConsumer } from '../support/create-consumer.js';
import { createEditor } from '../support/create-editor.js';
import type { Editor } from '../support/create-editor.js';

const SOURCE = `
  import { Body, Controller, Post } from '@nestjs/common';
  import { ApiCallback, CallbackController, Callbacks, CallbacksModule, CallbackUrls, receiverReplies } from 'nestjs-callbacks';
  import type { CallbackDelivery } from 'nestjs-callbacks';
  import { bullmqQueue } from 'nestjs-callbacks/bullmq';
  import { postgresQueue } from 'nestjs-callbacks/postgres';
  import { sqliteQueue } from 'nestjs-callbacks/sqlite';
  import { CallbackReceiver } from 'nestjs-callbacks/testing';

  export class InvoiceEvent { paid!: boolean }
  export class InvoiceEventReceived { ok!: boolean }

  @CallbackController('{$url}')
  export class InvoiceCallbacks {
    /** Sent once the customer has paid the invoice. */
    @Post()
    invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
      return receiverReplies(event);
    }
  }

  export async function use(callbacks: Callbacks, /*urls*/ urls: CallbackUrls<InvoiceCallbacks>) {
    const event = { paid: true };
    const /*result*/ result = await callbacks./*send*/ send(InvoiceCallbacks, urls)./*sent*/ invoiceNotification(event);
    const /*queued*/ queued = await callbacks.enqueue(InvoiceCallbacks, urls)./*enqueued*/ invoiceNotification(event);
    const /*prepared*/ prepared = await callbacks.prepare(InvoiceCallbacks, urls).invoiceNotification(event);
    const receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { /*args*/ args } = await receiver.next('invoiceNotification');
    if (result.status === 'delivered') return [result./*body*/ body, urls./*url*/ invoiceNotification];
    CallbacksModule./*forRoot*/ forRoot({ /*timeout*/ timeout: 1, queue: sqliteQueue({ /*file*/ file: '' }) });
    bullmqQueue({ /*connection*/ connection: '' });
    postgresQueue({ connection: '' });
    return ApiCallback(InvoiceCallbacks, { /*only*/ only: ['invoiceNotification'] });
  }

  @Controller('invoices')
  export class InvoicesController {
    constructor(private readonly callbacks: Callbacks) {}

    @Post()
    create(@CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>) {
      return { urls };
    }

    // What has no type of its own here gets one in the declaration of the class.
    urls(request: object) {
      return this.callbacks.urls(InvoiceCallbacks, { request });
    }
    client(urls: CallbackUrls<InvoiceCallbacks>) {
      return this.callbacks.send(InvoiceCallbacks, urls);
    }
    queue(urls: CallbackUrls<InvoiceCallbacks>) {
      return this.callbacks.enqueue(InvoiceCallbacks, urls);
    }
    request(delivery: CallbackDelivery) {
      return delivery.request;
    }
    exchange(...[, exchange]: Parameters<Callbacks['urls']>) {
      return exchange;
    }
  }`;

let editor: Editor;

beforeAll(async () => {
  const { installed } = await createConsumer();
  editor = createEditor(dirname(dirname(installed)), SOURCE);
});

describe('what an editor shows of the package', () => {
  it('has no error, in a project that writes declarations', () => {
    expect(editor.errors).toEqual([]);
  });

  it.each([
    ['urls', '(parameter) urls: CallbackUrls<InvoiceCallbacks>'],
    ['url', '(property) invoiceNotification?: string'],
    ['sent', '(method) invoiceNotification(event: InvoiceEvent): Promise<CallbackResult<InvoiceEventReceived>>'],
    ['result', 'const result: CallbackResult<InvoiceEventReceived>'],
    ['body', '(property) body: InvoiceEventReceived'],
    ['enqueued', '(method) invoiceNotification(event: InvoiceEvent): Promise<EnqueuedCallback>'],
    ['queued', 'const queued: EnqueuedCallback'],
    ['prepared', 'const prepared: PreparedCallback'],
    ['args', 'const args: [event: InvoiceEvent]'],
    ['only', '(property) ApiCallbackOptions<InvoiceCallbacks>.only?: readonly "invoiceNotification"[]'],
    ['forRoot', '(method) CallbacksModule.forRoot(options?: CallbacksModuleOptions): DynamicModule'],
  ])('is of %s a type in the words of its user', (mark, type) => {
    expect(editor.hover(mark).type.replace(' | undefined', '')).toBe(type);
  });

  it.each([
    ['sent', 'Sent once the customer has paid the invoice.'],
    ['enqueued', 'Sent once the customer has paid the invoice.'],
    ['send', 'Returns the handlers of a callback or webhook class as methods.'],
    ['forRoot', 'Configures the module with fixed options.'],
    ['timeout', 'in ms.'],
    ['file', 'The path of the file.'],
    ['connection', 'The Redis server: options of ioredis'],
    ['only', 'The handlers of the callback class that belong to the operation.'],
  ])('is of %s what it does', (mark, words) => {
    expect(editor.hover(mark).explanation).toContain(words);
  });
});

describe('the types that are exported', () => {
  it('are these, beside the values', () => {
    const types = editor.exportsOf('nestjs-callbacks').filter((name) => !Object.hasOwn(index, name));
    expect(types.toSorted()).toEqual([
      'AddedDelivery',
      'ApiCallbackOptions',
      'AttemptOutcome',
      'CallbackAttemptFailed',
      'CallbackAttempted',
      'CallbackCancelled',
      'CallbackClient',
      'CallbackControllerOptions',
      'CallbackDelivered',
      'CallbackDelivery',
      'CallbackDeliveryReason',
      'CallbackDiagnostic',
      'CallbackEvent',
      'CallbackEvents',
      'CallbackFailed',
      'CallbackMethods',
      'CallbackProblem',
      'CallbackQueue',
      'CallbackReceiverDown',
      'CallbackReceiverEvent',
      'CallbackReceiverUp',
      'CallbackRequest',
      'CallbackResult',
      'CallbackStats',
      'CallbacksFeatureOptions',
      'CallbacksModuleAsyncOptions',
      'CallbacksModuleOptions',
      'CancelledDeliveries',
      'CancelledDelivery',
      'ClientCertificate',
      'ConcurrencyOptions',
      'ContractIssue',
      'DeliveryAttempt',
      'DeliveryDetails',
      'DeliveryFilter',
      'DeliveryPage',
      'DeliveryPageRequest',
      'DeliveryState',
      'DeliverySummary',
      'EgressOptions',
      'EgressTlsOptions',
      'EnqueueOptions',
      'EnqueuedCallback',
      'Exchange',
      'ExchangeRequest',
      'ExchangeResponse',
      'GivenExchange',
      'JsonValue',
      'MemoryQueueOptions',
      'PendingDelivery',
      'PrepareOptions',
      'PreparedCallback',
      'QueueTransaction',
      'QueueWorker',
      'ReceiverDocumentOptions',
      'RetryOptions',
      'SignedDelivery',
      'SigningOptions',
      'SigningSecret',
      'SkippedCallback',
      'TelemetryOptions',
      'UntoldEvent',
      'WebhookControllerOptions',
      'WithCallbacksOptions',
    ]);
  });

  it('are few at each further entry point', () => {
    expect(editor.exportsOf('nestjs-callbacks/sqlite').toSorted()).toEqual([
      'SqliteDatabase',
      'SqliteQueue',
      'SqliteQueueOptions',
      'SqliteStatement',
      'SqliteValue',
      'sqliteQueue',
    ]);
    expect(editor.exportsOf('nestjs-callbacks/bullmq').toSorted()).toEqual(['BullmqQueueOptions', 'bullmqQueue']);
    expect(editor.exportsOf('nestjs-callbacks/postgres').toSorted()).toEqual([
      'DrizzleTransaction',
      'KyselyTransaction',
      'PgClient',
      'PostgresConnection',
      'PostgresPool',
      'PostgresQueueOptions',
      'PrismaTransaction',
      'TypeOrmManager',
      'fromDrizzle',
      'fromKysely',
      'fromPg',
      'fromPrisma',
      'fromTypeOrm',
      'postgresQueue',
      'postgresQueueSchema',
    ]);
    expect(editor.exportsOf('nestjs-callbacks/testing').toSorted()).toEqual([
      'CallbackQueueTest',
      'CallbackQueueTestsOptions',
      'CallbackReceiver',
      'CallbackReceiverOptions',
      'DripOptions',
      'FailureOptions',
      'FaultOptions',
      'ReceivedCallback',
      'RefusedRequest',
      'ReplyOptions',
      'ResetOptions',
      'callbackQueueTests',
    ]);
  });
});
