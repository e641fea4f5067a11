import { CallbackError } from './callback.error.js';

/**
 * Why a callback was not delivered:
 *
 * - `connection`: the connection failed or broke: refused, reset, DNS, TLS, or a reply that is not HTTP;
 * - `timeout`: no status arrived before the deadline;
 * - `status`: the reply has a status other than 2xx;
 * - `reply-too-large`: the receiver sent too many bytes before a status;
 * - `machine`: this machine is at fault, not the receiver: it has no file descriptors, memory or local ports left;
 * - `request`: the request could not be made, or the app's axios instance refused or aborted it;
 * - `expired`: the `expiresAfter` of the callback class had passed before the attempt.
 */
export type CallbackDeliveryReason =
  | 'connection'
  | 'timeout'
  | 'status'
  | 'reply-too-large'
  | 'machine'
  | 'request'
  | 'expired';

/** What a `CallbackDeliveryError` knows besides its message. */
export interface CallbackDeliveryErrorDetails {
  readonly reason: CallbackDeliveryReason;
  readonly statusCode?: number | undefined;
  readonly replyExcerpt?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/**
 * An attempt to send a callback failed. The message names the HTTP method and the origin of the URL. The path, the
 * query, the headers and the bodies appear neither in the message nor when the error is printed.
 *
 * @example
 * const isWorthAnotherTry = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_DELIVERY';
 */
export class CallbackDeliveryError extends CallbackError {
  override readonly name = 'CallbackDeliveryError';
  readonly code = 'CALLBACK_DELIVERY';
  /** Why the attempt failed, as one stable word for programs. */
  readonly reason: CallbackDeliveryReason;
  /** The HTTP status of the reply, if there was one. */
  readonly statusCode: number | undefined;
  /** How long the receiver asks to wait before the next attempt, in ms: the `Retry-After` of its reply. */
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
   * The first 1 KiB of the reply's body, if there was a reply. It is not printed with the error, since the receiver
   * wrote it and it may repeat secrets of the request.
   */
  get replyExcerpt(): string | undefined {
    return this.#replyExcerpt;
  }
}
