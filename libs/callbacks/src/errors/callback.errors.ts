const BRAND = Symbol.for('nestjs-callbacks: CallbackError');

/**
 * The base class of every error of this package.
 *
 * @example
 * try {
 *   withCallbacks(app, document);
 * } catch (error) {
 *   if (error instanceof CallbackError) console.error(error.code, error.message);
 * }
 */
export abstract class CallbackError extends Error {
  /** Marks the errors of every copy of this package: `instanceof` works within one copy only. */
  get [BRAND](): true {
    return true;
  }

  /** What went wrong, as one stable word for programs: `CALLBACK_DOCUMENT`, … */
  abstract readonly code: string;
}

/**
 * Returns whether an error is one of this package. Its `code` says which one.
 *
 * @example
 * const isWorthTrying = (error: unknown) => isCallbackError(error) && error.code === 'CALLBACK_DELIVERY';
 */
export function isCallbackError(error: unknown): error is CallbackError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** What a `CallbackUrlError` knows besides its reason. */
export interface CallbackUrlErrorDetails {
  /** The host of the URL with its port, if the URL can be parsed. */
  readonly host?: string;
  /** The exact reason, if the client must not learn it. */
  readonly detail?: string;
  /** What the API developer can do, as a complete sentence. */
  readonly fix?: string;
  /** The runtime expression whose value cannot be used: `$request.query.callback_url`. */
  readonly expression?: string;
}

/**
 * A callback URL that cannot be used: it is relative, has another scheme, contains credentials, or leads to an address
 * that is not public. The message names the host but never the rest of the URL, which may contain secrets.
 *
 * @example
 * const isRefusedUrl = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_URL';
 */
export class CallbackUrlError extends CallbackError {
  override readonly name = 'CallbackUrlError';
  readonly code = 'CALLBACK_URL';
  /** The host of the URL with its port, if the URL can be parsed. */
  readonly host: string | undefined;
  /**
   * The exact reason, for the API developer, if `reason` does not give it: it can reveal what is open in your network.
   */
  readonly detail: string | undefined;
  /** What the API developer can do, as a complete sentence. */
  readonly fix: string | undefined;
  /** The runtime expression whose value cannot be used, if it came from a request: `$request.query.callback_url`. */
  readonly expression: string | undefined;

  constructor(
    /** Why the URL cannot be used, as the end of a sentence that the client may read: `it contains credentials`. */
    readonly reason: string,
    { host, detail, fix, expression }: CallbackUrlErrorDetails = {},
  ) {
    const place = host === undefined ? 'Cannot use a callback URL' : `Cannot call ${host}`;
    super(`${place}: ${detail ?? reason}.${fix === undefined ? '' : ` Fix: ${fix}`}`);
    this.host = host;
    this.detail = detail;
    this.fix = fix;
    this.expression = expression;
  }
}

type CallbackQueueErrorCode = 'CALLBACK_QUEUE' | 'CALLBACK_UNKNOWN_DELIVERY';

interface CallbackQueueErrorOptions extends ErrorOptions {
  readonly code?: CallbackQueueErrorCode;
}

/**
 * The queue did not accept a delivery, or did not answer: it is full, closed or unreachable. As far as the queue can
 * tell, the delivery is not stored. Enqueue it again, with a `key` if the receiver must not get it twice.
 *
 * @example
 * const isQueueDown = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_QUEUE';
 */
export class CallbackQueueError extends CallbackError {
  override readonly name = 'CallbackQueueError';
  /** `CALLBACK_UNKNOWN_DELIVERY`: the queue does not know the id of the delivery. */
  readonly code: CallbackQueueErrorCode;

  constructor(message: string, { code = 'CALLBACK_QUEUE', ...options }: CallbackQueueErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

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
