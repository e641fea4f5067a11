/** The result of sending a callback. */
export type CallbackResult<Reply = unknown> =
  | {
      readonly status: 'delivered';
      /** The id of the delivery, which is the `webhook-id` if signing is on. */
      readonly id: string;
      /** Where it was sent. */
      readonly url: string;
      /** The HTTP status of the reply: 2xx. */
      readonly statusCode: number;
      /** The header fields of the reply, names in lower case. */
      readonly headers: Readonly<Record<string, string | string[]>>;
      /** The body of the reply, as an instance of the documented model. */
      readonly body: Reply;
      /** How often it was sent. */
      readonly attempts: number;
    }
  /** The client gave no URL: it did not ask for a callback, and nothing was sent. */
  | { readonly status: 'skipped' };

/** The type of every handler. */
type AnyMethod = (...args: never[]) => unknown;

/* One conditional type infers the arguments and the reply: two cost the type checker a fifth more in total. */

/** A handler without a return type returns `never`, as `receiverReplies()` does: its reply can be anything. */
type HandlerReply<Returned> = [Returned] extends [never] ? unknown : Awaited<Returned>;

/** The handlers of a callback class as methods that send their callbacks. */
export type CallbackClient<T extends object> = {
  readonly [Name in keyof T as T[Name] extends AnyMethod ? Name : never]: T[Name] extends (
    ...args: infer Given
  ) => infer Returned
    ? (...args: Given) => Promise<CallbackResult<HandlerReply<Returned>>>
    : never;
};

/** The handlers of a callback class as methods that do something with their callbacks other than sending them. */
export type CallbackMethods<T extends object, Result> = {
  readonly [Name in keyof T as T[Name] extends AnyMethod ? Name : never]: T[Name] extends (
    ...args: infer Given
  ) => unknown
    ? (...args: Given) => Promise<Result>
    : never;
};
