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

/** What has to be true of a member of a callback class for it to be a method. */
type AnyMethod = (...args: never[]) => unknown;

/*
 * Each method's arguments and reply are inferred in one conditional type: two cost the type checker a fifth more in all.
 */

/** A method without a return type returns `never`, which `receiverReplies()` does: its reply can be anything. */
type ReplyOf<Returned> = [Returned] extends [never] ? unknown : Awaited<Returned>;

/** The methods of a callback class, each of which sends its callback. */
export type CallbackClient<T extends object> = {
  readonly [Name in keyof T as T[Name] extends AnyMethod ? Name : never]: T[Name] extends (
    ...args: infer Given
  ) => infer Returned
    ? (...args: Given) => Promise<CallbackResult<ReplyOf<Returned>>>
    : never;
};

/** The methods of a callback class, each of which does one thing with its callback, and sends nothing itself. */
export type CallbackMethods<T extends object, Result> = {
  readonly [Name in keyof T as T[Name] extends AnyMethod ? Name : never]: T[Name] extends (
    ...args: infer Given
  ) => unknown
    ? (...args: Given) => Promise<Result>
    : never;
};
