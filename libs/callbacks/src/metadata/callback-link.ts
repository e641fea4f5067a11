import type { CallbackClass } from './callback-class.js';

/** What one `@ApiCallback()` says: which callbacks belong to an operation, and under what name. */
export interface CallbackLink {
  readonly callbacks: CallbackClass;
  /** The methods that are linked; all of the class where it is not given. */
  readonly only?: readonly string[];
  /** One name for all linked operations, instead of the class's own rule. */
  readonly name?: string;
}
