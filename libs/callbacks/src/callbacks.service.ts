import { Inject, Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { operationsOf, sentOperationsOf } from './message/callback-client.js';
import type { CallbackClient, CallbackMethods, CallbackResult } from './message/callback-client.js';
import { callbackUrlsOf, readExchange } from './message/callback-urls-of.js';
import type { GivenExchange } from './message/callback-urls-of.js';
import { readReply } from './message/read-reply.js';
import type { CallbackUrls } from './decorators/callback-urls.decorator.js';
import { digestOf } from './delivery/callback-delivery.js';
import type { EnqueuedCallback, PreparedCallback } from './delivery/callback-delivery.js';
import { CALLBACK_RUNTIME } from './delivery/callback-runtime.js';
import type { CallbackRuntime } from './delivery/callback-runtime.js';
import { readPreparedCallback } from './delivery/read-delivery.js';
import type { CancelledDelivery } from './delivery/delivery-operator.js';
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
import { enqueuedCallback } from './delivery/queue/callback-queue.js';

/**
 * Sends callbacks and webhooks, using the classes that document them. Inject it wherever a callback becomes due.
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
  /** A private field, so that editors do not suggest it to users. */
  readonly #runtime: CallbackRuntime;

  constructor(@Inject(CALLBACK_RUNTIME) runtime: CallbackRuntime) {
    this.#runtime = runtime;
  }

  /**
   * Returns the handlers of a callback or webhook class as methods. Each method makes one attempt to send its callback
   * now.
   *
   * A method resolves to `{ status: 'skipped' }` if its handler has no URL.
   *
   * @param to - for a callback class: the URLs from `@CallbackUrls()` or `urls()`, possibly stored in between. If all
   *   of them belong to handlers that no longer exist, that is a CallbackContractError. For a webhook class: the URL to
   *   call; no path is appended.
   * @param options - the `context` is passed to `signing.secret()`.
   * @throws CallbackContractError if an argument does not match its declaration. Nothing is sent.
   * @throws CallbackUrlError if the URL may not be called.
   * @throws CallbackDeliveryError if no 2xx reply arrives.
   * @throws CallbackReplyError if the reply does not match the class or cannot be read. The callback is delivered.
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
    // It has exactly the handlers of the class, as its type says.
    return this.#methodsOf(callbacks, to, (call) => this.#send(call, options)) as unknown as CallbackClient<T>;
  }

  /**
   * Returns the handlers of a callback or webhook class as methods. Each method adds its callback to the queue, and
   * resolves once the queue holds it. Any process that works on the queue then attempts it, at least once, until the
   * receiver accepts it, the schedule ends or the receiver is gone (410). `@OnCallback()` methods are called with each
   * outcome.
   *
   * A method resolves to `{ status: 'skipped' }` if its handler has no URL.
   *
   * @param to - for a callback class: the URLs from `@CallbackUrls()` or `urls()`, possibly stored in between. If all
   *   of them belong to handlers that no longer exist, that is a CallbackContractError. For a webhook class: the URL to
   *   call; no path is appended.
   * @throws CallbackContractError if an argument does not match its declaration. Nothing is queued.
   * @throws CallbackUrlError if the URL may not be called, for example because your `egress` has changed since it was
   *   given. No statement has run in the `transaction`: catch the error to commit your own changes anyway.
   * @throws CallbackQueueError if the queue did not accept it, or cannot join a `transaction`.
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
   * Returns the handlers of a callback or webhook class as methods. Each method validates and renders its callback, and
   * resolves to plain JSON without storing it. Save it in the transaction that makes the callback due, and pass it to
   * `submit()` after the commit.
   *
   * @param to - as with `enqueue()`.
   * @throws CallbackContractError if an argument does not match its declaration.
   * @throws CallbackUrlError if the URL may not be called.
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
   * Adds a prepared callback to the queue, and resolves once the queue holds it. A delivery that is submitted twice is
   * sent once.
   *
   * @param delivery - the result of `prepare()`, as your database returns it.
   * @throws CallbackContractError if it is not a result of `prepare()`.
   * @throws CallbackUrlError if its URL may not be called.
   * @throws CallbackQueueError if the queue did not accept it.
   */
  async submit(delivery: unknown): Promise<EnqueuedCallback> {
    const prepared = readPreparedCallback(delivery);
    if (prepared.status === 'skipped') return prepared;
    const request = { ...prepared.request, url: this.#runtime.normalizeUrl(prepared.request.url) };
    return this.#add({ ...prepared, digest: digestOf(request), request });
  }

  /**
   * Lists deliveries of every state, the last enqueued first.
   *
   * @param options - the filter, the `limit` (50 by default, at most 500), and as the `cursor` the `next` of the
   *   previous page.
   * @throws TypeError that names a wrong option.
   * @example
   * const { deliveries, next } = await callbacks.deliveries({ state: 'failed', host: 'www.external.org' });
   */
  deliveries(options: DeliveryFilter & Partial<DeliveryPageRequest> = {}): Promise<DeliveryPage> {
    return this.#runtime.operator.list(options);
  }

  /**
   * Returns one delivery with its attempts, or `undefined` if the queue does not know it.
   *
   * @param id - what `enqueue()` resolved to: the `webhook-id`.
   */
  delivery(id: string): Promise<DeliveryDetails | undefined> {
    return this.#runtime.operator.find(id);
  }

  /**
   * Sends deliveries again, with the same bytes and the same ids. A waiting delivery is attempted now. A failed or
   * cancelled one restarts its whole schedule. A delivered one is sent again only if you name its id or
   * `{ state: 'delivered' }`, and if the queue has `keepBodies: true`.
   *
   * @param which - an id, or a filter that is not empty. Without a `state`, it means waiting and failed deliveries.
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
   * Prevents further attempts of deliveries. An attempt in flight continues: if it succeeds, the delivery is delivered,
   * otherwise it is cancelled. `@OnCallback('cancelled')` methods are called.
   *
   * @param which - an id, or a filter that is not empty.
   * @returns the state of the delivery, or the number of cancelled deliveries.
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
   * Removes deliveries that have ended, with everything known about them, including their `key`.
   *
   * @param which - an id, or a filter that is not empty. Without a `state`, it means all that have ended.
   * @throws CallbackQueueError with the code `CALLBACK_UNKNOWN_DELIVERY` if there is no such delivery, and with
   *   `CALLBACK_QUEUE` if it has not ended.
   * @throws TypeError if the filter is wrong or empty.
   */
  async forget(which: string | DeliveryFilter): Promise<{ count: number }> {
    if (typeof which !== 'string') return { count: await this.#runtime.operator.forgetAll(which) };
    await this.#runtime.operator.forgetOne(which);
    return { count: 1 };
  }

  /** Counts the callbacks that the queue knows, by state. */
  stats(): Promise<CallbackStats> {
    return this.#runtime.operator.stats();
  }

  /**
   * Resolves the callback URLs of an exchange: for expressions that need the response, or outside of controllers.
   *
   * @throws CallbackUrlError if a given URL cannot be used. It names where the URL came from.
   * @example
   * const urls = callbacks.urls(InvoiceCallbacks, {
   *   request: { query: { callback_url: 'https://www.external.org/events' }, body: { id: '2expen51ve' } },
   *   response: { statusCode: 201, body: { id: '2expen51ve' } },
   * });
   */
  urls<T extends object>(callbacks: Type<T>, exchange: GivenExchange): CallbackUrls<T> {
    const normalize = (url: string) => this.#runtime.normalizeUrl(url);
    // The keys are names of handlers of the class.
    return callbackUrlsOf(operationsOf(callbacks), readExchange(exchange), normalize) as CallbackUrls<T>;
  }

  #methodsOf<T extends object, Result>(
    callbacks: Type<T>,
    to: unknown,
    perform: (call: CallbackCall) => Promise<Result>,
  ): CallbackMethods<T, Result> {
    const operations = sentOperationsOf(callbacks);
    this.#runtime.register(operations);
    const urlOf = this.#runtime.storedUrls.reader(callbacks, operations, to);
    const methods = operations.map((operation) => {
      const method = async (...values: unknown[]) => perform({ operation, url: urlOf(operation), values });
      return [operation.methodName, method] as const;
    });
    // It has exactly the handlers of the class, as its type says.
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
