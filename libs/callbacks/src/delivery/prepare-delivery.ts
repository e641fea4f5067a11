import { createHash, randomUUID } from 'node:crypto';
import { receiverOf } from '../message/receiver-of.js';
import { renderRequest } from '../message/render-request.js';
import type { UndeclaredProperties } from '../message/undeclared-properties.js';
import { storedNameOf } from '../contract/callback-contract.js';
import type { CallbackOperation, ReceiverOperation } from '../contract/callback-contract.js';
import { deliveryMetadataOf } from '../metadata/callback-metadata.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { FORMAT_VERSION, digestOf } from './callback-delivery.js';
import type { CallbackDelivery, JsonValue, PreparedCallback, SkippedCallback } from './callback-delivery.js';
import type { QueueTransaction } from './queue/callback-queue.js';
import { retryPolicyOf } from './next-step.js';
import type { RetryPolicy } from './next-step.js';

/** The options of `prepare()`. */
export interface PrepareOptions {
  /**
   * An idempotency key. Enqueuing the same key, handler and URL again is the same delivery, as long as the queue
   * remembers it. The `webhook-id` stays the same even after that.
   */
  key?: string;

  /**
   * Your own JSON of at most 4 KiB, such as the tenant whose secret signs the callback. It is stored with the delivery
   * and passed to `signing.secret()`, to `@OnCallback()` methods and to `deliveries()`. It is never sent and never
   * logged.
   */
  context?: JsonValue;
}

/** The options of `enqueue()`. */
export interface EnqueueOptions extends PrepareOptions {
  /**
   * Your open transaction. The delivery enters the queue if it commits, and not if it rolls back. `fromTypeOrm()`,
   * `fromPrisma()`, `fromDrizzle()`, `fromKysely()` and `fromPg()` of `nestjs-callbacks/postgres` convert the
   * transaction of your library. Only `postgresQueue()` supports it.
   */
  transaction?: QueueTransaction;
}

/** One call of a handler. */
export interface CallbackCall {
  readonly operation: ReceiverOperation;
  /** The URL; `undefined` if the client did not ask for the callback. */
  readonly url: string | undefined;
  /** The arguments of the handler. */
  readonly values: readonly unknown[];
}

/** The rules of an app, from its runtime. */
export interface PreparationRules {
  readonly undeclared: UndeclaredProperties;
  readonly retry: RetryPolicy;
  /** Returns a URL as it is sent, or throws CallbackUrlError if it may not be called. */
  normalizeUrl(url: string): string;
}

const MAX_CONTEXT_BYTES = 4_096;

/** A delivery without the members that only a queue needs. */
export type RenderedDelivery = Omit<CallbackDelivery, 'status' | 'version' | 'receiver' | 'digest'>;

/**
 * Validates and renders a callback that is sent at once.
 *
 * @throws CallbackContractError with every argument that does not match its declaration.
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
  const ownContext = context === undefined ? {} : { context: writeContext(context) };
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
 * Validates and renders a callback without storing it. A URL that may not be called is an error now instead of a log
 * line hours later. It throws the same errors as `renderDelivery()`.
 */
export async function prepareDelivery(
  call: CallbackCall,
  rules: PreparationRules,
  options?: PrepareOptions,
): Promise<PreparedCallback> {
  const rendered = await renderDelivery(call, rules, options);
  if ('status' in rendered) return rendered;
  // A callback without a URL is skipped.
  const receiver = receiverOf(templateOf(call.operation), call.url!);
  return {
    status: 'prepared',
    version: FORMAT_VERSION,
    ...rendered,
    receiver,
    digest: digestOf(rendered.request),
  };
}

/** A webhook has no template: its URL was agreed on outside of the API. */
function templateOf(operation: ReceiverOperation | CallbackOperation): UrlTemplate | undefined {
  return 'url' in operation ? operation.url : undefined;
}

/** Returns the delivery options of a class. Each delivery stores them, for processes that do not know the class. */
function ownRules({ callbacks }: ReceiverOperation, usual: RetryPolicy) {
  const { timeout, retry, expiresAfter } = deliveryMetadataOf(callbacks);
  return {
    ...(timeout !== undefined && { timeout }),
    ...(retry !== undefined && { retry: retryPolicyOf(retry, usual) }),
    ...(expiresAfter !== undefined && { expiresAt: Date.now() + expiresAfter }),
  };
}

function writeContext(context: JsonValue): string {
  const text = stringify(context);
  if (text === undefined) throw new TypeError('The `context` of a callback must be a JSON value.');
  if (Buffer.byteLength(text) <= MAX_CONTEXT_BYTES) return text;
  throw new TypeError(
    `The \`context\` of a callback must be at most ${MAX_CONTEXT_BYTES} bytes of JSON. Fix: pass an id instead of the data.`,
  );
}

function stringify(context: JsonValue): string | undefined {
  try {
    return JSON.stringify(context);
  } catch {
    return undefined;
  }
}

/** The parts that identify a delivery. */
export interface DeliveryIdentity {
  readonly callback: string;
  readonly url: string;
  readonly key: string | undefined;
}

/**
 * Returns the id of a delivery. The same key, callback and URL always give the same id, so the queue recognizes the
 * delivery, and so does the receiver, by its `webhook-id`.
 */
export function deliveryId({ callback, url, key }: DeliveryIdentity): string {
  // Ordered by time: an index over random ids costs twice as much, and even more with many rows.
  if (key === undefined) return `msg_${uuidV7()}`;
  // JSON separates the parts unambiguously.
  const hash = createHash('sha256').update(JSON.stringify([callback, url, key]));
  return `msg_${hash.digest('base64url')}`;
}

/**
 * Returns a UUID of version 7: 48 bits of time in ms, the version, the variant and random bits (RFC 9562, section 5.7).
 * The random bits come from a UUID of version 4, because Node.js caches random bytes for these. Asking the system for
 * 16 bytes costs more than everything else here.
 */
function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
