import { CallbackError } from './callback.error.js';

/**
 * Why a callback was not delivered:
 *
 * - `connection`: no connection, or one that broke: refused, reset, DNS, TLS, or a reply that is not HTTP;
 * - `timeout`: no status before the deadline;
 * - `status`: a reply with a status other than 2xx;
 * - `reply-too-large`: more bytes before a status than are read;
 * - `machine`: a fault of this machine, not of the receiver: no file descriptors, memory or local ports left;
 * - `request`: it could not be made, or the app's axios instance refused or aborted it;
 * - `expired`: the `expiresAfter` of its callback class had passed before the attempt.
 */
export type CallbackDeliveryReason =
  'connection' | 'timeout' | 'status' | 'reply-too-large' | 'machine' | 'request' | 'expired';

/** What a `CallbackDeliveryError` knows beside its message. */
export interface CallbackDeliveryErrorDetails {
  readonly reason: CallbackDeliveryReason;
  readonly statusCode?: number | undefined;
  readonly replyExcerpt?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/**
 * One attempt to send a callback that failed. The message names the method and the origin of the URL; its path and
 * query, the headers and the bodies are in neither the message nor what is printed of the error.
 *
 * @example
 * const isWorthAnotherTry = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_DELIVERY';
 */
export class CallbackDeliveryError extends CallbackError {
  override readonly name = 'CallbackDeliveryError';
  readonly code = 'CALLBACK_DELIVERY';
  /** Why it failed, in one stable word for programs. */
  readonly reason: CallbackDeliveryReason;
  /** The HTTP status of the reply, where one came. */
  readonly statusCode: number | undefined;
  /** How long the receiver asks to wait before it is tried again, in ms: the `Retry-After` of its reply. */
  readonly retryAfter: number | undefined;
  readonly #replyExcerpt: string | undefined;

  constructor(message: string, { reason, statusCode, replyExcerpt, retryAfter, cause }: CallbackDeliveryErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.statusCode = statusCode;
    this.retryAfter = retryAfter;
    this.#replyExcerpt = replyExcerpt;
  }

  /**
   * The first 1 KiB of the reply's body, where one came. It is not printed with the error: a stranger wrote it, and it
   * may repeat secrets of the request.
   */
  get replyExcerpt(): string | undefined {
    return this.#replyExcerpt;
  }
}
