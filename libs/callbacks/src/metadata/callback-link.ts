import type { CallbackClass } from './callback-class.js';

/** What one `@ApiCallback()` declares: the callbacks of an operation, and their name. */
export interface CallbackLink {
  readonly callbacks: CallbackClass;
  /** The handlers that are linked; all handlers of the class if it is absent. */
  readonly only?: readonly string[];
  /** One name for all linked operations. It replaces the `name` of the class. */
  readonly name?: string;
}
