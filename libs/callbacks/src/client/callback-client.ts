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

/** The names of the methods of a callback class. */
export type CallbackName<T extends object> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof T];

/** The arguments of a method of a callback class. */
type ArgumentsOf<Method> = Method extends (...args: infer Given) => unknown ? Given : never;

/** What a method of a callback class says that the receiver replies. */
type ReplyOf<Method> = Method extends (...args: never[]) => infer Returned ? Awaited<Returned> : never;

/** The methods of a callback class, each of which sends its callback. */
export type CallbackClient<T extends object> = {
  readonly [Name in CallbackName<T>]: (...args: ArgumentsOf<T[Name]>) => Promise<CallbackResult<ReplyOf<T[Name]>>>;
};

/** The methods of a callback class, each of which does one thing with its callback, and sends nothing itself. */
export type CallbackMethods<T extends object, Result> = {
  readonly [Name in CallbackName<T>]: (...args: ArgumentsOf<T[Name]>) => Promise<Result>;
};
