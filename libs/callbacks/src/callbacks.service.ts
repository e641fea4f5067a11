import { Inject, Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type { CallbackClient, CallbackMethods, CallbackResult } from './message/callback-client.js';
import { callbackUrlsOf } from './message/callback-urls-of.js';
import { operationsOf, sentOperationsOf } from './message/operations-of.js';
import { readExchange } from './message/read-exchange.js';
import type { GivenExchange } from './message/read-exchange.js';
import { readReply } from './message/read-reply.js';
import type { CallbackUrls } from './decorators/callback-urls.decorator.js';
import type { EnqueuedCallback, PreparedCallback } from './delivery/callback-delivery.js';
import { CALLBACK_RUNTIME } from './delivery/callback-runtime.js';
import type { CallbackRuntime } from './delivery/callback-runtime.js';
import { readPreparedCallback } from './delivery/check-delivery.js';
import type { CancelledDelivery } from './delivery/delivery-operator.js';
import { digestOf } from './delivery/digest-of.js';
import { publishQueued } from './delivery/events/diagnostics.js';
import { prepareDelivery, renderDelivery } from './delivery/prepare-delivery.js';
import type { CallbackCall, EnqueueOptions, PrepareOptions } from './delivery/prepare-delivery.js';
import type { QueueTransaction } from './delivery/queue/callback-queue.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from './delivery/queue/deliveries.js';
import { enqueuedCallback } from './delivery/queue/enqueued-callback.js';

/**
 * Sends callbacks and webhooks with the classes that document them. Inject it wherever one becomes due.
 *
 * @example
 * \@Injectable()
 * class PaymentsService {
 *   constructor(private readonly callbacks: Callbacks) {}
 *
 *   async paid(id: string, urls: CallbackUrls<InvoiceCallbacks>) {
 *     const event = { description: 'Payment celebration', paid: true };
 *     await this.callbacks.enqueue(InvoiceCallbacks, urls, { key: `${id}-paid` }).invoiceNotification(event);
 *   }
 * }
 */
@Injectable()
export class Callbacks {
  /** Not a property that editors complete: it is not for users. */
  readonly #runtime: CallbackRuntime;

  constructor(@Inject(CALLBACK_RUNTIME) runtime: CallbackRuntime) {
    this.#runtime = runtime;
  }

  /**
   * The methods of a callback or webhook class, each of which makes one attempt to send its callback now.
   *
   * A method resolves to `{ status: 'skipped' }` if there is no URL for it.
   *
   * @param to - for a callback class: what `@CallbackUrls()` or `urls()` gave for the request; it may have been stored in between.
   *   Stored URLs that are only of handlers that the class does not have (any more) are a CallbackContractError. For a webhook
   *   class: the URL, as it is called; no path is appended.
   * @param options - the `context` is handed to `signing.secret()`.
   * @throws CallbackContractError where an argument does not fit what the class declares; nothing is sent then.
   * @throws CallbackUrlError where the URL may not be called back.
   * @throws CallbackDeliveryError where no 2xx came.
   * @throws CallbackReplyError where the reply is not what the class documents, or could not be read: it is delivered.
   * @example
   * const result = await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
   * const reply = result.status === 'delivered' ? result.body.ok : undefined;
   * @example
   * await callbacks.send(InvoiceWebhooks, 'https://partner.example/hooks').invoicePaid(event);
   */
  send<T extends object>(
    callbacks: Type<T>,
    to: CallbackUrls<T> | string | null | undefined,
    { context }: Pick<PrepareOptions, 'context'> = {},
  ): CallbackClient<T> {
    const options = context === undefined ? {} : { context };
    // Built from the methods of the class: what the type says is there.
    return this.#methodsOf(callbacks, to, (call) => this.#send(call, options)) as unknown as CallbackClient<T>;
  }

  /**
   * The methods of a callback or webhook class, each of which hands its callback to the queue, and resolves once the queue holds
   * it. It is attempted until the receiver takes it, the schedule ends or the receiver is gone (410), at least once, by
   * any process that works on the queue; `@OnCallback()` methods are told what becomes of it.
   *
   * A method resolves to `{ status: 'skipped' }` if there is no URL for it.
   *
   * @param to - for a callback class: what `@CallbackUrls()` or `urls()` gave for the request; it may have been stored in between.
   *   Stored URLs that are only of handlers that the class does not have (any more) are a CallbackContractError. For a webhook
   *   class: the URL, as it is called; no path is appended.
   * @throws CallbackContractError where an argument does not fit what the class declares; nothing is queued then.
   * @throws CallbackUrlError where the URL may not be called back: your `egress` may have changed since it was given. No
   *   statement has run in the `transaction` then: catch it if what you write is to be committed all the same.
   * @throws CallbackQueueError where the queue did not take it, or does not join a `transaction`.
   * @throws TypeError if an option is wrong.
   * @example
   * await callbacks.enqueue(InvoiceCallbacks, urls, { key: 'invoice-2expen51ve-paid' }).invoiceNotification(event);
   * @example
   * const options = { key: '2expen51ve-paid', context: { account: 'rich' } };
   * await callbacks.enqueue(InvoiceWebhooks, 'https://partner.example/hooks', options).invoicePaid(event);
   */
  enqueue<T extends object>(
    callbacks: Type<T>,
    to: CallbackUrls<T> | string | null | undefined,
    options: EnqueueOptions = {},
  ): CallbackMethods<T, EnqueuedCallback> {
    const { transaction } = options;
    this.#runtime.queue.checkTransaction(transaction);
    return this.#methodsOf(callbacks, to, async (call) => this.#add(await this.#prepare(call, options), transaction));
  }

  /**
   * The methods of a callback or webhook class, each of which validates and renders its callback, and stores nothing: what it
   * resolves to is plain JSON. Save it in the transaction that makes the callback due, and hand it to `submit()` after
   * that.
   *
   * @param to - as with `enqueue()`.
   * @throws CallbackContractError where an argument does not fit what the class declares.
   * @throws CallbackUrlError where the URL may not be called back.
   * @example
   * const delivery = await callbacks.prepare(InvoiceCallbacks, urls).invoiceNotification(event);
   * const saved = JSON.stringify(delivery);
   * await callbacks.submit(JSON.parse(saved));
   */
  prepare<T extends object>(
    callbacks: Type<T>,
    to: CallbackUrls<T> | string | null | undefined,
    options: PrepareOptions = {},
  ): CallbackMethods<T, PreparedCallback> {
    return this.#methodsOf(callbacks, to, (call) => this.#prepare(call, options));
  }

  /**
   * Hands a prepared callback to the queue, and resolves once the queue holds it. The same one twice is one delivery.
   *
   * @param delivery - what `prepare()` gave, as your database gives it back.
   * @throws CallbackContractError if it is not what `prepare()` gave.
   * @throws CallbackUrlError if its URL may not be called (any more).
   * @throws CallbackQueueError if the queue did not take it.
   */
  async submit(delivery: unknown): Promise<EnqueuedCallback> {
    const prepared = readPreparedCallback(delivery);
    if (prepared.status === 'skipped') return prepared;
    const request = { ...prepared.request, url: this.#runtime.normalizeUrl(prepared.request.url) };
    return this.#add({ ...prepared, digest: digestOf(request), request });
  }

  /**
   * Lists deliveries, the one that was enqueued last first: what waits, is sent, failed or arrived.
   *
   * @param options - the filter; how many are listed, 50 by default and 500 at the most; the `next` of the page before.
   * @throws TypeError if one of them is wrong, naming it.
   * @example
   * const { deliveries, next } = await callbacks.deliveries({ state: 'failed', host: 'www.external.org' });
   */
  deliveries(options: DeliveryFilter & Partial<DeliveryPageRequest> = {}): Promise<DeliveryPage> {
    return this.#runtime.operator.list(options);
  }

  /**
   * One delivery with its attempts; `undefined` if the queue does not know it (any more).
   *
   * @param id - what `enqueue()` resolved to: the `webhook-id`.
   */
  delivery(id: string): Promise<DeliveryDetails | undefined> {
    return this.#runtime.operator.find(id);
  }

  /**
   * Sends deliveries again, with the same bytes and the same ids. One that waits is attempted now. One that failed or was
   * cancelled begins its whole schedule anew. One that was delivered is sent again only if it is named by its id or by
   * `{ state: 'delivered' }`, and if the queue has `keepBodies: true`.
   *
   * @param which - an id, or a filter that is not empty; without a `state` it means what waits and what failed.
   * @throws CallbackQueueError with the code `CALLBACK_UNKNOWN_DELIVERY` if there is no such delivery.
   * @throws TypeError if the filter is wrong or empty.
   * @example
   * await callbacks.retry({ host: 'www.external.org', since: new Date('2026-11-26T12:00:00Z') });
   */
  retry(which: string): Promise<EnqueuedCallback>;
  retry(which: DeliveryFilter): Promise<{ count: number }>;
  async retry(which: string | DeliveryFilter): Promise<EnqueuedCallback | { count: number }> {
    if (typeof which !== 'string') return { count: await this.#runtime.operator.retryAll(which) };
    await this.#runtime.operator.retryOne(which);
    return { status: 'queued', id: which };
  }

  /**
   * Begins no further attempt of deliveries. An attempt in flight ends: if it succeeds, the delivery is delivered, and
   * cancelled otherwise. `@OnCallback('cancelled')` methods are told.
   *
   * @param which - an id, or a filter that is not empty.
   * @returns the state of the one delivery, or how many are cancelled.
   * @throws CallbackQueueError with the code `CALLBACK_UNKNOWN_DELIVERY` if there is no such delivery.
   * @throws TypeError if the filter is wrong or empty.
   */
  cancel(which: string): Promise<CancelledDelivery>;
  cancel(which: DeliveryFilter): Promise<{ count: number }>;
  async cancel(which: string | DeliveryFilter): Promise<CancelledDelivery | { count: number }> {
    if (typeof which === 'string') return this.#runtime.operator.cancelOne(which);
    return { count: await this.#runtime.operator.cancelAll(which) };
  }

  /**
   * Removes deliveries that have ended, with all that is known of them. After that their `key` is not known either.
   *
   * @param which - an id, or a filter that is not empty; without a `state` it means all that have ended.
   * @throws CallbackQueueError with the code `CALLBACK_UNKNOWN_DELIVERY` if there is no such delivery, and with
   *   `CALLBACK_QUEUE` if it has not ended.
   * @throws TypeError if the filter is wrong or empty.
   */
  async forget(which: string | DeliveryFilter): Promise<{ count: number }> {
    if (typeof which !== 'string') return { count: await this.#runtime.operator.forgetAll(which) };
    await this.#runtime.operator.forgetOne(which);
    return { count: 1 };
  }

  /** How many callbacks wait, are in flight, and have been delivered, failed or cancelled, as far as they are known. */
  stats(): Promise<CallbackStats> {
    return this.#runtime.operator.stats();
  }

  /**
   * The callback URLs of an exchange, resolved by hand: for expressions that need the response, or outside a controller.
   *
   * @throws CallbackUrlError where a URL that was given cannot be used, naming where it came from.
   * @example
   * const urls = callbacks.urls(InvoiceCallbacks, {
   *   request: { query: { callback_url: 'https://www.external.org/events' }, body: { id: '2expen51ve' } },
   *   response: { statusCode: 201, body: { id: '2expen51ve' } },
   * });
   */
  urls<T extends object>(callbacks: Type<T>, exchange: GivenExchange): CallbackUrls<T> {
    const normalize = (url: string) => this.#runtime.normalizeUrl(url);
    // Its keys are names of the class's methods.
    return callbackUrlsOf(operationsOf(callbacks), readExchange(exchange), normalize) as CallbackUrls<T>;
  }

  #methodsOf<T extends object, Result>(
    callbacks: Type<T>,
    to: unknown,
    perform: (call: CallbackCall) => Promise<Result>,
  ): CallbackMethods<T, Result> {
    const operations = sentOperationsOf(callbacks);
    this.#runtime.learn(operations);
    const urlOf = this.#runtime.storedUrls.reader(callbacks, operations, to);
    const methods = operations.map((operation) => {
      const method = async (...values: unknown[]) => perform({ operation, url: urlOf(operation), values });
      return [operation.methodName, method] as const;
    });
    // Built from the methods of the class: what the type says is there.
    return Object.fromEntries(methods) as unknown as CallbackMethods<T, Result>;
  }

  async #send(call: CallbackCall, options: PrepareOptions): Promise<CallbackResult> {
    const delivery = await renderDelivery(call, this.#runtime, options);
    if ('status' in delivery) return delivery;
    const reply = await this.#runtime.attempt(delivery);
    const body = await readReply(call.operation, reply);
    const { statusCode, headers } = reply;
    const { id, request } = delivery;
    return { status: 'delivered', id, url: request.url, statusCode, headers, body, attempts: 1 };
  }

  async #prepare(call: CallbackCall, options?: PrepareOptions): Promise<PreparedCallback> {
    const prepared = await prepareDelivery(call, this.#runtime, options);
    return prepared.status === 'skipped' ? prepared : (await this.#runtime.loadTelemetry()).noteTrace(prepared);
  }

  async #add(delivery: PreparedCallback, transaction?: QueueTransaction): Promise<EnqueuedCallback> {
    if (delivery.status === 'skipped') return delivery;
    const telemetry = await this.#runtime.loadTelemetry();
    const added = await telemetry.enqueue(delivery, (traced) => this.#runtime.queue.add(traced, transaction));
    const enqueued = enqueuedCallback(delivery, added);
    if (enqueued.status === 'queued') publishQueued(delivery);
    return enqueued;
  }
}
