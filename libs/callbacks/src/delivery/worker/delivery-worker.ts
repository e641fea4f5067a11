import { readReply } from '../../client/read-reply.js';
import type { CallbackOperation } from '../../contract/callback-contract.js';
import { CallbackDeliveryError } from '../../contract/callback-delivery.error.js';
import { CallbackReplyError } from '../../contract/callback-reply.error.js';
import { AppLogger } from '../app-logger.js';
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
import { deliveryError } from '../transport/delivery-failure.js';
import type { Transport } from '../transport/transport.js';
import { AttemptLogLine } from './attempt-log-line.js';
import { HostSlots } from './host-slots.js';
import { withinLimit } from './within-limit.js';

/** What the worker of an app works with. */
export interface DeliveryWorkerOptions {
  readonly concurrency: Concurrency;
  readonly retry: RetryPolicy;
  readonly signing: SigningOptions | undefined;
  readonly listeners: CallbackListeners;
  /** How long one attempt may take on the wire, in ms. */
  readonly timeout: number;
  /** Loading it takes long, once. */
  readonly loadTransport: () => Promise<Transport>;
  /** The operation of a callback, where this process knows its class. */
  readonly operationOf: (callback: string) => CallbackOperation | undefined;
}

type Attempted = Pick<CallbackDelivered, 'statusCode' | 'headers' | 'body' | 'replyError'>;

/** An attempt that has ended. */
interface MadeAttempt {
  readonly delivery: CallbackDelivery;
  readonly attempt: number;
  readonly host: string;
  /** How long it took, in ms. */
  readonly duration: number;
}

/** Attempts the deliveries that a queue hands over: sends them, tells the listeners, writes the log, decides. */
export class DeliveryWorker implements QueueWorker {
  readonly #logger = new AppLogger('Callbacks');
  /** Not to be printed with the worker, by a queue of the app: it may hold signing secrets. */
  readonly #options: DeliveryWorkerOptions;
  readonly #slots: HostSlots;

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
    this.#slots = new HostSlots(options.concurrency.perHost);
  }

  get concurrency(): number {
    return this.#options.concurrency.total;
  }

  room(host: string): number {
    return this.#slots.room(host);
  }

  async attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome> {
    const host = hostOf(delivery);
    const begin = performance.now();
    this.#slots.take(host);
    const result = await this.#deliver(delivery).catch(asError);
    this.#slots.giveBack(host);
    const made = { delivery, attempt, host, duration: Math.round(performance.now() - begin) };
    return result instanceof Error ? this.#noteFailure(made, result) : this.#noteDelivery(made, result);
  }

  async #deliver(delivery: CallbackDelivery): Promise<Attempted> {
    const { loadTransport, signing, timeout, operationOf } = this.#options;
    const transport = await loadTransport();
    const giveUp = new AbortController();
    const attempt = attemptDelivery(delivery, transport, signing, giveUp.signal);
    // On the wire the transport's own deadline comes first. An interceptor or a function that gives secrets can hang too.
    const reply = await withinLimit(attempt, 2 * timeout, () => {
      // Else it would be sent when they go on, beside the next attempt.
      giveUp.abort();
      throw deliveryError(delivery.request, `it had not ended after ${2 * timeout} ms`, { reason: 'timeout' });
    });
    const { statusCode, headers } = reply;
    const operation = operationOf(delivery.callback);
    if (!operation) return { statusCode, headers, body: reply.body };
    try {
      const body = await withinLimit(readReply(operation, reply), timeout, () => {
        const message = `its check had not ended after ${timeout} ms`;
        throw new CallbackReplyError(delivery.callback, statusCode, [{ path: '', message }]);
      });
      return { statusCode, headers, body };
    } catch (error) {
      if (!(error instanceof CallbackReplyError)) throw error;
      return { statusCode, headers, body: undefined, replyError: error };
    }
  }

  async #noteDelivery(made: MadeAttempt, delivered: Attempted): Promise<AttemptOutcome> {
    this.#logger.log(new AttemptLogLine({ outcome: 'delivered', ...logOf(made), status: delivered.statusCode }));
    if (delivered.replyError) this.#logger.warn(`${made.delivery.id}: ${delivered.replyError.message}`);
    await this.#options.listeners.tell('delivered', { ...eventOf(made), ...delivered });
    return { status: 'delivered' };
  }

  async #noteFailure(made: MadeAttempt, error: Error): Promise<AttemptOutcome> {
    const { listeners, retry } = this.#options;
    const outcome = nextStep({ attempt: made.attempt, error }, retry);
    const status = error instanceof CallbackDeliveryError ? error.statusCode : undefined;
    this.#logger.warn(new AttemptLogLine({ outcome: outcome.status, ...logOf(made), status, error: error.message }));
    // No attempt was made that anybody could be told of.
    if (outcome.status === 'postponed') return outcome;
    const nextAttemptAt = outcome.status === 'retry' ? new Date(Date.now() + outcome.delay) : undefined;
    await listeners.tell('attemptFailed', { ...eventOf(made), error, ...(nextAttemptAt && { nextAttemptAt }) });
    if (outcome.status === 'failed') await listeners.tell('failed', { ...eventOf(made), error });
    return outcome;
  }
}

function logOf({ delivery: { id, callback }, host, duration, attempt }: MadeAttempt) {
  return { id, callback, host, duration, attempt };
}

function eventOf({ delivery: { id, callback, key, request }, attempt }: MadeAttempt): CallbackEvent {
  return { id, callback, ...(key === undefined ? {} : { key }), url: request.url, attempt };
}

/** Code of the app can throw anything. A queue stores the message: it has to be a text. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
  return new Error(`A value of type ${typeof thrown} was thrown`);
}
