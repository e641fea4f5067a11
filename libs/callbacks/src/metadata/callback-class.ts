import type { Type } from '@nestjs/common';

/** A class marked by `@CallbackController()` or `@WebhookController()`. */
export type CallbackClass<T extends object = object> = Type<T>;

/** The names of the handlers of a callback class. */
export type OperationName<T extends object> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof T] &
  string;
