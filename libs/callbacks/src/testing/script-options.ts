import type { OperationName } from '../metadata/callback-class.js';

/** How a reply that is scripted differs from the documented success. */
export interface ReplyOptions {
  /**
   * The status of the reply: 200 to 299.
   *
   * @default the documented one
   */
  statusCode?: number;
  /** Header fields of the reply. */
  headers?: Readonly<Record<string, string>>;
  /**
   * For how many callbacks the reply is. Such replies come first, in the order in which they were scripted; one without
   * `times` is for all that follow, until another takes its place.
   *
   * @default every one
   */
  times?: number;
  /**
   * `true` where the reply is meant to be another than the class documents: any body is taken, and sent.
   *
   * @default false
   */
  unchecked?: boolean;
}

/** Which callbacks meet a fault. */
export interface FaultOptions<T extends object = object> {
  /**
   * How many callbacks meet it; `Infinity` for all.
   *
   * @default 1
   */
  times?: number;
  /**
   * The methods whose callbacks meet it.
   *
   * @default all of them
   */
  only?: readonly OperationName<T>[];
}

/** What a failure says. */
export interface FailureOptions<T extends object = object> extends FaultOptions<T> {
  /** When to try again, in seconds: the header `Retry-After`. */
  retryAfter?: number;
  /** Header fields of the reply. */
  headers?: Readonly<Record<string, string>>;
  /** The body of the reply: a string as it is, anything else as JSON. */
  body?: unknown;
}

/** Where a connection is reset. */
export interface ResetOptions<T extends object = object> extends FaultOptions<T> {
  /**
   * Whether the reply has begun when it happens.
   *
   * @default false
   */
  midReply?: boolean;
}

/** How a reply drips. */
export interface DripOptions<T extends object = object> extends FaultOptions<T> {
  /**
   * The time between two bytes, in ms.
   *
   * @default 20
   */
  interval?: number;
}
