import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown, Type } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { CALLBACKS_OPTIONS } from './callbacks.options.js';
import type { CallbacksModuleOptions } from './callbacks.options.js';
import type { CallbackClient, CallbackMethods, CallbackResult } from './client/callback-client.js';
import { callbackUrlsOf } from './client/callback-urls-of.js';
import { operationsOf } from './client/operations-of.js';
import { readExchange } from './client/read-exchange.js';
import type { GivenExchange } from './client/read-exchange.js';
import { readReply } from './client/read-reply.js';
import { UndeclaredProperties } from './client/undeclared-properties.js';
import { warnOfModels } from './client/warn-of-models.js';
import type { CallbackClass } from './contract/callback-class.js';
import { CallbackContractError } from './contract/callback-contract.error.js';
import { CallbackQueueError } from './contract/callback-queue.error.js';
import type { CallbackUrls, UrlResolver } from './contract/callback-urls.decorator.js';
import { readCallbackContract } from './contract/read-callback-contract.js';
import { readWebhookContract } from './contract/read-webhook-contract.js';
import type { EnqueuedCallback, PreparedCallback } from './delivery/callback-delivery.js';
import { AppLogger } from './delivery/app-logger.js';
import { CallbackSender } from './delivery/callback-sender.js';
import { checkDelivery, isDeliveryId } from './delivery/check-delivery.js';
import { checkCallbackUrl } from './delivery/egress/check-callback-url.js';
import { createEgressPolicy } from './delivery/egress/egress-policy.js';
import type { EgressPolicy } from './delivery/egress/egress-policy.js';
import { findListeners } from './delivery/events/callback-listeners.js';
import type { CallbackStats, FailedDelivery, FailedPage } from './delivery/queue/callback-queue.js';
import { prepareDelivery } from './delivery/prepare-delivery.js';
import type { CallbackCall, EnqueueOptions } from './delivery/prepare-delivery.js';
import { linkedClassesIn } from './document/linked-methods.js';

/**
 * Sends callbacks with the classes that document them. Inject it wherever a callback becomes due.
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
export class Callbacks
  implements UrlResolver, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #callbacks: readonly CallbackClass[];
  readonly #webhooks: readonly CallbackClass[];
  readonly #policy: EgressPolicy;
  readonly #sender: CallbackSender;
  readonly #undeclared: UndeclaredProperties;

  constructor(
    @Inject(CALLBACKS_OPTIONS) options: CallbacksModuleOptions,
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
  ) {
    this.#callbacks = options.callbacks ?? [];
    this.#webhooks = options.webhooks ?? [];
    this.#policy = createEgressPolicy(options.egress);
    this.#sender = new CallbackSender(options);
    const logger = new AppLogger('Callbacks');
    this.#undeclared = new UndeclaredProperties(options.undeclaredProperties ?? 'remove', (message) =>
      logger.warn(message),
    );
  }

  /**
   * The methods of a callback class, each of which makes one attempt to send its callback now.
   *
   * A method resolves to `{ status: 'skipped' }` where the request gave no URL for it.
   *
   * @param urls - what `@CallbackUrls()` or `urls()` gave for the request; it may have been stored in between.
   * @throws CallbackContractError where an argument does not fit what the class declares; nothing is sent then.
   * @throws CallbackUrlError where the URL may not be called back.
   * @throws CallbackDeliveryError where no 2xx came.
   * @throws CallbackReplyError where the reply is not what the class documents.
   * @example
   * const result = await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
   * const reply = result.status === 'delivered' ? result.body.ok : undefined;
   */
  send<T extends object>(callbacks: Type<T>, urls: CallbackUrls<T>): CallbackClient<T> {
    // Built from the methods of the class: what the type says is there.
    return this.#methodsOf(callbacks, urls, (call) => this.#send(call)) as unknown as CallbackClient<T>;
  }

  /**
   * The methods of a callback class, each of which hands its callback to the queue, and resolves once the queue holds
   * it. It is attempted until the receiver takes it, the schedule ends or the receiver is gone (410), at least once, by
   * any process that works on the queue; `@OnCallback()` methods are told what becomes of it.
   *
   * A method resolves to `{ status: 'skipped' }` where the request gave no URL for it.
   *
   * @param urls - what `@CallbackUrls()` or `urls()` gave for the request; it may have been stored in between.
   * @throws CallbackContractError where an argument does not fit what the class declares; nothing is queued then.
   * @throws CallbackUrlError where the URL may not be called back.
   * @throws CallbackQueueError where the queue did not take it.
   * @example
   * await callbacks.enqueue(InvoiceCallbacks, urls, { key: 'invoice-2expen51ve-paid' }).invoiceNotification(event);
   */
  enqueue<T extends object>(
    callbacks: Type<T>,
    urls: CallbackUrls<T>,
    options: EnqueueOptions = {},
  ): CallbackMethods<T, EnqueuedCallback> {
    return this.#methodsOf(callbacks, urls, async (call) => this.#add(await this.#prepare(call, options)));
  }

  /**
   * The methods of a callback class, each of which validates and renders its callback, and stores nothing: what it
   * resolves to is plain JSON. Save it in the transaction that makes the callback due, and hand it to `submit()` after
   * that.
   *
   * @throws CallbackContractError where an argument does not fit what the class declares.
   * @throws CallbackUrlError where the URL may not be called back.
   * @example
   * const delivery = await callbacks.prepare(InvoiceCallbacks, urls).invoiceNotification(event);
   * const saved = JSON.stringify(delivery);
   * await callbacks.submit(JSON.parse(saved));
   */
  prepare<T extends object>(
    callbacks: Type<T>,
    urls: CallbackUrls<T>,
    options: EnqueueOptions = {},
  ): CallbackMethods<T, PreparedCallback> {
    return this.#methodsOf(callbacks, urls, (call) => this.#prepare(call, options));
  }

  /**
   * Hands a prepared callback to the queue, and resolves once the queue holds it. The same one twice is one delivery.
   *
   * @param delivery - what `prepare()` gave, or what a JSON column gives back of it: it is checked.
   * @throws CallbackContractError where it is not what `prepare()` gave.
   * @throws CallbackUrlError where its URL may not be called back (any more).
   * @throws CallbackQueueError where the queue did not take it.
   */
  async submit(delivery: unknown): Promise<EnqueuedCallback> {
    checkDelivery(delivery);
    if (delivery.status === 'prepared') checkCallbackUrl(delivery.request.url, this.#policy);
    return this.#add(delivery);
  }

  /**
   * The callbacks that failed for good, the latest first.
   *
   * @param page - how many are listed, 100 where it does not say, and how many of the latest are passed over.
   * @throws TypeError where one of them is no whole number, at least 0.
   */
  async failed({ limit = 100, offset = 0 }: Partial<FailedPage> = {}): Promise<readonly FailedDelivery[]> {
    for (const [name, value] of Object.entries({ limit, offset })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new TypeError(`The \`${name}\` of failed() has to be a whole number, at least 0.`);
      }
    }
    return this.#sender.queue.failed({ limit, offset });
  }

  /**
   * Sends a callback that failed for good again, with the same bytes and the same id, and the whole schedule before it.
   *
   * @param id - of the delivery, as `failed()` lists it.
   * @throws CallbackQueueError where no such delivery has failed.
   * @example
   * for (const { id } of await callbacks.failed({ limit: 10 })) await callbacks.retry(id);
   */
  async retry(id: string): Promise<EnqueuedCallback> {
    if (isDeliveryId(id) && (await this.#sender.queue.retry(id))) return { status: 'queued', id };
    // What a route was given can hold line breaks, and errors are logged.
    const which = isDeliveryId(id) ? id : 'of such an id';
    throw new CallbackQueueError(`There is no failed delivery ${which}. Fix: take an id that failed() lists.`);
  }

  /** How many callbacks are queued, in flight, delivered (of those that the queue remembers) and failed. */
  stats(): Promise<CallbackStats> {
    return this.#sender.queue.stats();
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
    const check = (url: string) => void checkCallbackUrl(url, this.#policy);
    // Its keys are names of the class's methods.
    return callbackUrlsOf(operationsOf(callbacks), readExchange(exchange), check) as CallbackUrls<T>;
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const linked of [...this.#callbacks, ...linkedClassesIn(this.modules)]) {
      const { operations } = readCallbackContract(linked);
      this.#sender.learn(operations);
      await warnOfModels(operations, this.#undeclared);
    }
    for (const webhooks of this.#webhooks) {
      await warnOfModels(readWebhookContract(webhooks).operations, this.#undeclared);
    }
    await this.#sender.start(findListeners(this.discovery));
  }

  /** The listeners of the last attempts still find their app whole. */
  beforeApplicationShutdown(): Promise<void> {
    return this.#sender.stop();
  }

  /** The last requests have ended: nothing is enqueued any more. */
  onApplicationShutdown(): Promise<void> {
    return this.#sender.close();
  }

  #methodsOf<T extends object, Result>(
    callbacks: Type<T>,
    urls: CallbackUrls<T>,
    perform: (call: CallbackCall) => Promise<Result>,
  ): CallbackMethods<T, Result> {
    const operations = operationsOf(callbacks);
    this.#sender.learn(operations);
    if (typeof urls !== 'object' || urls === null) {
      const message = 'the URLs must be an object. Fix: pass what @CallbackUrls() or urls() returned';
      throw new CallbackContractError(callbacks.name, [{ path: '', message }]);
    }
    const given = urls as Readonly<Record<string, string | null | undefined>>;
    const methods = operations.map((operation) => {
      const method = (...values: unknown[]) => perform({ operation, url: given[operation.methodName], values });
      return [operation.methodName, method] as const;
    });
    // Built from the methods of the class: what the type says is there.
    return Object.fromEntries(methods) as unknown as CallbackMethods<T, Result>;
  }

  async #send(call: CallbackCall): Promise<CallbackResult> {
    const delivery = await prepareDelivery(call, this.#undeclared);
    if (delivery.status === 'skipped') return delivery;
    const { statusCode, headers, body } = await this.#sender.attempt(delivery);
    const reply = await readReply(call.operation, { statusCode, headers, body });
    const { id, request } = delivery;
    return { status: 'delivered', id, url: request.url, statusCode, headers, body: reply, attempts: 1 };
  }

  /** A URL that can never be sent to is refused now, and not in a log hours later. */
  async #prepare(call: CallbackCall, options: EnqueueOptions): Promise<PreparedCallback> {
    const delivery = await prepareDelivery(call, this.#undeclared, options);
    if (delivery.status === 'prepared') checkCallbackUrl(delivery.request.url, this.#policy);
    return delivery;
  }

  async #add(delivery: PreparedCallback): Promise<EnqueuedCallback> {
    if (delivery.status === 'skipped') return delivery;
    await this.#sender.queue.add(delivery);
    return { status: 'queued', id: delivery.id };
  }
}
