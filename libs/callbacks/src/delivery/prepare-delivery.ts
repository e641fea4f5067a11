import { receiverOf } from '../message/receiver-of.js';
import { renderRequest } from '../message/render-request.js';
import type { UndeclaredProperties } from '../message/undeclared-properties.js';
import { storedNameOf } from '../contract/callback-contract.js';
import type { CallbackOperation, ReceiverOperation } from '../contract/callback-contract.js';
import { deliveryMetadataOf } from '../metadata/callback-metadata.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { FORMAT_VERSION } from './callback-delivery.js';
import type { CallbackDelivery, JsonValue, PreparedCallback, SkippedCallback } from './callback-delivery.js';
import { deliveryId } from './delivery-id.js';
import { digestOf } from './digest-of.js';
import type { QueueTransaction } from './queue/callback-queue.js';
import { retryPolicyOf } from './retry/retry-options.js';
import type { RetryPolicy } from './retry/retry-options.js';

/** What `prepare()` can be told of a delivery. */
export interface PrepareOptions {
  /**
   * An idempotency key: one key, handler and URL is one delivery, however often it is enqueued, as long as the queue
   * remembers it. Its `webhook-id` is the same even after that.
   */
  key?: string;

  /**
   * Your own JSON, such as the tenant whose secret signs the callback: at most 4 KiB. It is kept with the delivery and
   * handed to `signing.secret()`, to `@OnCallback()` methods and to `deliveries()`. It is never sent and never logged.
   */
  context?: JsonValue;
}

/** What `enqueue()` can be told of a delivery. */
export interface EnqueueOptions extends PrepareOptions {
  /**
   * Your open transaction: the delivery is in the queue once that commits, and never if it rolls back. `fromTypeOrm()`,
   * `fromPrisma()`, `fromDrizzle()`, `fromKysely()` and `fromPg()` of `nestjs-callbacks/postgres` make it of what your
   * library has. For `postgresQueue()` only.
   */
  transaction?: QueueTransaction;
}

/** One call of a handler. */
export interface CallbackCall {
  readonly operation: ReceiverOperation;
  /** Where it goes; nothing if nobody asked for it. */
  readonly url: string | undefined;
  /** The arguments, as the handler declares them. */
  readonly values: readonly unknown[];
}

/** What an app does with what it is given; its runtime says it. */
export interface PreparationRules {
  readonly undeclared: UndeclaredProperties;
  readonly retry: RetryPolicy;
  /** Gives a URL as it is sent, and throws CallbackUrlError if it may not be called. */
  normalizeUrl(url: string): string;
}

const MAX_CONTEXT_BYTES = 4_096;

/** A delivery without what only a queue needs of it. */
export type RenderedDelivery = Omit<CallbackDelivery, 'status' | 'version' | 'receiver' | 'digest'>;

/**
 * Validates and renders a callback, to be sent at once.
 *
 * @throws CallbackContractError with every argument that does not fit what the handler declares.
 * @throws CallbackUrlError if the URL may not be called.
 * @throws TypeError if an option is wrong.
 */
export async function renderDelivery(
  { operation, url, values }: CallbackCall,
  rules: PreparationRules,
  { key, context }: PrepareOptions = {},
): Promise<RenderedDelivery | SkippedCallback> {
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw new TypeError('The `key` of a callback must be a string that is not empty.');
  }
  const ownContext = context === undefined ? {} : { context: textOf(context) };
  if (url === undefined) return { status: 'skipped' };
  const rendered = await renderRequest(operation, url, values, rules.undeclared);
  const request = { ...rendered, url: rules.normalizeUrl(rendered.url) };
  const callback = storedNameOf(operation);
  return {
    id: deliveryId({ callback, url: request.url, key }),
    callback,
    ...(key !== undefined && { key }),
    ...ownContext,
    ...ownRules(operation, rules.retry),
    request,
  };
}

/**
 * Validates and renders a callback, and stores nothing. A URL that can never be sent to is refused now, and not in a log hours
 * later. It throws what `renderDelivery()` throws.
 */
export async function prepareDelivery(
  call: CallbackCall,
  rules: PreparationRules,
  options?: PrepareOptions,
): Promise<PreparedCallback> {
  const rendered = await renderDelivery(call, rules, options);
  if ('status' in rendered) return rendered;
  // Without a URL it is skipped.
  const receiver = receiverOf(templateOf(call.operation), call.url!);
  return {
    status: 'prepared',
    version: FORMAT_VERSION,
    ...rendered,
    receiver,
    digest: digestOf(rendered.request),
  };
}

/** A webhook has none: its URL was agreed on outside of the API. */
function templateOf(operation: ReceiverOperation | CallbackOperation): UrlTemplate | undefined {
  return 'url' in operation ? operation.url : undefined;
}

/** What the class says of its deliveries: each carries it, for processes that do not know the class. */
function ownRules({ callbacks }: ReceiverOperation, usual: RetryPolicy) {
  const { timeout, retry, expiresAfter } = deliveryMetadataOf(callbacks);
  return {
    ...(timeout !== undefined && { timeout }),
    ...(retry !== undefined && { retry: retryPolicyOf(retry, usual) }),
    ...(expiresAfter !== undefined && { expiresAt: Date.now() + expiresAfter }),
  };
}

function textOf(context: JsonValue): string {
  const text = stringify(context);
  if (text === undefined) throw new TypeError('The `context` of a callback must be a value that JSON can hold.');
  if (Buffer.byteLength(text) <= MAX_CONTEXT_BYTES) return text;
  throw new TypeError(
    `The \`context\` of a callback must be at most ${MAX_CONTEXT_BYTES} bytes of JSON. Fix: give an id instead of the whole.`,
  );
}

function stringify(context: JsonValue): string | undefined {
  try {
    return JSON.stringify(context);
  } catch {
    return undefined;
  }
}
