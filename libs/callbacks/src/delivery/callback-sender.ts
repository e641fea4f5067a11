import type { CallbackOperation } from '../contract/callback-contract.js';
import { attemptDelivery } from './attempt.js';
import type { CallbackDelivery } from './callback-delivery.js';
import { CallbackListeners } from './events/callback-listeners.js';
import type { Listener } from './events/callback-listeners.js';
import { AppQueue } from './queue/app-queue.js';
import type { CallbackQueue } from './queue/callback-queue.js';
import { concurrencyOf } from './queue/concurrency-options.js';
import type { ConcurrencyOptions } from './queue/concurrency-options.js';
import { memoryQueue } from './queue/memory-queue.js';
import { retryPolicyOf } from './retry/retry-options.js';
import type { RetryOptions } from './retry/retry-options.js';
import type { SigningOptions } from './signing/signing-options.js';
import type { TransportOptions } from './transport/axios-transport.js';
import { LazyTransport } from './transport/lazy-transport.js';
import { DEFAULT_TIMEOUT } from './transport/transport.js';
import type { TransportReply } from './transport/transport.js';
import { DeliveryWorker } from './worker/delivery-worker.js';
import { KnownOperations } from './worker/known-operations.js';

/** What an app says of its deliveries; every option has a default. */
export interface SenderOptions extends Pick<TransportOptions, 'axios' | 'egress' | 'timeout' | 'maxReplyBytes'> {
  readonly signing?: SigningOptions;
  readonly queue?: CallbackQueue;
  readonly retry?: RetryOptions;
  readonly concurrency?: ConcurrencyOptions;
}

/** Sends the deliveries of an app: one at once, and those of its queue from the app's start to its end. */
export class CallbackSender {
  readonly queue: CallbackQueue;
  readonly #options: SenderOptions;
  readonly #timeout: number;
  readonly #appQueue: AppQueue;
  readonly #operations = new KnownOperations();
  readonly #transport: LazyTransport;

  constructor(options: SenderOptions) {
    const { axios, egress, timeout = DEFAULT_TIMEOUT, maxReplyBytes } = options;
    this.#options = options;
    this.#timeout = timeout;
    this.#transport = new LazyTransport({ axios, egress, timeout, maxReplyBytes });
    this.queue = options.queue ?? memoryQueue();
    this.#appQueue = new AppQueue(this.queue);
  }

  /** Makes one attempt, now. */
  async attempt(delivery: CallbackDelivery): Promise<TransportReply> {
    return attemptDelivery(delivery, await this.#transport.load(), this.#options.signing);
  }

  /** Makes the operations of a class known: the replies to what is in the queue are validated by them. */
  learn(operations: readonly CallbackOperation[]): void {
    this.#operations.add(operations);
  }

  /** Begins to work on the queue. */
  async start(listeners: readonly Listener[]): Promise<void> {
    const { concurrency, retry, signing } = this.#options;
    const worker = new DeliveryWorker({
      concurrency: concurrencyOf(concurrency),
      retry: retryPolicyOf(retry),
      signing,
      listeners: new CallbackListeners(listeners, this.#timeout),
      loadTransport: () => this.#transport.load(),
      timeout: this.#timeout,
      operationOf: (callback) => this.#operations.find(callback),
    });
    await this.#appQueue.start(worker);
  }

  /** Begins no attempt any more, and waits for those in flight, for as long as one may take. */
  async stop(): Promise<void> {
    await this.#appQueue.stop(this.#timeout);
  }

  async close(): Promise<void> {
    await this.#appQueue.close();
    await this.#transport.close();
  }
}
