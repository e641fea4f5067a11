import type { ContractIssue } from '../errors/callback-contract.error.js';
import type { OperationName } from '../metadata/callback-class.js';

/** A callback that a `CallbackReceiver` got, and that fits what the class documents. */
export interface ReceivedCallback<Arguments extends readonly unknown[] = readonly unknown[]> {
  /** The arguments that the method was called with, as the receiver reads them: instances of the declared classes. */
  readonly args: Arguments;
  /** The header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole URL, with the path and the query that it was called at. */
  readonly url: string;
  /** The `webhook-id`, where there is one: the same on every attempt of a delivery. */
  readonly id: string | undefined;
  /** The bytes of the body. */
  readonly rawBody: Buffer;
  /** The status that it was answered with; `undefined` where it was left without one, by `hang()` or `reset()`. */
  readonly statusCode: number | undefined;
}

/** A request that is no callback of the class, or a wrong one, and how it was answered. */
export interface RefusedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** 404, 401, 400, or 413 where it is longer than a megabyte. */
  readonly statusCode: number;
  /** Why, in whole sentences. */
  readonly message: string;
  /** Every part that does not fit. */
  readonly issues: readonly ContractIssue[];
}

/** The arguments of a callback method. */
export type ArgumentsOf<T extends object, Name extends OperationName<T>> = T[Name] extends (
  ...args: infer Arguments
) => unknown
  ? Arguments
  : never;

/** What a callback method is declared to return; anything where that is nothing. */
export type ReplyOf<T extends object, Name extends OperationName<T>> = T[Name] extends (...args: never[]) => infer Reply
  ? [Awaited<Reply>] extends [void]
    ? unknown
    : Awaited<Reply>
  : never;
