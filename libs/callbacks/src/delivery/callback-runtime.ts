import type { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { isWebhookController } from '../metadata/callback-metadata.js';
import type { CallbackClass } from '../metadata/callback-metadata.js';
import type { RetryOptions } from '../metadata/delivery-options.js';
import { storedIdOf, storedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { readContract } from '../contract/read-contract.js';
import { linkedClassesIn } from '../metadata/app-controllers.js';
import type { HttpReply } from '../message/http-message.js';
import { StoredUrls } from '../message/stored-urls.js';
import { UndeclaredProperties, warnOfModels } from '../message/undeclared-properties.js';
import { AppLogger } from './app-logger.js';
import { attemptDelivery } from './attempt.js';
import type { AttemptedDelivery } from './attempt.js';
import { DeliveryOperator } from './delivery-operator.js';
import { checkCallbackUrl } from './egress/check-callback-url.js';
import { createEgressPolicy, egressWarnings } from './egress/egress-options.js';
import type { EgressOptions, EgressPolicy } from './egress/egress-options.js';
import { CallbackListeners, findListeners } from './events/on-callback.js';
import type { CallbackQueue } from './queue/callback-queue.js';
import { concurrencyOf } from './queue/concurrency-options.js';
import type { ConcurrencyOptions } from './queue/concurrency-options.js';
import { ManagedQueue } from './queue/managed-queue.js';
import { memoryQueue } from './queue/memory-queue.js';
import { retryPolicyOf } from './next-step.js';
import type { RetryPolicy } from './next-step.js';
import type { SigningOptions } from './signing.js';
import { loadTelemetry } from './telemetry/load-telemetry.js';
import type { Telemetry, TelemetryOptions } from './telemetry/telemetry.js';
import { LazyTransport } from './transport/lazy-transport.js';
import type { LazyTransportOptions } from './transport/lazy-transport.js';
import { DEFAULT_TIMEOUT_MS } from './transport/transport.js';
import { DeliveryWorker } from './worker/delivery-worker.js';

/** The options of an app for its deliveries. All have a default. */
export interface RuntimeOptions extends Pick<LazyTransportOptions, 'axios' | 'timeout' | 'maxReplyBytes'> {
  readonly egress?: EgressOptions;
  readonly callbacks?: readonly CallbackClass[];
  readonly webhooks?: readonly CallbackClass[];
  readonly undeclaredProperties?: 'remove' | 'error' | 'send';
  readonly signing?: SigningOptions;
  readonly queue?: CallbackQueue;
  readonly retry?: RetryOptions;
  readonly concurrency?: ConcurrencyOptions;
  readonly telemetry?: TelemetryOptions;
}

/** The token of the runtime. Nest prints the description if `Callbacks` is provided without the module. */
export const CALLBACK_RUNTIME = Symbol(
  'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module',
);

/** The queue, transport and worker of an app, from its start to its shutdown. */
export class CallbackRuntime {
  readonly queue: ManagedQueue;
  readonly operator: DeliveryOperator;
  /** How undeclared properties are handled. */
  readonly undeclared: UndeclaredProperties;
  readonly storedUrls: StoredUrls;
  /** When a delivery is attempted again, unless its class sets it. */
  readonly retry: RetryPolicy;
  /** How long one attempt may take, in ms. */
  readonly timeout: number;
  readonly #logger = new AppLogger('Callbacks');
  readonly #options: RuntimeOptions;
  readonly #policy: EgressPolicy;
  readonly #transport: LazyTransport;
  readonly #operations = new OperationRegistry();
  #worker: DeliveryWorker | undefined;
  #telemetry: Promise<Telemetry> | undefined;
  #endObservation = () => {};

  constructor(
    options: RuntimeOptions,
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
  ) {
    const { axios, egress, timeout = DEFAULT_TIMEOUT_MS, maxReplyBytes } = options;
    this.#options = options;
    this.timeout = timeout;
    const warn = (message: string) => this.#logger.warn(message);
    this.undeclared = new UndeclaredProperties(options.undeclaredProperties ?? 'remove', warn);
    this.storedUrls = new StoredUrls(warn);
    this.retry = retryPolicyOf(options.retry);
    this.#policy = createEgressPolicy(egress);
    this.#transport = new LazyTransport({ axios, policy: this.#policy, timeout, maxReplyBytes });
    this.queue = new ManagedQueue(options.queue ?? memoryQueue());
    this.operator = new DeliveryOperator(this.queue, async (delivery) => this.#worker?.cancelled(delivery));
  }

  /**
   * Returns a URL as it is stored, signed, shown and sent.
   *
   * @throws CallbackUrlError if it may not be called.
   */
  normalizeUrl(url: string): string {
    return checkCallbackUrl(url, this.#policy).href;
  }

  /** Makes one attempt now. */
  async attempt(delivery: AttemptedDelivery): Promise<HttpReply> {
    const telemetry = await this.loadTelemetry();
    return attemptDelivery(delivery, await this.#transport.load(), this.#options.signing, telemetry);
  }

  /** Loaded when it is first needed, because the app may set up its tracing late. */
  loadTelemetry(): Promise<Telemetry> {
    return (this.#telemetry ??= loadTelemetry(this.#options.telemetry));
  }

  /** Registers the operations of a class, which the replies to queued deliveries are validated with. */
  register(operations: readonly ReceiverOperation[]): void {
    this.#operations.register(operations);
  }

  /** Starts to work on the queue. */
  async start(): Promise<void> {
    for (const warning of egressWarnings(this.#policy)) this.#logger.warn(warning);
    const { callbacks = [], webhooks = [], concurrency, signing } = this.#options;
    for (const sent of [...callbacks, ...linkedClassesIn(this.modules), ...webhooks]) {
      const { operations } = readContract(sent);
      this.register(operations);
      await warnOfModels(operations, this.undeclared);
    }
    const telemetry = await this.loadTelemetry();
    this.#worker = new DeliveryWorker({
      concurrency: concurrencyOf(concurrency),
      retry: this.retry,
      signing,
      telemetry,
      listeners: new CallbackListeners(findListeners(this.discovery), this.timeout),
      loadTransport: () => this.#transport.load(),
      countWaiting: async (host, limit) =>
        (await this.queue.deliveries({ host, state: 'queued' }, { limit })).deliveries.length,
      timeout: this.timeout,
      operationOf: (callback) => this.#operations.find(callback),
    });
    await this.queue.start(this.#worker);
    this.#endObservation = telemetry.observe(() => this.queue.stats());
  }

  /** Begins no more attempts, and waits for those in flight for as long as one may take. */
  async stop(): Promise<void> {
    this.#worker?.end();
    await this.queue.stop(this.#worker?.longestTimeout ?? this.timeout);
    await this.#worker?.stopAlerts(this.timeout);
  }

  async close(): Promise<void> {
    this.#endObservation();
    try {
      await this.queue.close();
    } finally {
      await this.#transport.close();
    }
  }
}

/**
 * The operations that this process knows, by their names in stored deliveries. A queue also holds deliveries of other
 * processes.
 */
class OperationRegistry {
  readonly #logger = new AppLogger('Callbacks');
  readonly #known = new WeakSet<readonly ReceiverOperation[]>();
  readonly #ids = new Set<string>();
  /** `undefined` for a name that several operations have. */
  readonly #byName = new Map<string, ReceiverOperation | undefined>();

  /** @param operations - the operations of one class, always the same array. */
  register(operations: readonly ReceiverOperation[]): void {
    const [first] = operations;
    if (!first || this.#known.has(operations)) return;
    this.#known.add(operations);
    this.#addId(first.callbacks);
    for (const operation of operations) {
      const name = storedNameOf(operation);
      this.#byName.set(name, this.#byName.has(name) ? undefined : operation);
    }
  }

  /** Returns `undefined` if the class is unknown or several operations have the name. */
  find(name: string): ReceiverOperation | undefined {
    return this.#byName.get(name);
  }

  #addId(callbacks: CallbackClass): void {
    const id = storedIdOf(callbacks);
    const decorator = isWebhookController(callbacks) ? '@WebhookController' : '@CallbackController';
    if (this.#ids.has(id)) {
      this.#logger.warn(
        `Two classes are stored under the name ${id}: for handlers that both have, replies are not validated, and a key of both is one delivery. Fix: give one class its own name, ${decorator}({ id: '...' }).`,
      );
    } else if (id.length === 1) {
      this.#logger.warn(
        `A class is stored under the name ${id}, which looks minified and may belong to another class after the next build. Fix: give it a stable name, ${decorator}({ id: '...' }).`,
      );
    }
    this.#ids.add(id);
  }
}
