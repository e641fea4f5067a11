import { AsyncLocalStorage } from 'node:async_hooks';
import { assertReadable, readReply } from '../../message/read-reply.js';
import { requestIssues } from '../../message/render-request.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { CallbackContractError, CallbackReplyError } from '../../errors/contract.errors.js';
import { CallbackDeliveryError } from '../../errors/callback.errors.js';
import type { CallbackDeliveryReason } from '../../errors/callback.errors.js';
import { AppLogger, LogLine, AttemptLogLine } from '../app-logger.js';
import { attemptDelivery } from '../attempt.js';
import { contextOf, hostOf } from '../callback-delivery.js';
import type { CallbackDelivery, JsonValue } from '../callback-delivery.js';
import type {
  CallbackAttempted,
  CallbackDelivered,
  CallbackEvent,
  CallbackEvents,
  DeliveryEventName,
} from '../events/callback-events.js';
import { publishEvent } from '../events/diagnostics.js';
import { restoreEvent, storeEvent } from '../events/callback-events.js';
import type { AttemptOutcome, QueueWorker, UntoldEvent } from '../queue/callback-queue.js';
import type { Concurrency } from '../queue/concurrency-options.js';
import type { DeliveryAttempt, DeliverySummary } from '../queue/deliveries.js';
import { nextStep, retryPolicyOf } from '../next-step.js';
import type { RetryPolicy } from '../next-step.js';
import type { SigningOptions } from '../signing.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { deliveryError, replyExcerpt } from '../transport/delivery-failure.js';
import type { Transport } from '../transport/transport.js';
import { ReceiverSlots } from './receiver-slots.js';
import type { AttemptSlot } from './receiver-slots.js';
import { ReceiverAlerts } from './receiver-alerts.js';
import type { ReceiverAlertsOptions } from './receiver-alerts.js';
import { withinLimit } from '../deadline.js';

/** The options of the worker of an app. */
export interface DeliveryWorkerOptions extends ReceiverAlertsOptions {
  readonly concurrency: Concurrency;
  readonly retry: RetryPolicy;
  readonly signing: SigningOptions | undefined;
  readonly telemetry: Telemetry;
  /** How long one attempt may take on the wire, in ms, unless the delivery says otherwise. */
  readonly timeout: number;
  /** Loads the transport, which takes long the first time. */
  readonly loadTransport: () => Promise<Transport>;
  /** Returns the operation of a callback, if this process knows its class. */
  readonly operationOf: (callback: string) => ReceiverOperation | undefined;
}

/** The result of a successful attempt. */
type Delivered = Pick<CallbackDelivered, 'statusCode' | 'headers' | 'body' | 'replyError'> & {
  readonly excerpt: string;
};

/** An attempt that has ended. */
interface AttemptMade {
  readonly delivery: CallbackDelivery;
  readonly attempt: number;
  readonly at: Date;
  /** How long it took, in ms. */
  readonly duration: number;
}

/** Makes the attempts for a queue: sends the delivery, calls the listeners, writes the log and decides what follows. */
export class DeliveryWorker implements QueueWorker {
  readonly #logger = new AppLogger('Callbacks');
  /** Private, so that it is not printed with the worker: it may contain signing secrets. */
  readonly #options: DeliveryWorkerOptions;
  readonly #slots: ReceiverSlots;
  readonly #alerts: ReceiverAlerts;
  /** The app's own code must not run in the async context of the request that woke the queue. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  #isEnding = false;
  #longestTimeout: number;

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
    this.#slots = new ReceiverSlots(options.concurrency);
    this.#alerts = new ReceiverAlerts(options);
    this.#longestTimeout = options.timeout;
  }

  get concurrency(): number {
    return this.#options.concurrency.total;
  }

  /** The longest time that an attempt in flight may take on the wire, in ms. */
  get longestTimeout(): number {
    return this.#longestTimeout;
  }

  /** From now on, events that a listener fails to take are stored with their deliveries, for the next process. */
  end(): void {
    this.#isEnding = true;
  }

  /** Resolves once all events of receivers have been sent, or after `limit` ms. */
  stopAlerts(limit: number): Promise<void> {
    return this.#alerts.stop(limit);
  }

  acquire(receiver: string, most: number): number {
    return this.#slots.acquire(receiver, most);
  }

  release(receiver: string, slots: number): void {
    this.#slots.release(receiver, slots);
  }

  attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome> {
    return this.#inOwnContext(() => this.#attempt(delivery, attempt));
  }

  async cancelled(delivery: DeliverySummary): Promise<void> {
    const event = eventOf(delivery, delivery.url, delivery.attempts);
    publishEvent('cancelled', event);
    await this.#inOwnContext(() => this.#options.listeners.tell('cancelled', event));
  }

  async announce(untold: UntoldEvent): Promise<boolean> {
    const restored = restoreEvent(untold);
    if (!restored) {
      this.#logger.error('A stored event for listeners cannot be read, and is dropped.');
      return true;
    }
    const isTold = await this.#inOwnContext(() => this.#options.listeners.tell(restored.name, restored.event));
    return isTold || !this.#isEnding;
  }

  async #attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome> {
    const slot = this.#slots.begin(delivery.receiver);
    const at = new Date();
    const begin = performance.now();
    const { telemetry } = this.#options;
    const result = await telemetry.process(delivery, attempt, () => this.#deliver(delivery, slot)).catch(asError);
    const change = slot.end(hasAnswered(result));
    if (change) this.#alerts.tell(change, result instanceof Error ? result : undefined);
    const made = { delivery, attempt, at, duration: Math.round(performance.now() - begin) };
    const note = result instanceof Error ? this.#noteFailure(made, result) : this.#noteDelivery(made, result);
    const outcome = await note;
    telemetry.count(delivery.callback, outcome.status);
    return outcome;
  }

  async #deliver(delivery: CallbackDelivery, slot: AttemptSlot): Promise<Delivered> {
    const { loadTransport, signing, operationOf, telemetry, timeout: usual } = this.#options;
    const { timeout = usual, expiresAt = Infinity } = delivery;
    this.#longestTimeout = Math.max(this.#longestTimeout, timeout);
    if (Date.now() >= expiresAt) {
      const expired = `it expired at ${new Date(expiresAt).toISOString()}, before this attempt`;
      throw deliveryError(delivery.request, expired, { reason: 'expired' });
    }
    const operation = operationOf(delivery.callback);
    if (operation) assertRendered(operation, delivery);
    const transport = await loadTransport();
    const giveUp = new AbortController();
    const attempt = attemptDelivery(delivery, transport, signing, telemetry, giveUp.signal);
    // The transport has its own, earlier deadline. But an interceptor or the function for secrets can hang too.
    const reply = await withinLimit(attempt, 2 * timeout, () => {
      // Otherwise it would be sent when they continue, in parallel with the next attempt.
      giveUp.abort();
      throw deliveryError(delivery.request, `it did not end within ${2 * timeout} ms`, { reason: 'timeout' });
    }).finally(() => {
      const address = transport.addressOf(hostOf(delivery));
      if (address !== undefined) slot.connected(address);
    });
    const { statusCode, headers } = reply;
    const excerpt = replyExcerpt(reply.body);
    try {
      if (!operation) {
        assertReadable(delivery.callback, reply);
        return { statusCode, headers, body: reply.body, excerpt };
      }
      const body = await withinLimit(readReply(operation, reply), timeout, () => {
        const message = `its check did not end within ${timeout} ms`;
        throw new CallbackReplyError(delivery.callback, statusCode, [{ path: '', message }]);
      });
      return { statusCode, headers, body, excerpt };
    } catch (error) {
      if (!(error instanceof CallbackReplyError)) throw error;
      return { statusCode, headers, body: undefined, replyError: error, excerpt };
    }
  }

  async #noteDelivery(made: AttemptMade, { excerpt, ...delivered }: Delivered): Promise<AttemptOutcome> {
    const { statusCode, replyError } = delivered;
    this.#logger.log(new AttemptLogLine({ outcome: 'delivered', ...logOf(made), status: statusCode }));
    if (replyError) {
      const { id, key } = made.delivery;
      this.#logger.warn(new LogLine(replyError.message, { id, key }));
    }
    const untold = await this.#tell('delivered', { ...attemptedOf(made), ...delivered });
    const record = { ...recordOf(made), statusCode, ...(excerpt !== '' && { reply: excerpt }) };
    return { status: 'delivered', record, ...(untold.length > 0 && { untold }) };
  }

  async #noteFailure(made: AttemptMade, error: Error): Promise<AttemptOutcome> {
    const { retry } = made.delivery;
    const policy = retryPolicyOf(retry, this.#options.retry);
    const step = nextStep({ attempt: made.attempt, error }, policy);
    const { statusCode, replyExcerpt: reply } = error instanceof CallbackDeliveryError ? error : NO_REPLY;
    const nextAttemptAt = step.status === 'retry' ? new Date(Date.now() + step.delay) : undefined;
    const next = nextAttemptAt?.toISOString();
    const line = { outcome: step.status, ...logOf(made), status: statusCode, next, error: error.message };
    this.#logger.warn(new AttemptLogLine(line));
    // A postponed attempt does not count, so there is no event.
    if (step.status === 'postponed') return step;
    const event = { ...attemptedOf(made), error };
    const untold = await this.#tell('attemptFailed', { ...event, ...(nextAttemptAt && { nextAttemptAt }) });
    if (step.status === 'failed') untold.push(...(await this.#tell('failed', event)));
    const record = {
      ...recordOf(made),
      ...(statusCode !== undefined && { statusCode }),
      error: step.error,
      ...(reply && { reply }),
    };
    return { ...step, record, ...(untold.length > 0 && { untold }) };
  }

  /** @returns the event, if it must be sent again. */
  async #tell<Name extends DeliveryEventName>(name: Name, event: CallbackEvents[Name]): Promise<JsonValue[]> {
    publishEvent(name, event);
    const isTold = await this.#options.listeners.tell(name, event);
    return isTold || !this.#isEnding ? [] : [storeEvent(name, event)];
  }
}

/**
 * Anyone who can write to the queue could have arbitrary requests signed and sent. This allows only requests that the
 * class can render.
 */
function assertRendered(operation: ReceiverOperation, { callback, request }: CallbackDelivery): void {
  const issues = requestIssues(operation, request);
  if (issues.length === 0) return;
  const fix =
    'fix: do not change the HTTP method and headers of a handler before its deliveries have ended; restore them and retry() this one';
  throw new CallbackContractError(callback, [...issues, { path: '', message: fix }]);
}

const NO_REPLY = { statusCode: undefined, replyExcerpt: undefined };

const NOT_SENT: ReadonlySet<CallbackDeliveryReason> = new Set(['request', 'expired', 'machine']);

/** Whether the receiver answered; `undefined` if nothing was sent to it. */
function hasAnswered(result: Delivered | Error): boolean | undefined {
  if (!(result instanceof Error)) return true;
  if (!(result instanceof CallbackDeliveryError)) return undefined;
  if (result.statusCode !== undefined) return true;
  return NOT_SENT.has(result.reason) ? undefined : false;
}

function logOf({ delivery, duration, attempt }: AttemptMade) {
  const { id, callback, key } = delivery;
  return { id, callback, key, host: hostOf(delivery), duration, attempt };
}

function recordOf({ attempt, at, duration }: AttemptMade): DeliveryAttempt {
  return { attempt, at, duration };
}

function attemptedOf({ delivery, attempt, duration }: AttemptMade): CallbackAttempted {
  return { ...eventOf({ ...delivery, ...contextOf(delivery) }, delivery.request.url, attempt), duration };
}

function eventOf(
  { id, callback, key, context }: Pick<DeliverySummary, 'id' | 'callback' | 'key' | 'context'>,
  url: string,
  attempt: number,
): CallbackEvent {
  return { id, callback, ...(key !== undefined && { key }), ...(context !== undefined && { context }), url, attempt };
}

/** Code of the app can throw anything, but the queue stores the message, which must be a string. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
  return new Error(`A value of type ${typeof thrown} was thrown`);
}
