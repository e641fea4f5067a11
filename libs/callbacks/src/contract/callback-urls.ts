/**
 * The callback URLs of one request: for each method of a callback class the URL that the request asked to be called
 * back at. Plain JSON, to be stored until the callback is due.
 */
export type CallbackUrls<T extends object> = {
  [Name in keyof T as T[Name] extends (...args: never[]) => unknown ? Name : never]?: string;
};
