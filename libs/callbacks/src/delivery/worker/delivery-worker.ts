import { Logger } from '@nestjs/common';
import { readReply } from '../../client/read-reply.js';
import type { CallbackOperation } from '../../contract/callback-contract.js';
import { CallbackDeliveryError } from '../../contract/callback-delivery.error.js';
import { CallbackReplyError } from '../../contract/callback-reply.error.js';
import { attemptDelivery } from '../attempt.js';
import { hostOf } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { CallbackDelivered, CallbackEvent } from '../events/callback-events.js';
import type { CallbackListeners } from '../events/callback-listeners.js';
import type { AttemptOutcome, QueueWorker } from '../queue/callback-queue.js';
import type { Concurrency } from '../queue/concurrency-options.js';
import { nextStep } from '../retry/next-step.js';
import type { RetryPolicy } from '../retry/retry-options.js';
import type { SigningOptions } from '../signing/signing-options.js';
import type { Transport } from '../transport/transport.js';
import { HostSlots } from './host-slots.js';

/** What the worker of an app works with. */
export interface DeliveryWorkerOptions {
  readonly concurrency: Concurrency;
  readonly retry: RetryPolicy;
  readonly signing: SigningOptions | undefined;
  readonly listeners: CallbackListeners;
  readonly transport: Transport;
  /** The operation of a callback, where this process knows its class. */
  readonly operationOf: (callback: string) => CallbackOperation | undefined;
}

type Attempted = Pick<CallbackDelivered, 'statusCode' | 'headers' | 'body' | 'replyError'>;

/** Attempts the deliveries that a queue hands over: sends them, tells the listeners, writes the log, decides. */
export class DeliveryWorker implements QueueWorker {
  readonly #logger = new Logger('Callbacks');
  readonly #slots: HostSlots;

  constructor(private readonly options: DeliveryWorkerOptions) {
    this.#slots = new HostSlots(options.concurrency.perHost);
  }

  get concurrency(): number {
    return this.options.concurrency.total;
  }

  room(host: string): number {
    return this.#slots.room(host);
  }

  async attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome> {
    const host = hostOf(delivery);
    const { id, callback, key, request } = delivery;
    const event = { id, callback, ...(key === undefined ? {} : { key }), url: request.url, attempt };
    const begin = performance.now();
    const line = (status: number | undefined, outcome: string) => ({
      outcome,
      id,
      callback,
      host,
      status,
      duration: Math.round(performance.now() - begin),
      attempt,
    });
    this.#slots.take(host);
    try {
      const delivered = await this.#deliver(delivery);
      this.#logger.log(line(delivered.statusCode, 'delivered'));
      if (delivered.replyError) this.#logger.warn(`${id}: ${delivered.replyError.message}`);
      await this.options.listeners.tell('delivered', { ...event, ...delivered });
      return { status: 'delivered' };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const outcome = nextStep({ attempt, error }, this.options.retry);
      const statusCode = error instanceof CallbackDeliveryError ? error.statusCode : undefined;
      this.#logger.warn({ ...line(statusCode, outcome.status), error: error.message });
      await this.#tellFailure(event, error, outcome);
      return outcome;
    } finally {
      this.#slots.giveBack(host);
    }
  }

  async #deliver(delivery: CallbackDelivery): Promise<Attempted> {
    const { transport, signing, operationOf } = this.options;
    const reply = await attemptDelivery(delivery, transport, signing);
    const { statusCode, headers } = reply;
    const operation = operationOf(delivery.callback);
    try {
      const body = operation ? await readReply(operation, reply) : reply.body;
      return { statusCode, headers, body };
    } catch (error) {
      if (!(error instanceof CallbackReplyError)) throw error;
      return { statusCode, headers, body: undefined, replyError: error };
    }
  }

  async #tellFailure(event: CallbackEvent, error: Error, outcome: AttemptOutcome): Promise<void> {
    const { listeners } = this.options;
    const nextAttemptAt = outcome.status === 'retry' ? new Date(Date.now() + outcome.delay) : undefined;
    await listeners.tell('attemptFailed', { ...event, error, ...(nextAttemptAt && { nextAttemptAt }) });
    if (outcome.status === 'failed') await listeners.tell('failed', { ...event, error });
  }
}
