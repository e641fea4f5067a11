import type { OperationName } from '../metadata/callback-metadata.js';

/** The options of a scripted reply. */
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
   * The number of callbacks that get this reply. Such replies come first, in the order of scripting. A reply without
   * `times` is for all other callbacks, until it is replaced.
   *
   * @default all callbacks
   */
  times?: number;
  /**
   * `true` if the reply is meant not to match the class: any body is accepted and sent.
   *
   * @default false
   */
  unchecked?: boolean;
}

/** The callbacks that get a fault. */
export interface FaultOptions<T extends object = object> {
  /**
   * The number of callbacks that get it; `Infinity` for all.
   *
   * @default 1
   */
  times?: number;
  /**
   * The handlers whose callbacks get it.
   *
   * @default all of them
   */
  only?: readonly OperationName<T>[];
}

/** The options of a failure. */
export interface FailureOptions<T extends object = object> extends FaultOptions<T> {
  /** The header `Retry-After`, in seconds. */
  retryAfter?: number;
  /** Header fields of the reply. */
  headers?: Readonly<Record<string, string>>;
  /** The body of the reply: a string is sent unchanged, anything else as JSON. */
  body?: unknown;
}

/** When a connection is reset. */
export interface ResetOptions<T extends object = object> extends FaultOptions<T> {
  /**
   * Whether the reply has already begun.
   *
   * @default false
   */
  midReply?: boolean;
}

/** The options of a dripping reply. */
export interface DripOptions<T extends object = object> extends FaultOptions<T> {
  /**
   * The time between two bytes, in ms.
   *
   * @default 20
   */
  interval?: number;
}
