/** What became of a callback that was sent. */
export type CallbackResult<Reply = unknown> =
  | {
      readonly status: 'delivered';
      /** The id of the delivery: the `webhook-id` where signing is on. */
      readonly id: string;
      /** Where it was sent. */
      readonly url: string;
      /** The HTTP status of the reply: 2xx. */
      readonly statusCode: number;
      /** The header fields of the reply, names in lower case. */
      readonly headers: Readonly<Record<string, string | string[]>>;
      /** The reply, as the model that the callback documents for it. */
      readonly body: Reply;
      /** How often it was sent. */
      readonly attempts: number;
    }
  /** The request gave no URL to be called back at: nothing was asked for, and nothing was sent. */
  | { readonly status: 'skipped' };

/** The methods of a callback class, each of which sends its callback. */
export type CallbackClient<T extends object> = {
  readonly [Name in keyof T as T[Name] extends (...args: never[]) => unknown ? Name : never]: T[Name] extends (
    ...args: infer Arguments
  ) => infer Reply
    ? (...args: Arguments) => Promise<CallbackResult<Awaited<Reply>>>
    : never;
};
